import * as v from "valibot";

const amount = v.pipe(v.number(), v.finite(), v.minValue(0));
const count = v.pipe(v.number(), v.integer(), v.minValue(1));

/** CPU of slurmctld, its helper and their children while short jobs run. */
const shortJobs = v.strictObject({ cpuSeconds: amount, seconds: amount });

/** What one version came to. */
const version = v.strictObject({
  /** When it ended. */
  date: v.pipe(v.string(), v.isoTimestamp()),
  commit: v.pipe(v.string(), v.regex(/^[0-9a-f]{7,40}$/)),
  machine: v.strictObject({
    processor: v.string(),
    processors: count,
    memoryMiB: count,
    system: v.string(),
    kernel: v.string(),
    /** Load average of one minute, before and after. */
    load: v.strictTuple([amount, amount]),
  }),
  /** Whether nothing else ran before. */
  quiet: v.boolean(),
  waiting: v.strictObject({
    waiters: count,
    privateKilobytes: v.strictObject({ median: amount, most: amount }),
    /** Of all of them together. */
    waitersCpuSeconds: amount,
    pollerShareOfACore: amount,
    watchedSeconds: amount,
  }),
  shortJobs: v.strictObject({
    /** Cloud nodes of the cluster. */
    nodes: count,
    jobs: count,
    without: shortJobs,
    withReady: shortJobs,
    /** CPU with ready by CPU without. */
    ratio: amount,
  }),
});

/** `tests/bench/ready_load.json`, by version of Slurm. */
const results = v.pipe(v.record(v.picklist(["22.05", "24.11", "26.05"]), version), v.minEntries(1));

/** What one version came to. */
export type ReadyLoad = v.InferOutput<typeof version>;

/** All versions that were measured. */
export type ReadyLoadResults = Readonly<Partial<Record<"22.05" | "24.11" | "26.05", ReadyLoad>>>;

/** Where the figures are kept. */
export const READY_LOAD = new URL("../ready_load.json", import.meta.url);

/**
 * The figures in a text of JSON.
 * @throws {v.ValiError} when something is missing, is of another kind, or is not known.
 */
export function parseReadyLoad(text: string): ReadyLoadResults {
  return v.parse(results, JSON.parse(text));
}

/** What the last runs came to; undefined: nobody has measured it here. */
export function readyLoadResults(): ReadyLoadResults | undefined {
  try {
    return parseReadyLoad(Deno.readTextFileSync(READY_LOAD));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
