import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { doctor } from "../../../commands/doctor/doctor.ts";
import { listCluster } from "../../../lib/cluster/inventory.ts";
import { controllerPolicy } from "../../../lib/iam/controller_policy.ts";
import { parseConfig } from "../../../lib/config/parse.ts";
import { TagKey } from "../../../lib/identity/tags.ts";
import { WORLD } from "../../../lib/sim/fresh_world.ts";
import type { InMemoryAws, InMemoryOptions } from "../../../lib/sim/in_memory.ts";
import { enforced } from "../../lib/iam/enforced.ts";
import { type AwsWorld, runWithAws } from "../aws_host.ts";
import { DOCTOR_CONFIG, DOCTOR_FILES, doctorAws, examine, PRICING } from "./world.ts";

const LAUNCH = ["--launch", "2", "--yes"];

/** Instances by their state. */
function states({ simulator }: InMemoryAws): string[] {
  return simulator.instances().map(({ state }) => state);
}

/** Findings in short, with the digits of instance ids left out. */
function short(ran: Awaited<ReturnType<typeof examine>>): string[] {
  return ran.findings.map(({ status, what }) => `${status} ${what.replace(/i-[0-9a-f]+/, "i-…")}`);
}

/** The guests print what the boot script prints of a launch index. */
function printNames({ simulator }: InMemoryAws, name = (index: number) => String(index)): void {
  const printed = new Set<string>();
  simulator.onChange(() => {
    for (const { instanceId, state, amiLaunchIndex, tags } of simulator.instances()) {
      if (state !== "running" || printed.has(instanceId)) continue;
      printed.add(instanceId);
      const prefix = tags[TagKey.Nodes]!.replace(/\[.*/, "");
      simulator.writeConsole(
        instanceId,
        `slurm-ec2: this instance is ${prefix}${name(amiLaunchIndex)} of cluster chip (launch index ${
          name(amiLaunchIndex)
        } of ${tags[TagKey.Nodes]})\n`,
      );
    }
  });
}

Deno.test("doctor --launch sees index, tags and metadata, and ends what it launched", async () => {
  const { aws, clock } = doctorAws({ pendingMs: 8_000, shuttingDownMs: 1_000 });
  printNames(aws);
  const ran = await examine(LAUNCH, { aws, clock });
  assertEquals(short(ran), [
    "pass RunInstances",
    "pass launch index, in RunInstances' answer",
    "pass launch index, in DescribeInstances",
    "pass tags",
    "pass metadata service and user data, i-…",
    "pass metadata service and user data, i-…",
    "pass TerminateInstances",
  ]);
  assertEquals(ran.exit, 0);
  clock.now += 10_000;
  assertEquals(states(aws), ["terminated", "terminated"]);
  const { RunInstances, TerminateInstances, StopInstances } = aws.simulator.calls();
  assertEquals([RunInstances, TerminateInstances, StopInstances], [1, 1, undefined]);
});

Deno.test("doctor --launch names what it launches, of the smallest type, and what that costs", async () => {
  const { aws, clock } = doctorAws();
  const ran = await examine(LAUNCH, { aws, clock });
  assertStringIncludes(
    ran.stderr,
    `2 × c7i.large, on demand, in ${WORLD.subnetIds[0]} of us-east-1, like node group a`,
  );
  assertStringIncludes(
    ran.stderr,
    "cost: 0.1 USD/h each on demand, 0.0033 USD at least; EC2 bills 60 s at least",
  );
  const [one] = aws.simulator.instances();
  assertEquals(one!.instanceType, "c7i.large");
  const unknown = await examine(LAUNCH, {
    ...doctorAws(),
    pricing: { getProducts: () => Promise.reject(new Error("no")) },
  });
  assertStringIncludes(unknown.stderr, "cost: price not known; EC2 bills 60 s at least");
});

Deno.test("doctor --launch stops and starts the instances of a group that stops", async () => {
  const { aws, clock } = doctorAws({ pendingMs: 8_000, stoppingMs: 20_000 });
  const ran = await examine([...LAUNCH, "--group", "b"], { aws, clock });
  assertEquals(short(ran).slice(-3), [
    "pass StopInstances",
    "pass StartInstances",
    "pass TerminateInstances",
  ]);
  assertMatch(ran.stderr, /0\.0067 USD at least/);
  assertEquals(ran.exit, 0);
});

Deno.test("doctor's instances are nodes of no cluster", async () => {
  const { aws, clock } = doctorAws();
  const interrupted = new AbortController();
  let owned: readonly unknown[] | undefined;
  const ec2 = {
    ...aws.ec2,
    getConsoleOutput: async (...args: Parameters<typeof aws.ec2.getConsoleOutput>) => {
      const sleep = () => Promise.resolve();
      owned = await listCluster({ ec2: aws.ec2, now: () => 0, sleep, random: () => 0, deadline: 1 }, "chip");
      return await aws.ec2.getConsoleOutput(...args);
    },
  };
  await examine(LAUNCH, { aws: { ...aws, ec2 }, clock, process: { interrupted: interrupted.signal } });
  assertEquals(owned, []);
  const [{ tags, userData }] = aws.simulator.instances() as unknown as [
    { tags: Record<string, string>; userData: string },
  ];
  assertEquals([tags[TagKey.Cluster], tags[TagKey.Naming]], ["chip", "test-launch"]);
  assertMatch(tags[TagKey.Nodes]!, /^slurm-ec2-test-launch-[0-9a-f]{8}-\[0-1\]$/);
  assertStringIncludes(atob(userData), "SET_SLURMD=/bin/true\n");
});

interface Case {
  readonly what: string;
  readonly options: InMemoryOptions;
  readonly told: readonly string[];
  readonly evidence?: RegExp;
}

const CASES: readonly Case[] = [
  {
    what: "there is no capacity",
    options: { capacity: { "c7i.large:us-east-1a": 0 } },
    told: ["fail RunInstances"],
    evidence: /launched nothing: InsufficientInstanceCapacity/,
  },
  {
    what: "there is capacity for one",
    options: { capacity: { "c7i.large:us-east-1a": 1 } },
    told: ["warn RunInstances"],
    evidence: /^1 of 2/,
  },
  {
    what: "one dies at birth",
    options: {
      pendingMs: 9_000,
      faults: [{ kind: "death", times: 1, afterMs: 3_000, code: "Client.VolumeLimitExceeded" }],
    },
    told: ["fail i-…"],
    evidence: /terminated: Client\.VolumeLimitExceeded/,
  },
  {
    what: "the launch's answer is lost once",
    options: { faults: [{ kind: "lost-answer", action: "RunInstances", times: 1 }] },
    told: [],
  },
  {
    what: "the launch's answer never comes",
    options: { faults: [{ kind: "lost-answer", action: "RunInstances", times: 3 }], invisibleMs: 30_000 },
    told: ["fail RunInstances"],
    evidence: /EndpointUnreachable/,
  },
  {
    what: "new instances are invisible for a while",
    options: { invisibleMs: 20_000 },
    told: [],
  },
  {
    what: "everything is throttled now and then",
    options: {
      faults: ["RunInstances", "DescribeInstances", "TerminateInstances"].map((action) =>
        ({ kind: "throttle", action, times: 2 }) as const
      ),
    },
    told: [],
  },
];

for (const { what, options, told, evidence } of CASES) {
  Deno.test(`doctor --launch leaves nothing running when ${what}`, async () => {
    const { aws, clock } = doctorAws(options);
    const ran = await examine(LAUNCH, { aws, clock });
    const found = ran.findings.filter(({ status }) => ["warn", "fail"].includes(status));
    assertEquals(short({ ...ran, findings: found }), [...told]);
    if (evidence) assertMatch(found[0]!.evidence, evidence);
    assertEquals(ran.exit, told.length > 0 ? 3 : 0);
    assertEquals(states(aws).filter((state) => state !== "terminated"), []);
  });
}

const ACTIONS = ["RunInstances", "DescribeInstances", "GetConsoleOutput", "StopInstances", "StartInstances"];
const passing = fc.oneof(
  fc.record({
    kind: fc.constant("throttle" as const),
    action: fc.constantFrom(...ACTIONS, "TerminateInstances"),
    times: fc.integer({ min: 1, max: 4 }),
  }),
  fc.record({
    kind: fc.constant("lost-answer" as const),
    action: fc.constantFrom(...ACTIONS),
    times: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({
    kind: fc.constant("error" as const),
    action: fc.constantFrom("RunInstances", "GetConsoleOutput", "StopInstances", "StartInstances"),
    times: fc.integer({ min: 1, max: 2 }),
    code: fc.constantFrom(
      "UnauthorizedOperation",
      "InternalError",
      "InsufficientInstanceCapacity",
      "Novelty",
    ),
  }),
  fc.record({
    kind: fc.constant("death" as const),
    times: fc.integer({ min: 1, max: 2 }),
    afterMs: fc.integer({ min: 0, max: 20_000 }),
    code: fc.constant("Server.InternalError"),
  }),
);

Deno.test("doctor --launch leaves nothing running whatever goes wrong, and whenever it is interrupted", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(passing, { maxLength: 4 }),
      fc.record({
        pendingMs: fc.integer({ min: 0, max: 20_000 }),
        invisibleMs: fc.integer({ min: 0, max: 20_000 }),
        stoppingMs: fc.integer({ min: 0, max: 20_000 }),
      }),
      fc.integer({ min: 0, max: 40 }),
      async (faults, times, stopAfter) => {
        const { aws, clock } = doctorAws({ ...times, faults });
        const interrupt = new AbortController();
        let calls = 0;
        aws.simulator.onChange(() => {
          if (++calls === stopAfter) interrupt.abort();
        });
        await examine([...LAUNCH, "--group", "b"], {
          aws,
          clock,
          process: { interrupted: interrupt.signal },
        });
        clock.now += 100_000;
        assertEquals(states(aws).filter((state) => state !== "terminated"), []);
      },
    ),
    { numRuns: 150 },
  );
});

Deno.test("doctor --launch tells when a node would take another's name", async () => {
  const { aws, clock } = doctorAws();
  printNames(aws, (index) => String(1 - index));
  const ran = await examine(LAUNCH, { aws, clock });
  const wrong = ran.findings.filter(({ status }) => status === "fail");
  assertEquals(wrong.length, 2);
  assertMatch(wrong[0]!.evidence, /found index 1 and the name slurm-ec2-test-launch-\w+-1, EC2 says 0/);
});

for (const at of ["runInstances", "describeInstances", "getConsoleOutput", "stopInstances"] as const) {
  Deno.test(`doctor --launch ends its instances when it is interrupted at ${at}`, async () => {
    const { aws, clock } = doctorAws({ stoppingMs: 60_000, invisibleMs: 7_000 });
    const interrupt = new AbortController();
    let launched = false;
    const ec2 = Object.fromEntries(
      Object.entries(aws.ec2).map(([method, call]) => [method, async (...args: never[]) => {
        launched ||= method === "runInstances";
        const answer = await (call as (...args: never[]) => Promise<unknown>)(...args);
        if (method === at && launched) interrupt.abort();
        return answer;
      }]),
    ) as unknown as InMemoryAws["ec2"];
    const ran = await examine([...LAUNCH, "--group", "b"], {
      aws: { ...aws, ec2 },
      clock,
      process: { interrupted: interrupt.signal },
    });
    assert(interrupt.signal.aborted);
    clock.now += 100_000;
    assertEquals(states(aws), ["terminated", "terminated"]);
    assertStringIncludes(ran.stdout, "was not looked at: interrupted");
    assertEquals(ran.exit, 3);
  });
}

Deno.test("doctor --launch looks at the rest where a console can't be read", async () => {
  const error = (code: string, times: number) =>
    ({ kind: "error", action: "GetConsoleOutput", times, code }) as const;
  const old = doctorAws({ faults: [error("UnsupportedOperation", 1)] });
  printNames(old.aws);
  assertEquals((await examine(LAUNCH, old)).exit, 0);
  const ran = await examine(
    [...LAUNCH, "--group", "b"],
    doctorAws({ faults: [error("UnauthorizedOperation", 1)] }),
  );
  assertEquals(short(ran).slice(4), [
    "can't tell metadata service and user data, i-…",
    "can't tell metadata service and user data, i-…",
    "pass StopInstances",
    "pass StartInstances",
    "pass TerminateInstances",
  ]);
  assertEquals(ran.exit, 3);
});

Deno.test("doctor --launch says loudly what it could not end", async () => {
  const code = "UnauthorizedOperation";
  const { aws, clock } = doctorAws({
    faults: [{ kind: "error", action: "TerminateInstances", times: 9, code }],
  });
  const ran = await examine(LAUNCH, { aws, clock });
  const failed = ran.findings.filter(({ status }) => status === "fail");
  assertEquals(failed.length, 2);
  assertMatch(failed[0]!.evidence, /^i-\w+ MAY STILL RUN, and cost: UnauthorizedOperation/);
  assertMatch(failed[0]!.fix!, /^aws ec2 terminate-instances --region us-east-1 --instance-ids i-\w+$/);
});

Deno.test("doctor finds what a killed doctor left, and its next launch ends it", async () => {
  const { aws, clock } = doctorAws({
    faults: [{ kind: "error", action: "TerminateInstances", times: 9, code: "UnauthorizedOperation" }],
  });
  await examine(LAUNCH, { aws, clock });
  aws.simulator.clearFaults();
  const young = await examine(["--only", "launch"], { aws, clock });
  assertEquals(short(young), ["warn i-…", "warn i-…"]);
  assertStringIncludes(young.findings[0]!.fix!, "# unless that doctor is still at work");
  clock.now += 3_700_000;
  const old = await examine(["--only", "launch"], { aws, clock });
  assertEquals(short(old), ["fail i-…", "fail i-…"]);
  assertEquals(states(aws), ["running", "running"]);
  const next = await examine(LAUNCH, { aws, clock });
  assertEquals(short(next).slice(0, 3), ["info i-…", "info i-…", "pass RunInstances"]);
  assertEquals(states(aws), ["terminated", "terminated", "terminated", "terminated"]);
});

for (const said of ["n", "", "nonsense"]) {
  Deno.test(`doctor --launch launches nothing when the answer is "${said}"`, async () => {
    const { aws, clock } = doctorAws();
    const ran = await examine(["--launch", "2"], { aws, clock, process: { ask: () => said } });
    assertEquals([short(ran), ran.exit], [["info test launch"], 0]);
    assertEquals(states(aws), []);
  });
}

Deno.test("doctor --launch launches when the answer is yes", async () => {
  const { aws, clock } = doctorAws();
  const asked: string[] = [];
  const ask = (question: string) => {
    asked.push(question);
    return "Y";
  };
  await examine(["--launch", "3"], { aws, clock, process: { ask } });
  assertEquals([asked, states(aws)], [["Launch them? [y/N] "], ["terminated", "terminated", "terminated"]]);
});

Deno.test("doctor --launch launches nothing where there is nobody to ask", async () => {
  const { aws, clock } = doctorAws();
  const world: AwsWorld = { aws, clock, files: DOCTOR_FILES, pricing: PRICING };
  const { exit, stderr } = await runWithAws(doctor, ["--launch", "2"], world);
  assertEquals([exit, states(aws)], [1, []]);
  assertMatch(stderr, /not a terminal.*nothing was launched.*--yes/);
});

Deno.test("doctor --launch tells why it can't when a parameter is missing", async () => {
  const { aws, clock } = doctorAws({ parameters: {} });
  const ran = await examine(LAUNCH, { aws, clock });
  assertEquals([short(ran), ran.exit, states(aws)], [["fail node group a"], 3, []]);
  assertEquals(ran.findings[0]!.fix, "slurm-ec2 doctor --only parameters");
});

Deno.test("doctor --launch needs no more than the printed policy", async () => {
  const { aws, clock } = doctorAws();
  const scope = { partition: "aws", region: WORLD.region, account: WORLD.account };
  const policy = controllerPolicy(parseConfig(DOCTOR_CONFIG, "slurm-ec2.yaml"), { scope });
  const ran = await examine([...LAUNCH, "--group", "b"], { aws: enforced(aws, policy), clock });
  assertEquals([ran.exit, states(aws)], [0, ["terminated", "terminated"]]);
});
