import { assertEquals } from "@std/assert";
import { type CountedInstance, reckon } from "../../../lib/capacity/reckoning.ts";

const pure = { permissions: "none" } as const;
const PRICES = new Map([["c7i.large", { onDemand: 1, spot: 0.25 }]]);
const LAUNCH = { token: "t", instanceType: "c7i.large", capacityType: "on-demand", count: 3 } as const;

function instance(changes: Partial<CountedInstance>): CountedInstance {
  return {
    instanceType: "c7i.large",
    capacityType: "on-demand",
    state: "running",
    end: "no",
    endAction: "terminate",
    ...changes,
  };
}

for (
  const [what, changes, nodes, usd] of [
    ["runs", {}, 1, 1],
    ["is pending", { state: "pending" }, 1, 1],
    ["is a spot instance", { capacityType: "spot" }, 1, 0.25],
    ["is to be ended, and EC2 has not accepted it", { end: "due" }, 1, 1],
    ["is being terminated", { end: "asked" }, 0, 0],
    ["shuts down", { state: "shutting-down" }, 0, 0],
    ["has ended", { state: "terminated" }, 0, 0],
    ["is being stopped", { state: "stopping", end: "asked", endAction: "stop" }, 1, 0],
    ["is stopped", { state: "stopped", end: "asked", endAction: "stop" }, 1, 0],
    ["is stopped and to be started", { state: "stopped" }, 1, 1],
  ] as const
) {
  Deno.test(`reckon() counts ${nodes} nodes and ${usd} USD/h for an instance that ${what}`, pure, () => {
    const { nodes: count, usdPerHour, unpriced } = reckon([instance(changes)], [], PRICES);
    assertEquals([count, usdPerHour, unpriced.size], [nodes, usd, 0]);
  });
}

Deno.test("reckon() counts an open launch with all of its nodes", pure, () => {
  const { nodes, usdPerHour } = reckon([instance({})], [LAUNCH], PRICES);
  assertEquals(nodes, 4);
  assertEquals(usdPerHour, 4);
});

Deno.test("reckon() counts an instance that an open launch has brought once", pure, () => {
  const brought = [instance({ clientToken: "t" }), instance({ clientToken: "t", state: "terminated" })];
  assertEquals(reckon(brought, [LAUNCH], PRICES).nodes, 2);
  assertEquals(reckon([1, 2, 3, 4].map(() => instance({ clientToken: "t" })), [LAUNCH], PRICES).nodes, 4);
});

Deno.test("reckon() names the types that are billed and have no price", pure, () => {
  const stopped = instance({ instanceType: "r7i.large", state: "stopped", end: "asked", endAction: "stop" });
  const { unpriced } = reckon([instance({ instanceType: "m7i.large" }), stopped], [], PRICES);
  assertEquals([...unpriced], ["m7i.large"]);
});
