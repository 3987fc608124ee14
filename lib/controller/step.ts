import type { EventBody } from "../events/event.ts";
import type { Action } from "./action.ts";
import type { Fact } from "./fact.ts";
import { planAbandoned } from "./abandoned.ts";
import { planAddresses } from "./addresses.ts";
import type { StepContext } from "./context.ts";
import { planDeaths } from "./deaths.ts";
import { Draft } from "./draft.ts";
import { planEnds } from "./ends.ts";
import { takeFact } from "./facts.ts";
import { planGiveBack } from "./give_back.ts";
import { planHolds } from "./holds.ts";
import { noteLifetimes } from "./lifetimes.ts";
import { planLaunches } from "./launches.ts";
import { planLooks, planPass } from "./looks.ts";
import { planOffers } from "./offers.ts";
import { planPauses } from "./pauses.ts";
import { settleRequests } from "./requests.ts";
import type { State } from "./state.ts";
import { planStopped } from "./stopped.ts";
import { planVerdicts } from "./verdicts.ts";

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

/** The controller: facts change the state, and the state says what to do; whatever is not true yet is asked for again. */
export const step: Step = (state, facts, context) => {
  const draft = new Draft(state, context);
  const halved = facts.flatMap((fact) => takeFact(draft, fact));
  planLaunches(draft, halved);
  planStopped(draft);
  planPauses(draft);
  planAbandoned(draft);
  planVerdicts(draft);
  planDeaths(draft);
  planHolds(draft);
  planGiveBack(draft);
  planOffers(draft);
  planEnds(draft);
  planAddresses(draft);
  settleRequests(draft);
  for (const name of draft.requests.held.keys()) draft.unsure.add(name);
  draft.actions.push(...draft.states);
  const names = [...draft.wantedParameters].sort();
  if (names.length > 0) draft.actions.push({ kind: "read-parameters", names });
  const subnets = [...draft.wantedSubnets].sort();
  if (subnets.length > 0) draft.actions.push({ kind: "read-subnets", ids: subnets });
  planLooks(draft);
  const settled = isSettled(draft);
  planPass(draft, { settled });
  noteLifetimes(draft, state.instances);
  const { actions, events, dueAt } = draft;
  return { state: draft.finish(), actions, events, settled, ...(dueAt !== undefined && { dueAt }) };
};

/** Nothing is to be done, nothing is in doubt, and no request waits for its outcome. */
function isSettled(draft: Draft): boolean {
  if (draft.actions.length > 0 || draft.launches.map.size > 0 || draft.unsure.size > 0) return false;
  if (draft.memory.allViewsAt === undefined || draft.nextListing !== undefined) return false;
  for (const { settledAt } of draft.requests.map.values()) if (settledAt === undefined) return false;
  return true;
}
