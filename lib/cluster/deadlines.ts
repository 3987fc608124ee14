import type { SlurmTimeouts } from "./slurm_timeouts.ts";

/** Seconds kept for the verdicts before slurmctld kills the hook. */
const VERDICT_RESERVE = 10;

/** Seconds from a hook's start. */
export interface Deadlines {
  /** Until when every node must have its verdict. */
  readonly verdict: number;
  /** Until when an instance may be launched: later, its node could not register before ResumeTimeout. */
  readonly launch: number;
}

/**
 * A hook's deadlines, from slurmctld's timeouts and the time a boot takes, all in seconds. slurmctld kills a
 * hook after the largest of its timeouts, and takes a node down that has not registered ResumeTimeout after its
 * request (slurm.conf(5), https://slurm.schedmd.com/slurm.conf.html#OPT_ResumeProgram). Where ResumeTimeout
 * leaves no time for a boot at all, launching goes ahead at once but nothing is waited for.
 */
export function deadlines(timeouts: SlurmTimeouts, expectedBoot: number): Deadlines {
  const verdict = Math.max(timeouts.hook - VERDICT_RESERVE, VERDICT_RESERVE);
  const launch = Math.min(Math.max(timeouts.resume - expectedBoot, VERDICT_RESERVE), verdict);
  return { verdict, launch };
}
