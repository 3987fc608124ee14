import { assertEquals } from "@std/assert";
import { exceeded } from "../../../lib/capacity/exceeded.ts";
import { NOTHING } from "../../../lib/capacity/reckoning.ts";

Deno.test("exceeded() names each limit that is beyond, and none that is just reached", {
  permissions: "none",
}, () => {
  const use = { ...NOTHING, nodes: 25, usdPerHour: 12.5, today: { usd: 90, unpriced: new Set<string>() } };
  assertEquals(exceeded({ maxNodes: 25, maxHourlyCost: 12.5, maxDailyCost: 90 }, use), []);
  assertEquals(exceeded({}, use), []);
  assertEquals(exceeded({ maxNodes: 20, maxHourlyCost: 10, maxDailyCost: 80 }, use), [
    "limits.maxNodes is 20, and there are 25 instances",
    "limits.maxHourlyCost is 10, and what runs costs 12.50 USD/h",
    "limits.maxDailyCost is 80, and today has cost 90.00 USD",
  ]);
});
