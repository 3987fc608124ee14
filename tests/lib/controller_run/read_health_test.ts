import { assertEquals } from "@std/assert";
import { readHealth } from "../../../lib/controller_run/read_health.ts";
import { inMemoryAws } from "../../../lib/sim/in_memory.ts";
import { WORLD } from "../../../lib/sim/fresh_world.ts";

const pure = { permissions: "none" } as const;

/** Four instances of the account: all well, a failed system check, a failed check of the guest, a planned event. */
async function account() {
  let now = 0;
  const aws = inMemoryAws({ now: () => now });
  const launched = await aws.ec2.runInstances({
    ImageId: WORLD.imageIds.x86_64,
    InstanceType: "c7i.large",
    MinCount: 4,
    MaxCount: 4,
    ClientToken: "t",
  });
  now = 3_600_000;
  const [_, system, guest, planned] = launched.map(({ instanceId }) => instanceId);
  aws.simulator.impair(system!, { system: 60_000 });
  aws.simulator.impair(guest!, { instance: 60_000 });
  aws.simulator.scheduleEvent(planned!, { code: "instance-reboot", notBefore: now + 60_000 });
  aws.simulator.resetCalls();
  return { aws, system: system!, guest: guest!, planned: planned! };
}

Deno.test(
  "readHealth() answers the instances with a failed check or a planned event, each once",
  pure,
  async () => {
    const { aws, system, guest, planned } = await account();
    aws.simulator.impair(planned, { system: 60_000, instance: 60_000 });
    const health = await readHealth(aws.ec2, 1);
    assertEquals(health.map(({ instanceId }) => instanceId).sort(), [system, guest, planned].sort());
    assertEquals(aws.simulator.calls(), { DescribeInstanceStatus: 3 });
  },
);

for (const [reads, questions] of [[9, 3], [10, 2], [40, 2]] as const) {
  Deno.test(`readHealth() takes ${questions} calls after a listing of ${reads}`, pure, async () => {
    const { aws } = await account();
    await readHealth(aws.ec2, reads);
    assertEquals(aws.simulator.calls(), { DescribeInstanceStatus: questions });
  });
}
