/**
 * What `notify.command` is run for: a breaker has opened, a limit holds launches back, an instance that belonged to no
 * node was ended, requests wait and no worker serves them; `test` only when a person asks for it.
 */
export type NoticeKind = "breaker-open" | "limit-reached" | "orphan-ended" | "worker-dead" | "test";

/** Every kind that happens by itself. */
export const NOTICE_KINDS = ["breaker-open", "limit-reached", "orphan-ended", "worker-dead"] as const;

/** One thing that happened. */
export interface Happening {
  /** Milliseconds since 1970 UTC. */
  readonly time: number;
  /** The node group and image, code of the limit, or instance id that it is about; empty for the worker. */
  readonly subject: string;
  /** For a person, without a final period. */
  readonly sentence: string;
}

/** What has happened of one kind and was not reported yet. */
export interface Gathered {
  /** How often it happened, those without an entry in `happenings` included. */
  readonly count: number;
  /** The first of them: {@link HAPPENINGS_MAX} at most. */
  readonly happenings: readonly Happening[];
}

/** Happenings that one notice tells one by one; of the others it has the number. */
export const HAPPENINGS_MAX = 20;

/** Adds what happened to what waits. */
export function gather(before: Gathered | undefined, more: readonly Happening[]): Gathered {
  const { count, happenings } = before ?? { count: 0, happenings: [] };
  return {
    count: count + more.length,
    happenings: [...happenings, ...more].slice(0, HAPPENINGS_MAX),
  };
}
