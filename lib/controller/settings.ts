import { distinctParameterNames, type LaunchSettings, launchSettings } from "../cluster/ssm_parameters.ts";
import type { NodeGroup } from "../config/model.ts";
import type { Draft } from "./draft.ts";
import type { Fact } from "./fact.ts";
import { mayPass, triesOf } from "./refused.ts";
import type { Refusal } from "./state.ts";

/** Milliseconds for which a parameter's value counts as read just now: a burst of requests reads it once. */
const FRESH = 30_000;

/** What a launch of a group goes by: its settings, a refusal, or nothing before SSM has answered. */
export type Settings =
  | { readonly kind: "settings"; readonly settings: LaunchSettings }
  | { readonly kind: "refused"; readonly refusal: Refusal }
  | { readonly kind: "wait" };

/** The settings of a group by what SSM gave last; asks SSM where that is not fresh. */
export function settingsOf(draft: Draft, group: NodeGroup): Settings {
  const { config } = draft.context;
  const { parametersAt, parametersRefused } = draft.memory;
  const since = draft.now.clock - FRESH;
  const names = distinctParameterNames(config, [group]);
  const old = names.filter((name) => (parametersAt.get(name) ?? -Infinity) < since);
  if (old.length > 0) {
    const refused = old.map((name) => parametersRefused.get(name)).find((last) =>
      (last?.at ?? -Infinity) >= since
    );
    const hasLast = names.every((name) => draft.parameters.has(name));
    if (refused === undefined || (!hasLast && mayPass(refused.refusal.code, refused.tries))) {
      draft.wantParameters(old);
      return { kind: "wait" };
    }
    if (!hasLast) return { kind: "refused", refusal: refused.refusal };
  }
  return lastSettingsOf(draft, group);
}

/** The settings of a group by what SSM gave last, however long ago. */
export function lastSettingsOf(draft: Draft, group: NodeGroup): Settings {
  const settings = launchSettings(draft.context.config, group, draft.parameters);
  if (!("kind" in settings)) return { kind: "settings", settings };
  const { code, message } = settings;
  return { kind: "refused", refusal: { code, message } };
}

/** SSM has answered: what it does not name does not exist. */
export function takeParameters(draft: Draft, { names, values }: Fact & { kind: "parameters" }): void {
  const parameters = new Map(draft.parameters);
  const parametersAt = new Map(draft.memory.parametersAt);
  const parametersRefused = new Map(draft.memory.parametersRefused);
  for (const name of names) {
    parametersRefused.delete(name);
    parametersAt.set(name, draft.now.clock);
    const value = values.get(name);
    if (value === undefined) parameters.delete(name);
    else parameters.set(name, value);
  }
  draft.parameters = parameters;
  draft.memory = { ...draft.memory, parametersAt, parametersRefused };
}

/** SSM does not answer: the values that it gave last are used, where there are any. */
export function takeParametersRefused(
  draft: Draft,
  { names, refusal }: Fact & { kind: "parameters-refused" },
): void {
  const parametersRefused = new Map(draft.memory.parametersRefused);
  for (const name of names) {
    const tries = triesOf(parametersRefused.get(name), refusal.code);
    parametersRefused.set(name, { at: draft.now.clock, refusal, tries });
  }
  draft.memory = { ...draft.memory, parametersRefused };
  if (names.every((name) => draft.parameters.has(name))) {
    draft.note({
      kind: "trouble",
      message: `SSM does not answer (${refusal.code}), using the values it gave last: ${refusal.message}`,
    });
  }
}
