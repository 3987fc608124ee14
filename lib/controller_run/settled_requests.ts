import type { RequestRecord, State } from "../controller/state.ts";
import type { EventBody } from "../events/event.ts";

/** The requests that a step has settled. */
export function settledNow(before: State, after: State): RequestRecord[] {
  if (before.requests === after.requests) return [];
  return [...after.requests.values()].filter(({ id, settledAt }) =>
    settledAt !== undefined && before.requests.get(id)?.settledAt === undefined
  );
}

/** The end of a request in the history; calls are shared by requests, so none is counted for one. */
export function doneEvent({ kind, outcomes, at, settledAt = at }: RequestRecord): EventBody {
  const verdicts: Record<string, number> = {};
  for (const { kind } of Object.values(outcomes)) verdicts[kind] = (verdicts[kind] ?? 0) + 1;
  return { kind: "done", hook: kind, verdicts, calls: {}, milliseconds: Math.max(0, settledAt - at) };
}

/** Whether every request has its outcome, and no launch or end is open: what is left, slurmctld and a later worker see to. */
export function isServed({ requests, launches, instances }: State): boolean {
  return launches.size === 0 &&
    [...requests.values()].every(({ settledAt }) => settledAt !== undefined) &&
    [...instances.values()].every(({ end }) => end !== "due");
}
