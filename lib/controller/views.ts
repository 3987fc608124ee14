import { adopt } from "./adopt.ts";
import type { Draft } from "./draft.ts";
import type { Fact } from "./fact.ts";
import { takeReason } from "./give_back.ts";
import { settleMissing } from "./gone.ts";
import { viewOf } from "./slurm_view.ts";
import { takeBoot, takeBootSteps } from "./boots.ts";
import { takeUp } from "./lifetimes.ts";
import { takeAddress } from "./addresses.ts";
import { takeView } from "./want.ts";

/** slurmctld's answer: what it says of each node counts from when it was asked. */
export function takeSlurm(draft: Draft, { began, asked, nodes }: Fact & { kind: "slurm" }): void {
  for (const state of nodes) {
    const { name } = state;
    const before = draft.views.get(name);
    const from = Math.max(before?.began ?? -Infinity, draft.viewsFrom.get(name) ?? -Infinity);
    if (from > began) continue;
    const isOurs = draft.groups.has(name) || draft.nodes.get(name) !== undefined ||
      draft.instances.of(name).length > 0;
    if (!isOurs) continue;
    const view = viewOf(state, began);
    draft.views.set(name, view);
    draft.answered.add(name);
    takeView(draft, name, view);
    adopt(draft, name, view);
    settleMissing(draft, name, view);
    takeReason(draft, name, view);
    takeBoot(draft, name, view);
    takeBootSteps(draft, name, state);
    takeUp(draft, name, view);
    takeAddress(draft, name, view);
  }
  draft.requests.settleReleased();
  if (asked === undefined) takeCompleteAnswer(draft, began, new Set(nodes.map(({ name }) => name)));
}

/** Which of the configuration's nodes slurmctld has no word on: it may be another cluster's slurmctld, or half an answer. */
function takeCompleteAnswer(draft: Draft, began: number, names: ReadonlySet<string>): void {
  const notInSlurm = new Set([...draft.groups.keys()].filter((name) => !names.has(name)));
  draft.memory = { ...draft.memory, allViewsAt: began, notInSlurm, unaskedEnds: 0 };
}
