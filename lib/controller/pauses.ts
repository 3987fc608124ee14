import { LAUNCHING_PAUSED } from "../aws/error_codes.ts";
import { utcTime } from "../base/utc_time.ts";
import { reasonClass } from "../cluster/reason.ts";
import type { Draft } from "./draft.ts";
import type { Fact } from "./fact.ts";
import { ALL_GROUPS, type NodeRecord, type Refusal, type State } from "./state.ts";

/** The pauses once one is begun or ended; all node groups: those of single groups end with it. */
export function changedPauses(
  before: NonNullable<State["pauses"]>,
  { kind, nodeGroup }: Pick<Fact & { kind: "pause" | "unpause" }, "kind" | "nodeGroup">,
  wall: number,
): NonNullable<State["pauses"]> {
  if (kind === "pause") return nodeGroup in before ? before : { ...before, [nodeGroup]: wall };
  if (nodeGroup === ALL_GROUPS) return {};
  const { [nodeGroup]: _, ...rest } = before;
  return rest;
}

/** A person stops launches, or lets them go on. */
export function takePause(draft: Draft, { kind, nodeGroup }: Fact & { kind: "pause" | "unpause" }): void {
  draft.pauses = changedPauses(draft.pauses, { kind, nodeGroup }, draft.now.wall);
  draft.note({ kind, nodeGroup });
}

/** Why the launches of a node group are stopped; undefined: they are not. */
export function pauseOf(
  { pauses }: Pick<Draft, "pauses">,
  nodeGroup: string | undefined,
): Refusal | undefined {
  const key = ALL_GROUPS in pauses ? ALL_GROUPS : nodeGroup;
  const since = key === undefined ? undefined : pauses[key];
  if (since === undefined) return undefined;
  const [what, undo] = key === ALL_GROUPS ? ["all node groups", ""] : [`node group ${key}`, ` ${key}`];
  const time = utcTime(since);
  return {
    code: LAUNCHING_PAUSED,
    message: `launches of ${what} are paused since ${time}: slurm-ec2 unpause${undo}`,
  };
}

/** The nodes among those that are due whose launches are not paused; the others get the pause as their refusal. */
export function unpaused(draft: Draft, due: readonly NodeRecord[]): readonly NodeRecord[] {
  return due.filter(({ name, generation }) => {
    const refusal = pauseOf(draft, draft.groups.get(name)?.name);
    if (refusal !== undefined) draft.refuse(name, generation, refusal);
    return refusal === undefined;
  });
}

/** Milliseconds before the end of a node's `until` at which it is written again while its group is paused. */
const AHEAD = 60_000;

/**
 * Nodes that a pause holds go back to Slurm once it is over. As long as it lasts their reasons say a time that is still
 * to come: should the state be lost, and the pause with it, they go back by that.
 */
export function planPauses(draft: Draft): void {
  const { clock, wall } = draft.now;
  for (const [name, { use, until, reason }] of draft.views.map) {
    if (use !== "down" || until === undefined) continue;
    if (reasonClass(reason) !== "paused") continue;
    if (pauseOf(draft, draft.groups.get(name)?.name) === undefined) draft.lifted.add(name);
    else draft.kept.add(name);
  }
  for (const { name, refusal, verdict } of [...draft.nodes.map.values()]) {
    if (refusal?.code !== LAUNCHING_PAUSED || verdict?.kind !== "down") continue;
    if (pauseOf(draft, draft.groups.get(name)?.name) === undefined) continue;
    draft.kept.add(name);
    // Decided again, it says a later time.
    if (verdict.reported && verdict.until < wall + AHEAD) draft.changeNode(name, { verdict: undefined });
  }
  if (draft.kept.size > 0) draft.wakeAt(clock + AHEAD);
}
