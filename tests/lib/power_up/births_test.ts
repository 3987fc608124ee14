import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { AwsError } from "../../../lib/aws/aws_error.ts";
import type { DescribeInstancesInput } from "../../../lib/aws/ec2_api.ts";
import type { Instance } from "../../../lib/aws/instance.ts";
import { findDead } from "../../../lib/power_up/births.ts";
import { inMemoryAws } from "../../../lib/sim/in_memory.ts";
import { replacing } from "../../fixtures/rig.ts";
import { makeInstance } from "../../fixtures/make_instance.ts";

const pure = { permissions: "none" } as const;

/** A describe that knows these dead instances, and what it was asked. */
function dying(dead: readonly Instance[], failures: readonly string[] = []) {
  const asked: DescribeInstancesInput[] = [];
  const left = [...failures];
  const { ec2 } = inMemoryAws({ now: () => 0, sleep: () => Promise.resolve() });
  const describeInstances = (input: DescribeInstancesInput) => {
    asked.push(input);
    const code = left.shift();
    if (code !== undefined) {
      return Promise.reject(new AwsError({ code, message: code, operation: "DescribeInstances" }));
    }
    const ids = new Set(input.Filters!.find(({ Name }) => Name === "instance-id")!.Values);
    return Promise.resolve({ items: dead.filter(({ instanceId }) => ids.has(instanceId)) });
  };
  const ports = {
    ec2: replacing(ec2, { describeInstances }),
    now: () => 0,
    sleep: () => Promise.resolve(),
    random: () => 0,
    deadline: 1e6,
  };
  return { ports, asked };
}

const newborn = (count: number) =>
  Array.from(
    { length: count },
    (_, i) => ({ nodeName: `c${i}`, instance: makeInstance({ instanceId: `i-${i}` }) }),
  );

Deno.test("findDead() names the nodes whose instance has died, and why", pure, async () => {
  const died = makeInstance({
    instanceId: "i-1",
    state: "terminated",
    stateReasonCode: "Client.InternalError",
    privateIpAddress: undefined,
  });
  const { ports } = dying([died]);
  const [short, ...rest] = await findDead(ports, newborn(3));
  assertEquals([short!.nodeName, short!.refusal.code, rest.length], ["c1", "Client.InternalError", 0]);
  assertStringIncludes(short!.refusal.message, "aws ec2 describe-instances --instance-ids i-1");
});

Deno.test("findDead() does without EC2's reason when it gives none", pure, async () => {
  const { ports } = dying([makeInstance({ instanceId: "i-0", state: "terminated" })]);
  assertEquals((await findDead(ports, newborn(1)))[0]!.refusal.code, "Server.Unknown");
});

Deno.test(
  "findDead() asks for at most 200 ids a call, and for none at all when nothing was launched",
  pure,
  async () => {
    const { ports, asked } = dying([]);
    assertEquals(await findDead(ports, newborn(450)), []);
    assertEquals(asked.map(({ Filters }) => Filters![0]!.Values.length), [200, 200, 50]);
    assertEquals(asked[0]!.Filters![1], {
      Name: "instance-state-name",
      Values: ["shutting-down", "terminated"],
    });
    assertEquals(await findDead(ports, []), []);
    assertEquals(asked.length, 3);
  },
);

Deno.test("findDead() waits out throttling, and passes on what does not pass", pure, async () => {
  const throttled = dying([], ["RequestLimitExceeded", "RequestLimitExceeded"]);
  assertEquals(await findDead(throttled.ports, newborn(1)), []);
  assertEquals(throttled.asked.length, 3);
  const forbidden = dying([], ["UnauthorizedOperation"]);
  await assertRejects(() => findDead(forbidden.ports, newborn(1)), AwsError, "UnauthorizedOperation");
});
