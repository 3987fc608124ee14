import type { HistorySettings } from "../config/model.ts";
import type { EventBody } from "../events/event.ts";
import type { Lifetime } from "./lifetime.ts";
import type { SubjectKind } from "./subjects.ts";

/** An event as the history holds it. */
export interface PastEvent {
  /** Counts all events of the history, oldest first. */
  readonly id: number;
  /** Milliseconds since 1970 UTC. */
  readonly time: number;
  /** Id of the worker or command that wrote it. */
  readonly run: string;
  readonly body: EventBody;
}

/** Which events are wanted. */
export interface HistoryQuery {
  /** Only what tells of this node, instance, job or launch; absent: everything. */
  readonly subject?: { readonly kind: SubjectKind; readonly name: string };
  /** Milliseconds since 1970 UTC, included. */
  readonly from?: number;
  /** Milliseconds since 1970 UTC, not included. */
  readonly to?: number;
  /** Only those of this kind. */
  readonly event?: EventBody["kind"];
  /** How many at most: the newest of them. */
  readonly limit: number;
}

/** What happened, as far back as it is kept; only read. */
export interface History {
  /** The newest events that fit, oldest first. */
  read(query: HistoryQuery): PastEvent[];
  /** Shows every event of some kinds in a window (milliseconds since 1970 UTC) in the order of time, one at a time. */
  scan(
    query: { readonly from: number; readonly to: number; readonly kinds: readonly EventBody["kind"][] },
    visit: (time: number, body: EventBody) => void,
  ): void;
  /** Events of some kinds behind one that was read before, by its id (0: all), oldest first. */
  after(
    query: { readonly id: number; readonly kinds: readonly EventBody["kind"][]; readonly limit: number },
  ): PastEvent[];
  /** Id of the newest event; 0: there is none. */
  last(): number;
  /** The lifetimes of instances that lie in part between two times (milliseconds since 1970 UTC), in no order. */
  lifetimes(from: number, to: number): Iterable<Lifetime>;
  /** How many events there are, and the time of the oldest (milliseconds since 1970 UTC). */
  extent(): { readonly count: number; readonly oldest: number | undefined };
}

/** How much of the history is kept. */
export interface Retention {
  /** Events before this are dropped: milliseconds since 1970 UTC. */
  readonly before: number;
  /** The newest events that are kept at most. */
  readonly count: number;
  /** Bytes that the file may hold before its oldest events go, what has become free in it not counted. */
  readonly bytes: number;
}

/** Events that are kept at most, whatever room they take: about 210 MiB with two index entries each. */
const KEEP_EVENTS = 1_000_000;

/** What is kept at this time (milliseconds since 1970 UTC). */
export function retention(now: number, { days, megabytes }: HistorySettings): Retention {
  return { before: now - days * 24 * 3600 * 1000, count: KEEP_EVENTS, bytes: megabytes * 1024 * 1024 };
}
