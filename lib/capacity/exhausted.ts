import { errorClass, type RefusalScope } from "../aws/error_codes.ts";
import { refusalScope } from "../aws/refusal_scope.ts";
import { vcpuQuota } from "../aws/vcpu_quota.ts";
import type { Offering } from "./offering.ts";

/** The zone of each subnet that is known, by subnet id. */
export type Zones = Readonly<Record<string, string>>;

/** Something that EC2 had no capacity of: until a time nothing of it is asked for. Times are milliseconds of the caller's clock. */
export interface OutOfCapacity {
  /** In words, e.g. `spot c7i.large in us-east-1a`. */
  readonly what: string;
  /** EC2's code and message of the last miss. */
  readonly code: string;
  readonly message: string;
  /** When the first miss of this row came. */
  readonly first: number;
  /** When the last miss came. */
  readonly at: number;
  /** When it may be asked again. */
  readonly until: number;
  /** Misses in a row, from 1. */
  readonly misses: number;
}

/** What is out, by key: a pool, a subnet, a quota, a reservation, or a whole capacity type. */
export type Exhausted = Readonly<Record<string, OutOfCapacity>>;

/** What was asked for: an offering, and the placement group that the launch is part of. */
export interface Asked {
  readonly offering: Offering;
  readonly placementGroup?: string;
}

/** What is remembered, and the time by which it is judged. */
export interface PoolMemory {
  readonly exhausted: Exhausted;
  readonly zones: Zones;
  /** How long nodes stay down that got no instance (`limits.cooldown`), milliseconds. */
  readonly cooldown: number;
  /** Milliseconds, by the clock of {@link OutOfCapacity}. */
  readonly now: number;
}

/**
 * How long a first miss is remembered, milliseconds: Karpenter's 3 minutes
 * (https://github.com/aws/karpenter-provider-aws/blob/main/pkg/cache/cache.go), or as long as nodes stay down for it
 * where that is shorter.
 */
const FIRST_REST = 180_000;

/** Each miss in a row doubles it, up to this multiple of the first: a quarter of an hour. */
const LONGEST_REST = 5;

/** How long a type is left out that its zone does not offer, milliseconds: that changes within months, not minutes. */
const UNSUPPORTED_REST = 24 * 3_600_000;

interface Out {
  readonly key: string;
  readonly what: string;
}

function pool({ offering, placementGroup }: Asked, place: string): Out {
  const { capacityType, instanceType } = offering;
  const group = placementGroup === undefined ? "" : ` ${placementGroup}`;
  return {
    key: `pool ${capacityType} ${instanceType} ${place}${group}`,
    what: `${capacityType} ${instanceType} in ${place}${group && ` (placement group${group})`}`,
  };
}

function subnet({ offering: { subnetId } }: Asked): Out {
  return { key: `subnet ${subnetId}`, what: `addresses of ${subnetId}` };
}

function quota({ offering: { capacityType, instanceType } }: Asked): Out {
  const families = vcpuQuota(instanceType, capacityType)?.families ?? instanceType;
  return {
    key: `quota ${capacityType} ${families}`,
    what: `the account's ${capacityType} quota of ${families} instances`,
  };
}

function capacityType({ offering: { capacityType } }: Asked): Out {
  return { key: `capacity-type ${capacityType}`, what: `all ${capacityType} instances` };
}

function reservation(id: string): Out {
  return { key: `reservation ${id}`, what: `capacity reservation ${id}` };
}

/** What a refusal of each scope says is out; undefined: no other offering would fare better. */
const OUT: Readonly<
  Record<RefusalScope, ((asked: Asked, place: string, code: string) => Out) | undefined>
> = {
  "node": undefined,
  "pool": (asked, place) =>
    asked.offering.reservation === undefined ? pool(asked, place) : reservation(asked.offering.reservation),
  "subnet": subnet,
  "capacity-type": (asked, _place, code) => errorClass(code) === "quota" ? quota(asked) : capacityType(asked),
  "group": undefined,
  "account": undefined,
};

/** Whether the refusal of an offering leaves others that may fare better. */
export function leavesOthers(code: string): boolean {
  return OUT[refusalScope(code)] !== undefined;
}

/** Everything that has to have capacity for an offering: its own pool by zone and by subnet, and what that is part of. */
function needs(asked: Asked, zones: Zones): readonly string[] {
  const { offering } = asked;
  const { subnetId, reservation: id } = offering;
  // What is reserved is there whatever its pool and quota have left.
  if (id !== undefined) return [reservation(id).key, subnet(asked).key];
  const zone = zones[subnetId];
  return [
    pool(asked, subnetId).key,
    ...(zone === undefined ? [] : [pool(asked, zone).key]),
    subnet(asked).key,
    quota(asked).key,
    capacityType(asked).key,
  ];
}

/** Whether an entry was written by a clock that has been set back since. */
function isFromFuture({ at, first }: OutOfCapacity, now: number): boolean {
  return at > now || first > now;
}

/** Why an offering is not to be asked for now: of several things that are out, the one that is out longest. */
export function outOf(asked: Asked, { exhausted, zones, now }: PoolMemory): OutOfCapacity | undefined {
  let longest: OutOfCapacity | undefined;
  for (const key of needs(asked, zones)) {
    const entry = exhausted[key];
    if (entry === undefined || entry.until <= now || isFromFuture(entry, now)) continue;
    if (longest === undefined || entry.until > longest.until) longest = entry;
  }
  return longest;
}

/**
 * Remembers that EC2 refused an offering, or gave fewer than asked for. The answers of calls that were under way
 * together are one miss: it lasts longer by them, and is not doubled.
 * @param sentAt when the call was made
 */
export function noteMiss(
  memory: PoolMemory,
  asked: Asked,
  { code, message, sentAt }: { readonly code: string; readonly message: string; readonly sentAt: number },
): Exhausted {
  const { exhausted, zones, cooldown, now } = memory;
  const first = Math.min(FIRST_REST, cooldown);
  const longest = LONGEST_REST * first;
  const { subnetId } = asked.offering;
  const out = OUT[refusalScope(code)]?.(asked, zones[subnetId] ?? subnetId, code);
  if (out === undefined) return exhausted;
  const { key, what } = out;
  const last = exhausted[key];
  const isKnown = last !== undefined && !isFromFuture(last, now) && now - last.until <= longest;
  // A zone that is short of a type offers it: that is news, not one more miss of a type that is not offered.
  const isRow = isKnown && (last.code === "Unsupported") === (code === "Unsupported");
  const row = isRow ? last : undefined;
  const isSame = row !== undefined && sentAt <= row.at;
  const misses = isSame ? row.misses : (row?.misses ?? 0) + 1;
  const rest = code === "Unsupported"
    ? UNSUPPORTED_REST
    : Math.min(longest, first * 2 ** Math.min(misses - 1, 10));
  return {
    ...kept(exhausted, now, longest),
    [key]: {
      what,
      code,
      message,
      first: row?.first ?? now,
      at: isSame ? row.at : now,
      until: Math.max(row?.until ?? 0, now + rest),
      misses,
    },
  };
}

/** Everything of an offering that was asked for after its last miss has capacity again. */
export function noteLaunch(
  { exhausted, zones }: PoolMemory,
  asked: Asked,
  { sentAt }: { readonly sentAt: number },
): Exhausted {
  const over = needs(asked, zones).filter((key) => (exhausted[key]?.at ?? Infinity) < sentAt);
  if (over.length === 0) return exhausted;
  return Object.fromEntries(Object.entries(exhausted).filter(([key]) => !over.includes(key)));
}

/** Without what is long over, or lies ahead. */
function kept(exhausted: Exhausted, now: number, longest: number): Exhausted {
  return Object.fromEntries(
    Object.entries(exhausted).filter(([, entry]) =>
      !isFromFuture(entry, now) && now - entry.until <= longest
    ),
  );
}

/** What is out now, the first to be asked again first. */
export function outNow(exhausted: Exhausted, now: number): readonly OutOfCapacity[] {
  return Object.values(exhausted)
    .filter((entry) => entry.until > now && !isFromFuture(entry, now))
    .sort((a, b) => a.until - b.until || (a.what < b.what ? -1 : 1));
}

/** Whether a value that was read is a memory of exhaustion: whatever is not is forgotten. */
export function isExhausted(value: unknown): value is Exhausted {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    Object.values(value).every((entry) =>
      typeof entry === "object" && entry !== null &&
      ["what", "code", "message"].every((name) => typeof entry[name] === "string") &&
      ["first", "at", "until", "misses"].every((name) => Number.isFinite(entry[name]))
    );
}
