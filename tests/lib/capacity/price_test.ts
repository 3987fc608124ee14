import { assertEquals } from "@std/assert";
import { nodePrice, usdPerHour } from "../../../lib/capacity/price.ts";

const pure = { permissions: "none" } as const;
const PRICES = new Map([
  ["c7i.large", { onDemand: 0.1, spot: 0.04 }],
  ["m7i.large", { onDemand: 0.12 }],
  ["r7i.large", { spot: 0.05 }],
]);

for (
  const [type, bought, price] of [
    ["c7i.large", "on-demand", 0.1],
    ["c7i.large", "spot", 0.04],
    ["m7i.large", "spot", 0.12],
    ["r7i.large", "spot", 0.05],
    ["r7i.large", "on-demand", undefined],
    ["x2idn.large", "spot", undefined],
  ] as const
) {
  Deno.test(`usdPerHour() is ${price} for ${type} bought ${bought}`, pure, () => {
    assertEquals(usdPerHour(PRICES, type, bought), price);
  });
}

for (
  const [instanceTypes, capacityType, price, unpriced] of [
    [["c7i.large"], "spot", 0.04, []],
    [["c7i.large"], "spot-then-on-demand", 0.1, []],
    [["c7i.large", "m7i.large"], "on-demand", 0.12, []],
    [["c7i.large", "r7i.large"], "on-demand", 0.1, ["r7i.large"]],
    [["x2idn.large"], "on-demand", 0, ["x2idn.large"]],
  ] as const
) {
  Deno.test(`nodePrice() is the dearest of ${instanceTypes} bought ${capacityType}`, pure, () => {
    assertEquals(nodePrice(PRICES, { instanceTypes, capacityType }), {
      usdPerHour: price,
      unpriced: [...unpriced],
    });
  });
}
