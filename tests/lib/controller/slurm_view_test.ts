import { assertEquals } from "@std/assert";
import { nodeUse, viewOf } from "../../../lib/controller/slurm_view.ts";
import { slurmNode } from "./scene.ts";

const pure = { permissions: "none" } as const;

for (
  const [state, use] of [
    ["IDLE+POWERED_DOWN", "off"],
    ["IDLE", "up"],
    ["ALLOCATED", "up"],
    ["IDLE+DRAIN", "up"],
    ["IDLE+NOT_RESPONDING", "up"],
    ["ALLOCATED+POWERING_UP", "awaited"],
    ["IDLE+POWERED_DOWN+POWER_UP", "awaited"],
    ["MIXED+NOT_RESPONDING+POWERING_UP", "awaited"],
    ["DOWN+POWERING_UP", "down"],
    ["DOWN+POWERED_DOWN", "down"],
    ["DOWN", "down"],
    ["DOWN+POWER_DOWN", "going-down"],
    ["DOWN+POWERING_DOWN", "going-down"],
    ["IDLE+POWERING_DOWN", "going-down"],
    ["IDLE+POWER_DOWN", "going-down"],
    ["IDLE+POWERING_UP+POWER_DOWN", "going-down"],
    // POWER_DOWN_ASAP: its job runs on, and its instance with it.
    ["ALLOCATED+DRAIN+POWER_DOWN", "up"],
    ["IDLE+COMPLETING+POWER_DOWN", "up"],
    ["UNKNOWN", "unclear"],
    ["FUTURE", "unclear"],
  ] as const
) {
  Deno.test(`nodeUse() of ${state} is ${use}`, pure, () => {
    assertEquals(nodeUse(slurmNode("c0", state)), use);
  });
}

Deno.test("viewOf() reads until when a reason of ours keeps the node down", pure, () => {
  const view = (reason: string) => viewOf(slurmNode("c0", "DOWN", { reason }), 5).until;
  assertEquals(view("X: y [slurm-ec2 until=2026-01-01T00:00:00Z]"), Date.UTC(2026, 0, 1));
  assertEquals(view("slurm-ec2 until=2026-01-01T00:00:00Z (Code:X) y"), Date.UTC(2026, 0, 1));
  assertEquals(view("disk broken"), undefined);
});
