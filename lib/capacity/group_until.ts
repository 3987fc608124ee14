import type { NodeGroup } from "../config/model.ts";
import { outOf, type OutOfCapacity, type PoolMemory } from "./exhausted.ts";
import { type OfferingGroup, offeringsOf } from "./offering.ts";

/** The parts of a node group that decide which pools it has. */
export type PoolGroup = OfferingGroup & Pick<NodeGroup, "placementGroup">;

/**
 * When the first of a group's pools may be asked again, by the clock of the memory, and why it may not be asked now;
 * undefined: one of them is open.
 */
export function groupUntil(group: PoolGroup, memory: PoolMemory): OutOfCapacity | undefined {
  const { placementGroup } = group;
  let first: OutOfCapacity | undefined;
  for (const offering of offeringsOf(group)) {
    const out = outOf({ offering, ...(placementGroup !== undefined && { placementGroup }) }, memory);
    if (out === undefined) return undefined;
    if (first === undefined || out.until < first.until) first = out;
  }
  return first;
}
