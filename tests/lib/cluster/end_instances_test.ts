import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { AwsError } from "../../../lib/aws/aws_error.ts";
import type { Ec2Api } from "../../../lib/aws/ec2_api.ts";
import { startInstances, stopInstances, terminateInstances } from "../../../lib/cluster/end_instances.ts";

const pure = { permissions: "none" } as const;
const PATIENCE = { now: () => 0, sleep: () => Promise.resolve(), random: () => 0, deadline: 1 };
const ids = (count: number) => Array.from({ length: count }, (_, i) => `i-${String(i).padStart(17, "0")}`);

/** An EC2 that refuses a whole call for one bad id, or fails with these codes first. */
function ec2With(
  bad: ReadonlySet<string>,
  failures: readonly string[] = [],
  badCode = "InvalidInstanceID.NotFound",
) {
  const ended: string[] = [];
  const calls: number[] = [];
  const left = [...failures];
  const call = ({ InstanceIds }: { readonly InstanceIds: readonly string[] }) => {
    calls.push(InstanceIds.length);
    const code = left.shift() ??
      (InstanceIds.some((id) => bad.has(id)) ? badCode : undefined);
    if (code !== undefined) {
      return Promise.reject(new AwsError({ code, message: code, operation: "TerminateInstances" }));
    }
    ended.push(...InstanceIds);
    return Promise.resolve([]);
  };
  const ec2 = { terminateInstances: call, stopInstances: call, startInstances: call } as Pick<
    Ec2Api,
    "terminateInstances" | "stopInstances" | "startInstances"
  >;
  return { ec2, ended, calls };
}

for (const end of [terminateInstances, stopInstances, startInstances]) {
  Deno.test(`${end.name}() takes a thousand ids a call`, pure, async () => {
    const { ec2, ended, calls } = ec2With(new Set());
    assertEquals(await end(ec2, ids(2001), PATIENCE), []);
    assertEquals(calls, [1000, 1000, 1]);
    assertEquals(ended, ids(2001));
  });

  Deno.test(`${end.name}() of nothing makes no call`, pure, async () => {
    const { ec2, calls } = ec2With(new Set());
    assertEquals([await end(ec2, [], PATIENCE), calls], [[], []]);
  });
}

Deno.test(
  "terminateInstances() ends all but the bad ids, each once though it is named twice",
  pure,
  async () => {
    const all = ids(40);
    await fc.assert(fc.asyncProperty(fc.subarray(all), fc.subarray(all), async (asked, bad) => {
      const { ec2, ended } = ec2With(new Set(bad));
      const failed = await terminateInstances(ec2, [...asked, ...asked], PATIENCE);
      assertEquals(failed.map(({ item }) => item).sort(), asked.filter((id) => bad.includes(id)));
      assertEquals(ended.sort(), asked.filter((id) => !bad.includes(id)));
    }));
  },
);

Deno.test("terminateInstances() does not ask in halves after ExpiredToken", pure, async () => {
  const { ec2, calls } = ec2With(new Set(), Array(9).fill("ExpiredToken"));
  const failed = await terminateInstances(ec2, ids(8), PATIENCE);
  assertEquals([failed.length, calls.length], [8, 1]);
});

Deno.test(
  "terminateInstances() finds the one id of a thousand that IAM denies, wherever it is",
  pure,
  async () => {
    const all = ids(1000);
    for (const at of [0, 1, 500, 998, 999]) {
      const { ec2, ended } = ec2With(new Set([all[at]!]), [], "UnauthorizedOperation");
      const failed = await terminateInstances(ec2, all, PATIENCE);
      assertEquals([failed.map(({ item }) => item), ended.length], [[all[at]], 999]);
    }
  },
);

Deno.test("terminateInstances() gives up soon where IAM denies every id", pure, async () => {
  const { ec2, calls } = ec2With(new Set(ids(1000)), [], "UnauthorizedOperation");
  const failed = await terminateInstances(ec2, ids(1000), PATIENCE);
  assertEquals(failed.length, 1000);
  assert(calls.length <= 30, `${calls.length} calls`);
});

Deno.test("terminateInstances() waits out throttling and AWS's own faults", pure, async () => {
  const { ec2, ended, calls } = ec2With(new Set(), [
    "RequestLimitExceeded",
    "InternalError",
    "EndpointUnreachable",
  ]);
  assertEquals(await terminateInstances(ec2, ids(3), PATIENCE), []);
  assertEquals([ended.length, calls.length], [3, 4]);
});

Deno.test(
  "terminateInstances() answers every id of a chunk that failed and still ends the others",
  pure,
  async () => {
    const { ec2, ended } = ec2With(new Set(), ["ExpiredToken"]);
    const failed = await terminateInstances(ec2, ids(1500), PATIENCE);
    assertEquals([failed.length, ended.length], [1000, 500]);
  },
);
