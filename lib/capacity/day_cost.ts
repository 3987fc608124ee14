import { type Prices, usdPerHour } from "./price.ts";

/** A time for which EC2 charged, or charges, for an instance; milliseconds since 1970 UTC. */
export interface Charged {
  readonly instanceType: string;
  readonly capacityType: string;
  readonly began: number;
  /** Absent: it goes on. */
  readonly ended?: number;
}

/** What a day has cost so far. */
export interface DayCost {
  readonly usd: number;
  /** Instance types that were charged for, and whose price is not known. */
  readonly unpriced: ReadonlySet<string>;
}

const HOUR = 3_600_000;

/** Midnight UTC before a time, both milliseconds since 1970 UTC. */
export function dayStart(wall: number): number {
  return wall - wall % (24 * HOUR);
}

/** What these have cost since midnight UTC. */
export function dayCost(charged: Iterable<Charged>, wall: number, prices: Prices): DayCost {
  const from = dayStart(wall);
  const unpriced = new Set<string>();
  let usd = 0;
  for (const { instanceType, capacityType, began, ended = wall } of charged) {
    const time = Math.min(ended, wall) - Math.max(began, from);
    if (time <= 0) continue;
    const price = usdPerHour(prices, instanceType, capacityType === "spot" ? "spot" : "on-demand");
    if (price === undefined) unpriced.add(instanceType);
    else usd += price * time / HOUR;
  }
  return { usd, unpriced };
}

/**
 * What a launch costs at least: EC2 charges for the first minute whatever becomes of it
 * (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/concepts.html#ec2-pricing).
 * @param usd USD/h
 */
export function leastCost(usd: number): number {
  return usd / 60;
}
