import type { Config } from "../config/model.ts";

/** Seconds. */
export interface SlurmTimeouts {
  /** Within which a node must register after its power-up request. */
  readonly resume: number;
  /** After which slurmctld kills a hook. */
  readonly hook: number;
  /** Whether slurmctld ends a DOWN by itself where its configuration says so (ResumeAfter, asked for from 24.11 on). */
  readonly resumesAfter?: boolean;
}

/** 22.05.8 refuses ResumeAfter; 24.11.5 and 26.05.5 take it with DOWN on a powered-down node (tried). */
const RESUME_AFTER_SINCE = "24.11";

/** slurm.conf(5): the defaults, in seconds. */
const DEFAULTS = { ResumeTimeout: 60, SuspendTimeout: 30 };

/** What holds until slurmctld has said otherwise. */
export const DEFAULT_TIMEOUTS: SlurmTimeouts = {
  resume: DEFAULTS.ResumeTimeout,
  hook: DEFAULTS.ResumeTimeout,
};

/** slurm.conf(5): the largest value, taken for INFINITE; seconds. */
const INFINITE = 65_533;

/**
 * The timeouts that count for this configuration's nodes. A partition's own ResumeTimeout replaces the global
 * one for its nodes, and of several partitions the highest counts; a hook is killed after the highest of all
 * ResumeTimeouts and SuspendTimeouts. https://slurm.schedmd.com/slurm.conf.html#OPT_ResumeTimeout
 */
export function slurmTimeouts(
  config: Pick<Config, "nodeGroups" | "partitions">,
  global: ReadonlyMap<string, string>,
  partitions: ReadonlyMap<string, ReadonlyMap<string, string>>,
): SlurmTimeouts {
  const globally = (key: keyof typeof DEFAULTS) => seconds(global.get(key)) ?? DEFAULTS[key];
  const own = (key: keyof typeof DEFAULTS) =>
    [...partitions].flatMap(([name, settings]) => {
      const value = seconds(settings.get(key));
      return value === undefined ? [] : [{ name, value }];
    });
  const resumeOf = new Map(own("ResumeTimeout").map(({ name, value }) => [name, value]));
  const perGroup = config.nodeGroups.map((group) => {
    const its = config.partitions.filter((partition) => partition.nodeGroups.includes(group.name));
    const values = its.flatMap(({ name }) => resumeOf.get(name) ?? []);
    return values.length === 0 ? globally("ResumeTimeout") : Math.max(...values);
  });
  const all = [...own("ResumeTimeout"), ...own("SuspendTimeout")].map(({ value }) => value);
  return {
    resume: perGroup.length === 0 ? globally("ResumeTimeout") : Math.min(...perGroup),
    hook: Math.max(globally("ResumeTimeout"), globally("SuspendTimeout"), ...all),
    ...((global.get("SLURM_VERSION") ?? "") >= RESUME_AFTER_SINCE && { resumesAfter: true }),
  };
}

/** `600 sec`, `600` or `INFINITE`; undefined for `GLOBAL` and whatever else is not a duration. */
function seconds(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (text === "INFINITE") return INFINITE;
  const value = Number.parseInt(text, 10);
  return Number.isFinite(value) ? value : undefined;
}
