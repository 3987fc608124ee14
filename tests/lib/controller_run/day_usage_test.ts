import { assertEquals } from "@std/assert";
import { DayUsage } from "../../../lib/controller_run/day_usage.ts";
import type { Lifetime } from "../../../lib/store/lifetime.ts";

const HOUR = 3_600_000;
const DAY = Date.UTC(2026, 10, 30);

function lifetime(instanceId: string, began: number, ended?: number): Lifetime {
  return {
    instanceId,
    nodeGroup: "c",
    instanceType: "c7i.large",
    availabilityZone: "us-east-1a",
    capacityType: "on-demand",
    imageId: "ami-1",
    began,
    ...(ended !== undefined && { ended }),
  };
}

Deno.test("DayUsage reads what has ended today once a day, and takes the events that follow", {
  permissions: "none",
}, () => {
  const asked: number[] = [];
  const usage = new DayUsage({
    lifetimes(from) {
      asked.push(from);
      return [lifetime("i-1", DAY - HOUR, DAY + HOUR), lifetime("i-2", DAY)];
    },
  });
  const ids = (wall: number) => [...usage.ended(wall)].map(({ ended }) => ended);
  assertEquals(ids(DAY + 2 * HOUR), [DAY + HOUR]);
  const end = { kind: "lifetime", ...lifetime("i-2", DAY, DAY + 3 * HOUR) } as const;
  usage.take([end, end, { kind: "lifetime", ...lifetime("i-3", DAY + HOUR) }]);
  assertEquals([ids(DAY + 4 * HOUR), asked], [[DAY + HOUR, DAY + 3 * HOUR], [DAY]]);
  usage.ended(DAY + 25 * HOUR);
  assertEquals(asked, [DAY, DAY + 24 * HOUR]);
});
