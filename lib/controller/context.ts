import type { Charged } from "../capacity/day_cost.ts";
import type { SlurmTimeouts } from "../cluster/slurm_timeouts.ts";
import type { Config, Price } from "../config/model.ts";
import type { LaunchFacts } from "../power_up/launch_facts.ts";
import type { Now } from "./now.ts";

/** What a step decides by, besides state and facts. */
export interface StepContext {
  readonly config: Config;
  /** slurmctld's timeouts as last read; Slurm's defaults until then. */
  readonly timeouts: SlurmTimeouts;
  readonly now: Now;
  /** A fresh client token, at most 64 ASCII characters. */
  readonly newToken: () => string;
  /** By instance type, for groups that choose their threads per core or have EFAs; may lack any of them. */
  readonly types: ReadonlyMap<string, LaunchFacts>;
  /** Known prices by instance type: what cost limits go by. */
  readonly prices?: ReadonlyMap<string, Price>;
  /** A number in 0..1 by chance, for pauses; absent: one half. */
  readonly random?: () => number;
  /** What EC2 charged for since midnight UTC and that has ended; absent: nothing. */
  readonly endedToday?: Iterable<Charged>;
  /** Ends that no request asked for have no ceiling in this step: a person has read what they are. */
  readonly force?: boolean;
}
