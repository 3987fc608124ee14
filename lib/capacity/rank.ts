import type { Subnet } from "../aws/ec2_api.ts";
import type { NodeGroup } from "../config/model.ts";
import { outOf, type OutOfCapacity, type PoolMemory } from "./exhausted.ts";
import { type Offering, type OfferingGroup, offeringsOf } from "./offering.ts";

/** The parts of a node group that decide what it may be launched as. */
export type PoolGroup = OfferingGroup & Pick<NodeGroup, "placementGroup" | "spotTimeLimit">;

/** What EC2 said of a subnet. */
export interface SubnetFacts {
  /** Name and id of its zone. */
  readonly zone: string;
  readonly zoneId: string;
  /** Free addresses. */
  readonly free: number;
  /** When it was asked, by the clock of {@link PoolMemory}. */
  readonly at: number;
}

/** What is kept of EC2's answer at a time. */
export function subnetFacts(subnet: Subnet, at: number): SubnetFacts {
  const { availabilityZone: zone, availabilityZoneId: zoneId, availableIpAddressCount: free } = subnet;
  return { zone, zoneId, free, at };
}

/** What offerings are judged by. */
export interface RankFacts {
  readonly memory: PoolMemory;
  /** Names or ids of zones in which nothing is launched. */
  readonly avoid?: readonly string[];
  /** By subnet id, as far as known. */
  readonly subnets?: ReadonlyMap<string, SubnetFacts>;
  /** How many instances are wanted. */
  readonly wanted?: number;
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

/** `zones.avoid`; a subnet whose zone is not known is avoided as well. */
const avoidedZones: Filter = {
  name: "zones.avoid",
  apply(offerings, _group, { memory, avoid = [], subnets }) {
    if (avoid.length === 0) return { kept: offerings, rejected: [] };
    return parted(offerings, (offering) => {
      const { subnetId } = offering;
      const { zone = memory.zones[subnetId], zoneId } = subnets?.get(subnetId) ?? {};
      const hit = [zone, zoneId].find((name) => name !== undefined && avoid.includes(name));
      if (hit !== undefined) return { reason: `${subnetId} is in ${hit}, which zones.avoid names` };
      const isKnown = zoneId !== undefined || (zone !== undefined && !avoid.some(isZoneId));
      return isKnown
        ? undefined
        : { reason: `the zone of ${subnetId} is not known, and zones.avoid names some` };
    });
  },
};

/** `use1-az1`, where a name is `us-east-1a` (https://docs.aws.amazon.com/ram/latest/userguide/working-with-az-ids.html). */
function isZoneId(zone: string): boolean {
  return /-az\d+$/.test(zone);
}

/** What had no capacity a short while ago. */
const exhausted: Filter = {
  name: "exhausted",
  apply: (offerings, group, { memory }) =>
    parted(offerings, (offering) => {
      const out = outOf(askedFor(offering, group), memory);
      return out && { reason: `${out.what}: ${out.code}`, out };
    }),
};

/** `spotTimeLimit`: on-demand only once no spot pool of the group has had capacity for so long. */
const spotFirst: Filter = {
  name: "spotTimeLimit",
  apply(offerings, group, { memory }) {
    const { capacityType, spotTimeLimit = 0 } = group;
    if (capacityType !== "spot-then-on-demand" || spotTimeLimit === 0) {
      return { kept: offerings, rejected: [] };
    }
    const outs = offeringsOf(group).filter((one) => one.capacityType === "spot")
      .map((one) => outOf(askedFor(one, group), memory));
    return parted(offerings, (offering) => {
      if (offering.capacityType === "spot" || offering.reservation !== undefined) return undefined;
      const last = outs.reduce((a, b) => a === undefined || b === undefined || a.first > b.first ? a : b);
      const words = `on-demand ${offering.instanceType} instead of spot`;
      if (last === undefined) return { reason: `${words}: spot is open` };
      const until = last.first + spotTimeLimit * 1_000;
      if (until <= memory.now) return undefined;
      return { reason: `${words}: ${last.code}`, out: { ...last, what: words, until } };
    });
  },
};

/** Of the same type, what lies in a subnet with too few free addresses comes last. */
const freeAddresses: Filter = {
  name: "free addresses",
  apply(offerings, _group, { subnets, wanted = 1 }) {
    const isShort = ({ subnetId }: Offering) => (subnets?.get(subnetId)?.free ?? Infinity) < wanted;
    const same = Map.groupBy(
      offerings,
      ({ capacityType, instanceType, reservation }) => `${capacityType} ${instanceType} ${reservation}`,
    );
    const kept = [...same.values()].flatMap((some) => [
      ...some.filter((one) => !isShort(one)),
      ...some.filter(isShort),
    ]);
    return { kept, rejected: [] };
  },
};

/** In the order in which they are applied. */
const FILTERS: readonly Filter[] = [avoidedZones, exhausted, spotFirst, freeAddresses];

function parted(
  offerings: readonly Offering[],
  why: (offering: Offering) => Pick<Rejected, "reason" | "out"> | undefined,
): ReturnType<Filter["apply"]> {
  const kept: Offering[] = [];
  const rejected: Omit<Rejected, "filter">[] = [];
  for (const offering of offerings) {
    const found = why(offering);
    if (found === undefined) kept.push(offering);
    else rejected.push({ offering, ...found });
  }
  return { kept, rejected };
}

function askedFor(offering: Offering, { placementGroup }: PoolGroup) {
  return { offering, ...(placementGroup !== undefined && { placementGroup }) };
}

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
