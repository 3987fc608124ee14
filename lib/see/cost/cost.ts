import type { JobUse } from "../../slurm/sacct.ts";
import { compareNodeNames } from "../../slurm/node_name_order.ts";
import type { Lifetime } from "../../store/lifetime.ts";
import { centsOf, shareCents } from "./cents.ts";
import { jobsByNode, type Phase, PHASES, type Slice, slicesOf, type Window } from "./slices.ts";

/** What the cost is broken down by. */
export const COST_KEYS = ["day", "group", "partition", "node", "type", "user", "account", "job"] as const;

/** One of them. */
export type CostKey = typeof COST_KEYS[number];

/** Label of what no job had: boot, idle, and what accounting does not say. */
export const NOT_ATTRIBUTED = "not attributed";

/** What a cost is reckoned from. */
export interface CostFacts {
  readonly window: Window;
  /** Milliseconds since 1970 UTC: what goes on is counted until then. */
  readonly now: number;
  /** Instances that are known to run now. */
  readonly running: ReadonlySet<string>;
  /** USD/h; undefined: not known. */
  readonly priceOf: (lifetime: Lifetime) => number | undefined;
  /** Every try of every job; undefined: accounting does not say. */
  readonly jobs: readonly JobUse[] | undefined;
  /** The partitions of a node group, joined by commas. */
  readonly partitionsOf: (nodeGroup: string) => string;
}

/** Hours and money of one part. */
export interface CostPart {
  /** Hours of instances, of which a price is known or not. */
  readonly hours: number;
  /** Hours without a price: they are not in the money. */
  readonly unpricedHours: number;
  /** US cents: whole, and the parts sum to the whole exactly. */
  readonly cents: number;
  /** The same by what was paid for. */
  readonly phases: Readonly<Record<Phase, { readonly hours: number; readonly cents: number }>>;
}

/** One line of the breakdown. */
export interface CostRow extends CostPart {
  readonly name: string;
}

/** What instances cost in a window. */
export interface Cost {
  readonly by: CostKey;
  readonly total: CostPart;
  readonly rows: readonly CostRow[];
  /** Times that an instance ran in the window: launches, and starts after a stop. */
  readonly runs: number;
  /** Instance types without a price. */
  readonly unpriced: readonly string[];
  /** Instances whose end was never noted: they are counted until they were up, the last that is known of them. */
  readonly endUnknown: readonly string[];
}

/** Reckons what instances cost, broken down by a key. */
export function costOf(lifetimes: Iterable<Lifetime>, facts: CostFacts, by: CostKey): Cost {
  const sum = new CostSum(facts, by);
  for (const lifetime of lifetimes) sum.add(lifetime);
  return sum.result();
}

/** Reckons what instances cost, one after the other: there may be more of them than memory should hold. */
export class CostSum {
  readonly #facts: CostFacts;
  readonly #by: CostKey;
  readonly #byNode: ReturnType<typeof jobsByNode> | undefined;
  readonly #sums = new Map<string, Sum>();
  readonly #unpriced = new Set<string>();
  #runs = 0;
  readonly #endUnknown = new Set<string>();

  constructor(facts: CostFacts, by: CostKey) {
    this.#facts = facts;
    this.#by = by;
    this.#byNode = facts.jobs === undefined ? undefined : jobsByNode(facts.jobs);
  }

  /** Takes one lifetime in. */
  add(lifetime: Lifetime): void {
    const price = this.#facts.priceOf(lifetime);
    const ended = endOf(lifetime, this.#facts);
    if (ended === undefined) this.#endUnknown.add(lifetime.instanceId);
    const jobs = this.#byNode === undefined ? undefined : this.#byNode.get(lifetime.node ?? "") ?? [];
    const until = ended ?? lifetime.up ?? lifetime.began;
    const slices = slicesOf(lifetime, until, this.#facts.window, jobs);
    if (slices.length > 0) this.#runs++;
    for (const slice of slices) {
      if (price === undefined) this.#unpriced.add(lifetime.instanceType);
      for (const { name, hours } of partsOf(slice, this.#by, this.#facts)) {
        add(this.#sums, name, slice.phase, hours, price);
      }
    }
  }

  /** What all of them come to. */
  result(): Cost {
    const names = [...this.#sums.keys()].sort(byName);
    const parts = names.map((name) => this.#sums.get(name)!);
    const cents = shareCents(
      centsOf(parts.reduce((usd, part) => usd + part.usd, 0)),
      parts.map(({ usd }) => usd),
    );
    const rows = parts.map((part, i) => ({ name: names[i]!, ...finished(part, cents[i]!) }));
    return {
      by: this.#by,
      total: totalOf(rows),
      rows,
      runs: this.#runs,
      unpriced: [...this.#unpriced].sort(),
      endUnknown: [...this.#endUnknown].sort(),
    };
  }
}

/** When a lifetime ended, or now while it goes on; undefined: nobody noted it. */
function endOf({ ended, instanceId }: Lifetime, { now, running }: CostFacts): number | undefined {
  return ended ?? (running.has(instanceId) ? now : undefined);
}

const DAY = 86_400_000;
const HOUR = 3_600_000;

/** The parts of a slice by the key: a day's, or a job's share. */
function partsOf(
  slice: Slice,
  by: CostKey,
  facts: CostFacts,
): { readonly name: string; readonly hours: number }[] {
  const { lifetime, from, to, jobs } = slice;
  const hours = (to - from) / HOUR;
  switch (by) {
    case "day":
      return daysOf(from, to);
    case "group":
      return [{ name: lifetime.nodeGroup, hours }];
    case "partition":
      return [{ name: facts.partitionsOf(lifetime.nodeGroup) || "-", hours }];
    case "node":
      return [{ name: lifetime.node ?? "-", hours }];
    case "type":
      return [{ name: `${lifetime.instanceType} ${lifetime.capacityType}`, hours }];
    case "user":
    case "account":
    case "job":
      if (jobs === undefined) return [{ name: NOT_ATTRIBUTED, hours }];
      return jobs.map(({ job, share }) => ({
        name: (by === "job" ? job.jobId : job[by]) || "-",
        hours: hours * share,
      }));
  }
}

/** UTC days. */
function daysOf(from: number, to: number): { readonly name: string; readonly hours: number }[] {
  const days = [];
  for (let at = from; at < to;) {
    const end = Math.min((Math.floor(at / DAY) + 1) * DAY, to);
    days.push({ name: new Date(at).toISOString().slice(0, 10), hours: (end - at) / HOUR });
    at = end;
  }
  return days;
}

interface Sum {
  usd: number;
  unpricedHours: number;
  readonly phases: Record<Phase, { hours: number; usd: number }>;
}

function add(
  sums: Map<string, Sum>,
  name: string,
  phase: Phase,
  hours: number,
  price: number | undefined,
): void {
  const zero = () => ({ hours: 0, usd: 0 });
  const sum = sums.get(name) ??
    { usd: 0, unpricedHours: 0, phases: { boot: zero(), job: zero(), idle: zero(), up: zero() } };
  sums.set(name, sum);
  const usd = (price ?? 0) * hours;
  sum.usd += usd;
  sum.phases[phase].usd += usd;
  sum.phases[phase].hours += hours;
  if (price === undefined) sum.unpricedHours += hours;
}

function finished({ phases, unpricedHours }: Sum, cents: number): CostPart {
  const shares = shareCents(cents, PHASES.map((phase) => phases[phase].usd));
  const part = (phase: Phase) => ({ hours: phases[phase].hours, cents: shares[PHASES.indexOf(phase)]! });
  return {
    hours: PHASES.reduce((sum, phase) => sum + phases[phase].hours, 0),
    unpricedHours,
    cents,
    phases: { boot: part("boot"), job: part("job"), idle: part("idle"), up: part("up") },
  };
}

function totalOf(rows: readonly CostPart[]): CostPart {
  const sum = (of: (row: CostPart) => number) => rows.reduce((all, row) => all + of(row), 0);
  const phase = (name: Phase) => ({
    hours: sum((row) => row.phases[name].hours),
    cents: sum((row) => row.phases[name].cents),
  });
  return {
    hours: sum(({ hours }) => hours),
    unpricedHours: sum(({ unpricedHours }) => unpricedHours),
    cents: sum(({ cents }) => cents),
    phases: { boot: phase("boot"), job: phase("job"), idle: phase("idle"), up: phase("up") },
  };
}

/** What is not attributed last, all else as nodes are ordered: `c9` before `c10`, job 9 before 10. */
function byName(a: string, b: string): number {
  return Number(a === NOT_ATTRIBUTED) - Number(b === NOT_ATTRIBUTED) || compareNodeNames(a, b);
}
