import { assertEquals } from "@std/assert";
import { dayCost, dayStart } from "../../../lib/capacity/day_cost.ts";

const pure = { permissions: "none" } as const;
const HOUR = 3_600_000;
const DAY = Date.UTC(2026, 10, 30);
const PRICES = new Map([["c7i.large", { onDemand: 1, spot: 0.25 }]]);
const one = { instanceType: "c7i.large", capacityType: "on-demand" };

for (
  const [what, charged, usd] of [
    ["runs since two hours", { ...one, began: DAY + 10 * HOUR }, 2],
    ["runs since yesterday", { ...one, began: DAY - 50 * HOUR }, 12],
    ["is spot", { ...one, capacityType: "spot", began: DAY + 10 * HOUR }, 0.5],
    ["ended today", { ...one, began: DAY - HOUR, ended: DAY + 3 * HOUR }, 3],
    ["ended yesterday", { ...one, began: DAY - 3 * HOUR, ended: DAY - HOUR }, 0],
    ["was launched by a clock that is ahead", { ...one, began: DAY + 13 * HOUR }, 0],
  ] as const
) {
  Deno.test(`dayCost() is ${usd} USD at noon for an instance that ${what}`, pure, () => {
    assertEquals(dayCost([charged], DAY + 12 * HOUR, PRICES).usd, usd);
  });
}

Deno.test("dayCost() names the types of today that have no price", pure, () => {
  const types = [["m7i.large", DAY + HOUR], ["r7i.large", DAY - HOUR]] as const;
  const charged = types.map(([instanceType, ended]) => ({
    ...one,
    instanceType,
    began: DAY - 2 * HOUR,
    ended,
  }));
  assertEquals([...dayCost(charged, DAY + 2 * HOUR, PRICES).unpriced], ["m7i.large"]);
});

Deno.test("dayStart() is midnight UTC", pure, () => {
  assertEquals([dayStart(DAY), dayStart(DAY + 24 * HOUR - 1), dayStart(DAY - 1)], [
    DAY,
    DAY,
    DAY - 24 * HOUR,
  ]);
});
