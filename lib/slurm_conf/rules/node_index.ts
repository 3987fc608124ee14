import { nameAt, type NameRange, nameRanges, rangeOf, rangeSize } from "../../slurm/name_ranges.ts";

/**
 * Ranges of names that are looked at in one configuration. Slurm has at most 65,536 nodes; only names with several
 * brackets, or digits behind one, come to more ranges than a file has characters.
 */
const MAX_RANGES = 500_000;

/** A hostlist and what it stands for. */
export interface Indexed<T> {
  readonly hostlist: string;
  readonly item: T;
}

/** Names of a hostlist that belong to one item. */
export interface Share<T> {
  readonly item: T;
  /** How many names. */
  readonly count: number;
}

/** A name that two items claim, or one item twice. */
export interface Claim<T> {
  readonly name: string;
  /** Which comes first in the order of the items, and keeps the name. */
  readonly first: T;
  /** The other one. */
  readonly second: T;
}

/** Which item a node name belongs to, without a list of all names. */
export interface NodeIndex<T> {
  /** The item that a name belongs to. */
  find(name: string): T | undefined;
  /** What a hostlist's names belong to, and the ranges that belong to nothing; undefined when it can't be read. */
  divide(
    hostlist: string,
  ): { readonly shares: readonly Share<T>[]; readonly rest: readonly NameRange[] } | undefined;
  /** Names that two items claim, one for each second item, in the order of the items. */
  readonly claims: readonly Claim<T>[];
  /** Whether every item is in it; false where they come to too many ranges. */
  readonly isWhole: boolean;
}

interface Owned {
  readonly lo: number;
  readonly hi: number;
  /** Place of the owner among the items. */
  readonly owner: number;
}

/** Hostlists that can't be read, and those beyond the limit, are left out. */
export function nodeIndex<T>(items: readonly Indexed<T>[]): NodeIndex<T> {
  const groups = new Map<string, { readonly range: NameRange; readonly owned: Owned[] }>();
  let count = 0;
  let isWhole = true;
  for (const [owner, { hostlist }] of items.entries()) {
    const ranges = count > MAX_RANGES ? [] : rangesOf(hostlist) ?? [];
    count += ranges.length;
    if (count > MAX_RANGES) {
      isWhole = false;
      continue;
    }
    for (const range of ranges) {
      const key = keyOf(range);
      const group = groups.get(key);
      const owned = { lo: range.lo, hi: range.hi, owner };
      if (group === undefined) groups.set(key, { range, owned: [owned] });
      else group.owned.push(owned);
    }
  }
  const claims = new Map<number, { readonly name: string; readonly first: number }>();
  const disjoint = new Map<string, readonly Owned[]>();
  for (const [key, { range, owned }] of groups) {
    disjoint.set(
      key,
      resolve(owned, (first, second, number) => {
        if (!claims.has(second)) claims.set(second, { name: nameAt(range, number), first });
      }),
    );
  }
  return {
    find(name) {
      const range = rangeOf(name);
      const found = overlapping(disjoint.get(keyOf(range)) ?? [], range).next().value;
      return found === undefined ? undefined : items[found.owner]!.item;
    },
    divide(hostlist) {
      const ranges = rangesOf(hostlist);
      return ranges === undefined
        ? undefined
        : divide(ranges, (range) => disjoint.get(keyOf(range)) ?? [], items);
    },
    claims: [...claims].sort(([a], [b]) => a - b).map(([second, { name, first }]) => ({
      name,
      first: items[first]!.item,
      second: items[second]!.item,
    })),
    isWhole,
  };
}

/** The ranges of a hostlist; undefined when it can't be read. */
export function rangesOf(hostlist: string): readonly NameRange[] | undefined {
  try {
    return nameRanges(hostlist);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The first names of some ranges, at most that many. */
export function firstNames(ranges: readonly NameRange[], most: number): string[] {
  const names: string[] = [];
  for (const range of ranges) {
    for (let number = range.lo; number <= range.hi && names.length < most; number++) {
      names.push(nameAt(range, number));
    }
    if (names.length === most) break;
  }
  return names;
}

/** How many names some ranges stand for, those that overlap counted twice. */
export function countNames(ranges: readonly NameRange[]): number {
  return ranges.reduce((sum, range) => sum + rangeSize(range), 0);
}

function keyOf({ head, tail, length }: NameRange): string {
  return `${length} ${tail} ${head}`;
}

/** Takes overlaps out of ranges, sorted by number: the earlier owner keeps what two claim. */
function resolve(
  owned: readonly Owned[],
  onClaim: (first: number, second: number, number: number) => void,
): readonly Owned[] {
  if (owned.length === 1) return owned;
  const sorted = owned.toSorted((a, b) => a.lo - b.lo || a.owner - b.owner);
  const result: Owned[] = [];
  for (const range of sorted) {
    const last = result.at(-1);
    if (last === undefined || range.lo > last.hi) {
      result.push(range);
      continue;
    }
    onClaim(Math.min(last.owner, range.owner), Math.max(last.owner, range.owner), range.lo);
    if (range.hi > last.hi) result.push({ ...range, lo: last.hi + 1 });
  }
  return result;
}

/** The sorted, disjoint ranges that overlap another. */
function* overlapping(sorted: readonly Owned[], { lo, hi }: NameRange): Generator<Owned, undefined> {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]!.hi < lo) low = middle + 1;
    else high = middle;
  }
  for (let i = low; i < sorted.length && sorted[i]!.lo <= hi; i++) yield sorted[i]!;
  return undefined;
}

function divide<T>(
  ranges: readonly NameRange[],
  ownedOf: (range: NameRange) => readonly Owned[],
  items: readonly Indexed<T>[],
): { readonly shares: readonly Share<T>[]; readonly rest: readonly NameRange[] } {
  const counts = new Map<number, number>();
  const rest: NameRange[] = [];
  for (const range of ranges) {
    let at = range.lo;
    for (const { lo, hi, owner } of overlapping(ownedOf(range), range)) {
      if (lo > at) rest.push({ ...range, lo: at, hi: lo - 1 });
      const [from, to] = [Math.max(lo, range.lo), Math.min(hi, range.hi)];
      counts.set(owner, (counts.get(owner) ?? 0) + to - from + 1);
      at = to + 1;
    }
    if (at <= range.hi) rest.push({ ...range, lo: at });
  }
  return { shares: [...counts].map(([owner, count]) => ({ item: items[owner]!.item, count })), rest };
}
