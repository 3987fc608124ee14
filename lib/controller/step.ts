import type { SlurmTimeouts } from "../cluster/slurm_timeouts.ts";
import type { Config } from "../config/model.ts";
import type { EventBody } from "../events/event.ts";
import type { Action } from "./action.ts";
import type { Fact } from "./fact.ts";
import type { Now } from "./now.ts";
import type { State } from "./state.ts";

/** What a step decides by, besides state and facts. */
export interface StepContext {
  readonly config: Config;
  /** slurmctld's timeouts as last read; Slurm's defaults until then. */
  readonly timeouts: SlurmTimeouts;
  readonly now: Now;
  /** A fresh client token, at most 64 ASCII characters. */
  readonly newToken: () => string;
  /** Default cores by instance type, for groups that choose their threads per core; may lack any of them. */
  readonly cores: ReadonlyMap<string, number>;
}

/** What comes of a step: the state to commit before any action is performed, what to do, and what to remember. */
export interface StepResult {
  readonly state: State;
  readonly actions: readonly Action[];
  readonly events: readonly EventBody[];
  /** The earliest time at which something gets due by itself ({@link Now.clock}); undefined: nothing does. */
  readonly dueAt?: number;
  /** Whether everything is as Slurm wants it: the worker may end once nothing is due. */
  readonly settled: boolean;
}

/** Takes facts in and says what to do now; pure. */
export type Step = (state: State, facts: readonly Fact[], context: StepContext) => StepResult;
