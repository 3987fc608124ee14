import { type Charged, type DayCost, dayCost } from "../capacity/day_cost.ts";
import type { Prices } from "../capacity/price.ts";
import { type CountedLaunch, isBilled, reckon, type Reckoning } from "../capacity/reckoning.ts";
import type { Draft } from "./draft.ts";
import { beganOf } from "./lifetimes.ts";
import type { InstanceRecord, LaunchRecord } from "./state.ts";

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

/** What is reckoned by. */
export interface Tariff {
  readonly prices: Prices;
  /** Milliseconds since 1970 UTC, where the day's cost is wanted; with what has ended since midnight. */
  readonly today?: { readonly wall: number; readonly ended: Iterable<Charged> };
}

/** What instances and launches come to, each launch with all of its nodes. */
export function reckonOf(
  instances: Iterable<InstanceRecord>,
  launches: readonly LaunchRecord[],
  { prices, today }: Tariff,
): Reckoning {
  const all = [...instances];
  return reckon(all, launches.map(counted), prices, today && costToday(all, today, prices));
}

/** The same of a draft; launches absent: every open one. */
export function reckonAll(draft: Draft, launches = [...draft.launches.map.values()]): Reckoning {
  const { config: { limits }, endedToday = [] } = draft.context;
  return reckonOf(draft.instances.map.values(), launches, {
    prices: pricesOf(draft),
    ...(limits.maxDailyCost !== undefined && { today: { wall: draft.now.wall, ended: endedToday } }),
  });
}

function costToday(
  instances: readonly InstanceRecord[],
  { wall, ended }: NonNullable<Tariff["today"]>,
  prices: Prices,
): DayCost {
  const running = instances.filter((one) => isBilled(one) && one.state !== "stopped")
    .map((one) => ({ instanceType: one.instanceType, capacityType: one.capacityType, began: beganOf(one) }));
  return dayCost([...ended, ...running], wall, prices);
}
