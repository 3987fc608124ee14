import type { OutOfCapacity } from "./exhausted.ts";
import { type PoolGroup, rank, type RankFacts } from "./rank.ts";

/**
 * When the first of a group's offerings may be asked for again, by the clock of the memory, and why it may not be now;
 * undefined: one of them may, or none ever.
 */
export function groupUntil(
  group: PoolGroup,
  memory: RankFacts["memory"],
  facts: Omit<RankFacts, "memory"> = {},
): OutOfCapacity | undefined {
  const { kept, rejected } = rank(group, { ...facts, memory });
  if (kept.length > 0) return undefined;
  let first: OutOfCapacity | undefined;
  for (const { out } of rejected) {
    if (out !== undefined && (first === undefined || out.until < first.until)) first = out;
  }
  return first;
}
