import type { StepContext } from "../controller/context.ts";
import type { Log } from "../base/log.ts";
import type { Config, Price } from "../config/model.ts";
import type { Fact } from "../controller/fact.ts";
import type { Now } from "../controller/now.ts";
import type { RequestRecord } from "../controller/state.ts";
import type { Step } from "../controller/step.ts";
import type { EventSink } from "../events/event.ts";
import type { Store } from "../store/store.ts";
import type { Perform } from "./perform.ts";

/** A request as the queue holds it. */
export type RequestFact = Extract<Fact, { kind: "request" }>;

/** What may lie in the queue. */
export type QueueFact =
  | Extract<Fact, { kind: "request" | "reset" | "pause" | "unpause" }>
  /** A command waits for the worker's lock. */
  | { readonly kind: "yield"; readonly id: string };

/** Where hooks and persons put their requests. */
export interface RequestQueue {
  /** Those that lie there, oldest first; one that can't be read is set aside and never comes again. Never throws. */
  take(): Promise<readonly QueueFact[]>;
  /** Removes requests that are in the state for good. Never throws. */
  forget(ids: readonly string[]): Promise<void>;
  /** Calls `changed` whenever something may have arrived; answers how to end that. */
  watch(changed: () => void): () => void;
}

/** What the loop needs of the outside. */
export interface LoopPorts {
  readonly step: Step;
  readonly perform: Perform;
  readonly store: Store;
  readonly queue: RequestQueue;
  readonly config: Config;
  /** What launches have to know, by instance type; may lack any of them. */
  readonly types: StepContext["types"];
  /** Prices by instance type as they are known now; absent: none is. */
  readonly prices?: () => ReadonlyMap<string, Price>;
  /** Whether one pass may end more instances, unasked, than it otherwise would. */
  readonly force?: boolean;
  readonly now: () => Now;
  /** Waits for milliseconds; ends early, by rejecting, when the signal is aborted. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** 0..1. */
  readonly random: () => number;
  /** A fresh client token, at most 64 ASCII characters. */
  readonly newToken: () => string;
  readonly log: Log;
  readonly events: EventSink;
  /** Called at each pass, at least every {@link HEARTBEAT_EVERY} milliseconds. */
  readonly beat?: () => void;
  /** Milliseconds since the timer last started a worker; undefined: it never did. */
  readonly timerAge?: () => number | undefined;
  /** Whether the program on the disk is no longer the one that runs. */
  readonly isOutdated?: () => boolean;
  /** Whether the state outlives this process; absent: it does. */
  readonly isKept?: () => boolean;
  /** Whether the lock that was taken at the start still is the one that others would take; absent: there is none. */
  readonly holdsLock?: () => boolean;
  /** Why this host must not change anything now, as a clause; undefined: it may. Absent where slurmctld has one host. */
  readonly whyNotInCharge?: () => Promise<string | undefined>;
  /**
   * What the configuration says since it was last asked for: undefined: the same; `restart`: what it says takes a new
   * start. Absent: it is not looked at again.
   */
  readonly reconfigured?: () => Config | "restart" | undefined;
  /** Called at each refusal, as a sentence. */
  readonly refused?: (message: string) => void;
  /** Called for each request that a step has settled. */
  readonly settled?: (request: RequestRecord) => void;
}

/** Milliseconds between two heartbeats at most. */
export const HEARTBEAT_EVERY = 5_000;
