import type { State } from "../controller/state.ts";
import type { EventBody } from "../events/event.ts";
import type { History, Retention } from "./history.ts";

/** Where the controller's state and history are between two runs of the worker. */
export interface Store {
  /** The state as it was last committed, without what only a running worker remembers. */
  load(): State;
  /**
   * Makes the next state and its events durable, in one transaction; only records that are not the very objects of
   * the state before are written. Throws an Error when that is not possible: a full disk, a damaged file.
   */
  commit(next: State, events: readonly EventBody[]): void;
  /** What happened so far. */
  readonly history: History;
  /** Drops the history's oldest events; returns how many. A part of them at a time: call it again until it says 0. */
  prune(retention: Retention): number;
  /** Whether what is written still goes where the next worker will look: the file or its directory may have been replaced meanwhile. */
  isInPlace(): boolean;
  /** Gives the file back. */
  close(): void;
}

/** A state as the next worker gets it. */
export function withoutMemory(state: State): State {
  const { memory: _, ...kept } = state;
  return kept;
}

/** Whether two states are stored alike: what only a running worker remembers is not. */
export function isSameStored(before: State, after: State): boolean {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)] as (keyof State)[]);
  keys.delete("memory");
  return [...keys].every((key) => before[key] === after[key]);
}
