import { type DayCost, dayCost } from "../capacity/day_cost.ts";
import type { Prices } from "../capacity/price.ts";
import { type CountedLaunch, isBilled, reckon, type Reckoning } from "../capacity/reckoning.ts";
import type { Draft } from "./draft.ts";
import { beganOf } from "./lifetimes.ts";
import type { LaunchRecord } from "./state.ts";

const NO_PRICES: Prices = new Map();

/** The prices that limits go by. */
export function pricesOf({ context }: Draft): Prices {
  return context.prices ?? NO_PRICES;
}

/** What an open launch may bring, the half that waits included. */
export function counted({ token, input, nodes, rest = [] }: LaunchRecord): CountedLaunch {
  return {
    token,
    instanceType: input.InstanceType,
    capacityType: input.InstanceMarketOptions === undefined ? "on-demand" : "spot",
    count: nodes.length + rest.length,
  };
}

/** What the instances and these launches come to, each launch with all of its nodes; absent: every open launch. */
export function reckonAll(draft: Draft, launches = [...draft.launches.map.values()]): Reckoning {
  const prices = pricesOf(draft);
  const today = draft.context.config.limits.maxDailyCost === undefined ? undefined : costToday(draft, prices);
  return reckon(draft.instances.map.values(), launches.map(counted), prices, today);
}

function costToday(draft: Draft, prices: Prices): DayCost {
  const running = [...draft.instances.map.values()].filter(isBilled)
    .filter(({ state }) => state !== "stopped")
    .map((one) => ({ instanceType: one.instanceType, capacityType: one.capacityType, began: beganOf(one) }));
  return dayCost([...draft.context.endedToday ?? [], ...running], draft.now.wall, prices);
}
