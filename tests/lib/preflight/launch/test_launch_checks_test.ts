import { assertEquals, assertMatch } from "@std/assert";
import { nameOnConsole } from "../../../../lib/preflight/launch/console_name.ts";
import type { TestLaunchFacts } from "../../../../lib/preflight/launch/test_launch.ts";
import {
  checkTestLaunch,
  type TestLaunchExpectation,
} from "../../../../lib/preflight/launch/test_launch_checks.ts";
import { makeInstance } from "../../../fixtures/make_instance.ts";

const TAGS = [{ Key: "slurm-ec2:cluster", Value: "chip" }];
const EXPECTED: TestLaunchExpectation = {
  region: "us-east-1",
  names: ["t-0", "t-1"],
  tags: TAGS,
  stopAndStart: true,
};
const tags = { "slurm-ec2:cluster": "chip" };
const one = (index: number, changes: Parameters<typeof makeInstance>[0] = {}) =>
  makeInstance({
    instanceId: `i-0000000000000000${index + 1}`,
    amiLaunchIndex: index,
    privateIpAddress: `10.0.0.${index + 1}`,
    tags,
    ...changes,
  });
const BOTH = [one(0), one(1)];
const console = (index: number, name = `t-${index}`) =>
  `boot\nslurm-ec2: this instance is ${name} of cluster chip (launch index ${index} of t-[0-1])\n`;
const GOOD: TestLaunchFacts = {
  launched: BOTH,
  described: BOTH,
  consoles: new Map(BOTH.map(({ instanceId, amiLaunchIndex }) => [instanceId, console(amiLaunchIndex)])),
  stopped: BOTH.map((instance) => ({ ...instance, state: "stopped" as const })),
  restarted: BOTH,
  ended: BOTH.map(({ instanceId }) => instanceId),
  unended: [],
};

Deno.test("checkTestLaunch() of all as it should be passes only", { permissions: "none" }, () => {
  const findings = checkTestLaunch(GOOD, EXPECTED);
  assertEquals(findings.map(({ status }) => status), Array(9).fill("pass"));
});

/** Nothing after the launch. */
const UNSEEN = { described: undefined, stopped: undefined, restarted: undefined };

const CASES: readonly (readonly [
  what: string,
  facts: Partial<TestLaunchFacts>,
  told: readonly string[],
  evidence: RegExp,
])[] = [
  [
    "an index twice",
    { launched: [one(0), one(1, { amiLaunchIndex: 0 })], ...UNSEEN },
    ["fail launch index, in RunInstances' answer"],
    /: 0, i-\w+: 0; they must differ, from 0 to 1/,
  ],
  [
    "an index that EC2 did not tell",
    { launched: [one(0), one(1, { amiLaunchIndex: -1 })], ...UNSEEN },
    ["fail launch index, in RunInstances' answer"],
    /-1/,
  ],
  [
    "an index past the launch",
    { launched: [one(0), one(1, { amiLaunchIndex: 2 })], ...UNSEEN },
    ["fail launch index, in RunInstances' answer"],
    /2/,
  ],
  [
    "an index that changes",
    { described: [one(0, { amiLaunchIndex: 1 }), one(1, { amiLaunchIndex: 0 })], consoles: new Map() },
    ["fail launch index, in DescribeInstances"],
    /had 0 and has 1/,
  ],
  ["an instance that EC2 does not show", { described: [one(0)] }, [
    "can't tell launch index, in DescribeInstances",
  ], /does not show i-00000000000000002/],
  [
    "a tag that is gone",
    { described: [one(0), one(1, { tags: {} })] },
    ["fail tags"],
    /lacks slurm-ec2:cluster/,
  ],
  ["a tag with another value", { described: [one(0), one(1, { tags: { "slurm-ec2:cluster": "x" } })] }, [
    "fail tags",
  ], /lacks/],
  ["an instance that never runs", { described: [one(0), one(1, { state: "pending" })] }, [
    "fail i-00000000000000002",
  ], /still pending/],
  [
    "an instance that died",
    { described: [one(0), one(1, { state: "terminated", stateReasonCode: "Server.InternalError" })] },
    ["fail i-00000000000000002"],
    /is terminated: Server\.InternalError/,
  ],
  [
    "a boot script that found another name",
    { consoles: new Map([[BOTH[0]!.instanceId, console(0, "t-1")], [BOTH[1]!.instanceId, console(1)]]) },
    ["fail metadata service and user data, i-00000000000000001"],
    /found index 0 and the name t-1, EC2 says 0, so t-0/,
  ],
  ["an instance that does not stop", { stopped: [one(0), one(1, { state: "stopping" })] }, [
    "fail StopInstances",
  ], /is stopping/],
  ["an index that is another after the start", { restarted: [one(0), one(1, { amiLaunchIndex: 0 })] }, [
    "fail StartInstances",
  ], /has index 0 now/],
  ["an address that is another after the start", {
    restarted: [one(0), one(1, { privateIpAddress: "10.0.0.9" })],
  }, [
    "fail StartInstances",
  ], /has another address now/],
  ["an instance that does not start", { restarted: [one(0), one(1, { state: "stopped" })] }, [
    "fail StartInstances",
  ], /is stopped/],
];

for (const [what, facts, told, evidence] of CASES) {
  Deno.test(`checkTestLaunch() tells of ${what}`, { permissions: "none" }, () => {
    const full = { ...GOOD, ...facts } as TestLaunchFacts;
    const found = checkTestLaunch(full, EXPECTED).filter(({ status, code }) =>
      status !== "pass" && !(status === "can't tell" && code === undefined)
    );
    assertEquals(found.map(({ status, what }) => `${status} ${what}`), [...told]);
    assertMatch(found[0]!.evidence, evidence);
  });
}

for (
  const [text, name] of [
    [undefined, undefined],
    ["", undefined],
    ["slurm-ec2: boot failed: no curl in PATH", undefined],
    ["[  3.2] slurm-ec2: this instance is a-1 of cluster my chip (launch index 1 of a-[0-1])", {
      name: "a-1",
      index: 1,
    }],
  ] as const
) {
  Deno.test(`nameOnConsole() of ${JSON.stringify(text)}`, { permissions: "none" }, () => {
    assertEquals(nameOnConsole(text), name);
  });
}
