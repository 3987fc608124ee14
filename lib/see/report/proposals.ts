import { BREAKER_LIMIT } from "../../cluster/boot_failures.ts";
import type { BootRow } from "./boots.ts";

/** What measured boots suggest for the settings; absent: too few boots to say. */
export interface Proposals {
  /** Boots that it is made from. */
  readonly boots: number;
  /** slurm.conf's ResumeTimeout, seconds. */
  readonly resumeTimeout?: number;
  /** limits.expectedBootSeconds. */
  readonly expectedBootSeconds?: number;
  /** Part of the boots that failed, 0 to 1. */
  readonly failureRate?: number;
  /** Boots in a row that fail by chance less than once in 10,000 rows. */
  readonly failuresInARow?: number;
  /** After how many in a row the breaker opens. */
  readonly breakerLimit: number;
}

/** Boots below which a percentile says little. */
const ENOUGH = 20;

/** How seldom a row of failures is to open the breaker by chance. */
const CHANCE = 1e-4;

/** ResumeTimeout leaves the slowest of a hundred boots half its time again, a minute at least, in steps of 30 s. */
export function proposalsOf({ seconds, failed }: BootRow): Proposals {
  const boots = (seconds?.count ?? 0) + failed;
  if (seconds === undefined || seconds.count < ENOUGH) return { boots, breakerLimit: BREAKER_LIMIT };
  const failureRate = failed / boots;
  return {
    boots,
    resumeTimeout: Math.ceil(Math.max(seconds.p99 * 1.5, seconds.p99 + 60) / 30) * 30,
    expectedBootSeconds: Math.max(10, Math.ceil(seconds.p90 / 10) * 10),
    failureRate,
    failuresInARow: failureRate === 0 ? 2 : Math.max(2, Math.ceil(Math.log(CHANCE) / Math.log(failureRate))),
    breakerLimit: BREAKER_LIMIT,
  };
}
