import type { Fact } from "../controller/fact.ts";
import type { StepResult } from "../controller/step.ts";

/** Why the loop ended. */
export type LoopEnd =
  /** Everything is as Slurm wants it, and nothing gets due that the timer would not see to. */
  | "settled"
  /** What the caller waited for is there. */
  | "reached"
  /** It is not, within the time that the caller has. */
  | "late"
  /** The state directory was replaced: another worker may have its lock. */
  | "state-moved"
  /** Another program lies on the disk by now, and nothing is under way. */
  | "outdated"
  /** The configuration says by now what only a new start can take up: another region, other credentials. */
  | "reconfigured"
  /** Another host's slurmctld is in charge. */
  | "not-in-charge"
  /** The state can't be kept, and all that was asked for is done: hooks that can't leave their request wait for this end. */
  | "not-kept";

/** When the loop ends. */
export interface LoopGoal {
  /** Ends when this holds for what came of a step; absent: when all is settled. */
  readonly reached?: (result: StepResult) => boolean;
  /** Milliseconds after which {@link reached} is not waited for any more. */
  readonly limit?: number;
  /** Milliseconds that a settled loop stays for further requests. */
  readonly idle?: number;
  /** Facts to begin with, besides `started`. */
  readonly facts?: readonly Fact[];
}
