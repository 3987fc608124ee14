import { outOf, type OutOfCapacity, type PoolMemory } from "./exhausted.ts";
import type { PoolGroup } from "./group_until.ts";
import { type Offering, offeringsOf } from "./offering.ts";

/** What offerings are judged by. */
export interface RankFacts {
  readonly memory: PoolMemory;
}

/** An offering that is not asked for now. */
export interface Rejected {
  readonly offering: Offering;
  /** Name of the filter. */
  readonly filter: string;
  /** Why, without a final period. */
  readonly reason: string;
  /** What is out, where that is why. */
  readonly out?: OutOfCapacity;
}

/** A group's offerings in the order in which they are asked for, and those that are not. */
export interface Ranking {
  readonly kept: readonly Offering[];
  readonly rejected: readonly Rejected[];
}

/** Passes offerings on, in another order perhaps, and says why it keeps others back. */
interface Filter {
  readonly name: string;
  readonly apply: (
    offerings: readonly Offering[],
    group: PoolGroup,
    facts: RankFacts,
  ) => { readonly kept: readonly Offering[]; readonly rejected: readonly Omit<Rejected, "filter">[] };
}

const exhausted: Filter = {
  name: "exhausted",
  apply(offerings, { placementGroup }, { memory }) {
    const kept: Offering[] = [];
    const rejected: Omit<Rejected, "filter">[] = [];
    for (const offering of offerings) {
      const out = outOf({ offering, ...(placementGroup !== undefined && { placementGroup }) }, memory);
      if (out === undefined) kept.push(offering);
      else rejected.push({ offering, reason: `${out.what}: ${out.code}`, out });
    }
    return { kept, rejected };
  },
};

/** In the order in which they are applied. */
const FILTERS: readonly Filter[] = [exhausted];

/** What of a group's offerings to ask for, the best first, and why the others are not asked for. */
export function rank(group: PoolGroup, facts: RankFacts): Ranking {
  let kept: readonly Offering[] = offeringsOf(group);
  const rejected: Rejected[] = [];
  for (const { name, apply } of FILTERS) {
    const passed = apply(kept, group, facts);
    kept = passed.kept;
    rejected.push(...passed.rejected.map((one) => ({ ...one, filter: name })));
  }
  return { kept, rejected };
}
