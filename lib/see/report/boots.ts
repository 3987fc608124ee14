import type { Lifetime } from "../../store/lifetime.ts";
import { type Spread, spreadOf } from "./percentiles.ts";

/** How boots of one kind went. */
export interface BootRow {
  readonly name: string;
  /** Instances that ended without having come up. */
  readonly failed: number;
  /** From launch to slurmd's start; absent: none came up. */
  readonly seconds?: Spread;
}

/** Boots by a key, in the order of its values. */
export function bootRows(lifetimes: readonly Lifetime[], key: (lifetime: Lifetime) => string): BootRow[] {
  return [...Map.groupBy(lifetimes, key)].sort(([a], [b]) => a < b ? -1 : 1)
    .map(([name, some]) => bootRow(name, some));
}

/** How some boots went, under a name. */
export function bootRow(name: string, lifetimes: readonly Lifetime[]): BootRow {
  const seconds = spreadOf(
    lifetimes.flatMap(({ began, up }) => up === undefined ? [] : [Math.max(0, up - began) / 1000]),
  );
  const failed = lifetimes.filter(({ up, ended }) => up === undefined && ended !== undefined).length;
  return { name, failed, ...(seconds !== undefined && { seconds }) };
}
