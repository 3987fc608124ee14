import type { Action } from "../controller/action.ts";
import type { Fact } from "../controller/fact.ts";
import type { State } from "../controller/state.ts";
import type { StepResult } from "../controller/step.ts";
import { DEFAULT_TIMEOUTS } from "../cluster/slurm_timeouts.ts";
import type { LoopPorts } from "./ports.ts";
import { CHANGES, subjectsOf } from "./subjects.ts";

/** Rounds of questions after which the plan is what it is: a rule that asks for ever must not hang a person's command. */
const ROUNDS_MAX = 20;

/** How often one question is asked: an answer may lead to more of the same. */
const ASKED_MAX = 3;

/** What the controller would do now. */
export interface Plan {
  /** Only those that change something. */
  readonly actions: readonly Action[];
  /** With the launches that the actions name. */
  readonly state: State;
  /** What could not be found out, each a sentence. */
  readonly refusals: readonly string[];
}

/**
 * What the controller would do next, given these facts: it asks EC2, SSM and slurmctld as it would, changes nothing
 * and stores nothing.
 */
export async function dryRun(
  ports: Pick<LoopPorts, "step" | "perform" | "config" | "types" | "prices" | "now" | "newToken">,
  stored: State,
  facts: readonly Fact[],
): Promise<Plan> {
  const { step, perform, config, types, now, newToken } = ports;
  const prices = ports.prices?.();
  const asked = new Map<string, number>();
  const refusals = new Set<string>();
  let timeouts = DEFAULT_TIMEOUTS;
  let next: readonly Fact[] = [{ kind: "started" }, ...facts];
  let result: StepResult = { state: stored, actions: [], events: [], settled: true };
  for (let round = 0; round < ROUNDS_MAX; round++) {
    for (const fact of next) if (fact.kind === "timeouts") timeouts = fact.timeouts;
    result = step(result.state, next, {
      config,
      timeouts,
      now: now(),
      newToken,
      types,
      ...(prices && { prices }),
    });
    const questions = result.actions.filter((action) => !CHANGES[action.kind] && isNew(action, asked));
    if (questions.length === 0) break;
    const answers = await Promise.all(questions.map((question) => perform(question, result.state)));
    for (const { message } of answers.flatMap((answer) => answer.refusals)) refusals.add(message);
    next = answers.flatMap((answer) => answer.facts);
  }
  const actions = result.actions.filter(({ kind }) => CHANGES[kind]);
  return { actions, state: result.state, refusals: [...refusals] };
}

function isNew(action: Action, asked: Map<string, number>): boolean {
  const key = subjectsOf(action).join(" ");
  const times = (asked.get(key) ?? 0) + 1;
  asked.set(key, times);
  return times <= ASKED_MAX;
}
