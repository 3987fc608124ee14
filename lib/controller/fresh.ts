import type { Draft } from "./draft.ts";
import { isSlurmsOwn } from "./slurm_view.ts";
import type { SlurmView } from "./state.ts";

/** Milliseconds for which an answer of slurmctld is good enough to set a node's state by. */
const FRESH = 15_000;

/** Whether a node may be given a state by this view; if not, slurmctld is asked: a person may have set it since. */
export function isFresh(draft: Draft, name: string, { began }: SlurmView): boolean {
  const from = draft.now.clock - FRESH;
  if (began >= from) return true;
  draft.unsure.add(name);
  draft.freshFrom.set(name, from);
  return false;
}

/** A person decides about the node from here on. */
export function leaveToPerson(draft: Draft, name: string): void {
  draft.changeNode(name, { giveBack: undefined, refusal: undefined, verdict: undefined });
}

/** Powered down, idle, and marked by no person: the scheduler may give it to a job. */
export function isFree({ use, busy, marked }: SlurmView): boolean {
  return use === "off" && !busy && marked !== true;
}

/** Whether a person has set the node DOWN, drained it or keeps it for a purpose: that is the person's to undo. */
export function isPersons({ use, ours, marked, reason }: SlurmView): boolean {
  return marked === true || (use === "down" && ours !== true && !isSlurmsOwn(reason));
}
