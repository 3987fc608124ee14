import * as v from "valibot";

const amount = v.pipe(v.number(), v.finite(), v.minValue(0));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** A case on the rig's own clock. */
const clocked = v.strictObject({
  nodes: count,
  /** Instances that EC2's buckets give at most. */
  bound: count,
  launched: count,
  /** RunInstances calls, and those that were throttled. */
  calls: count,
  throttled: count,
  /** RunInstances calls by instance type, which is by pool. */
  perType: v.record(v.string(), count),
  /** Seconds until the last launch; the median where a case is played many times. */
  seconds: amount,
  /** Seconds that it took to play. */
  realSeconds: amount,
  /** Fewest instances of all times that it was played. */
  worst: count,
});

/** A case on the real clock. */
const real = v.strictObject({
  /** Seconds of each run. */
  walls: v.pipe(v.array(amount), v.minLength(1)),
  /** Calls of the last run, by action. */
  actions: v.record(v.string(), count),
  launched: count,
  /** Nodes whose address slurmctld was given. */
  addressed: count,
  nodes: count,
});

const results = v.strictObject({
  /** When it began. */
  date: v.pipe(v.string(), v.isoTimestamp()),
  commit: v.string(),
  /** What it is compared with on the rig's clock. */
  other: v.optional(v.string()),
  machine: v.strictObject({
    processor: v.string(),
    processors: count,
    memoryMiB: count,
    system: v.string(),
    kernel: v.string(),
    /** Load average of one minute, before and after. */
    load: v.strictTuple([amount, amount]),
  }),
  /** By case, then by commit. */
  clocked: v.record(v.string(), v.record(v.string(), clocked)),
  /** By case, then by program: ours, 9139880 and ParallelCluster, in that order. */
  real: v.record(v.string(), v.record(v.string(), real)),
});

/** A case on the rig's own clock. */
export type ClockedCase = v.InferOutput<typeof clocked>;

/** A case on the real clock. */
export type RealCase = v.InferOutput<typeof real>;

/** `tests/bench/capacity.json`. */
export type CapacityResults = v.InferOutput<typeof results>;

/** Where the figures are kept. */
export const CAPACITY = new URL("../capacity.json", import.meta.url);

/**
 * The figures in a text of JSON.
 * @throws {v.ValiError} when something is missing, is of another kind, or is not known.
 */
export function parseCapacity(text: string): CapacityResults {
  return v.parse(results, JSON.parse(text));
}

/** What the last run came to. */
export function capacityResults(): CapacityResults {
  return parseCapacity(Deno.readTextFileSync(CAPACITY));
}
