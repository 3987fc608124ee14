import { errorClass } from "../aws/error_codes.ts";
import { type FailureVerdict, failureVerdict } from "../cluster/verdict.ts";
import { VERDICT_SEQUENCE } from "../cluster/verdict_sequence.ts";
import { foldHostlist } from "../slurm/hostlist.ts";
import type { Draft } from "./draft.ts";
import { isFresh, isPersons, leaveToPerson } from "./fresh.ts";
import { failedInGroup, isGroupWide, planGroupVerdicts } from "./group_verdict.ts";
import { planComments, uninformedOf, waitsFor } from "./inform_jobs.ts";
import { awaitsLookUp } from "./late_instances.ts";
import type { NodeRecord } from "./state.ts";

/** Gives each node without an instance its verdict, and reports it until slurmctld shows it. */
export function planVerdicts(draft: Draft): void {
  const fresh = new Map<string, FailureVerdict>();
  for (const node of [...draft.nodes.map.values()]) {
    if (node.refusal !== undefined && node.verdict === undefined) fresh.set(node.name, decide(draft, node));
  }
  note(draft, fresh);
  planComments(draft);
  const waited = planGroupVerdicts(draft);
  for (const node of draft.nodes.map.values()) {
    if (node.verdict?.reported !== false) continue;
    // Its jobs would take the next node of the group: that is out of the way first.
    if (node.verdict.group !== undefined && waited.has(draft.groups.get(node.name)?.name ?? "")) continue;
    if (waitsFor(draft, node).length > 0 || awaitsLookUp(draft, node)) continue;
    report(draft, node, node.verdict);
  }
}

function decide(draft: Draft, node: NodeRecord): FailureVerdict {
  const { name, refusal, want } = node;
  const { now, context } = draft;
  const clock = { now: now.wall, cooldown: context.config.limits.cooldown };
  const verdict = failureVerdict(refusal!, errorClass(refusal!.code), clock);
  if (want === "up" && verdict.kind === "down" && isGroupWide(refusal!)) {
    const ofGroup = failedInGroup(draft, node, verdict.until);
    draft.changeNode(name, { verdict: { ...ofGroup, reported: false, ...uninformedOf(draft, node) } });
    return ofGroup;
  }
  // Given back at once, a node whose instance can't be ended would be powered up next to it.
  const kept = want === "down" && verdict.kind !== "down"
    ? failureVerdict(refusal!, "unknown", clock)
    : verdict;
  draft.changeNode(name, { verdict: { ...kept, reported: false, ...uninformedOf(draft, node) } });
  return kept;
}

function note(draft: Draft, verdicts: ReadonlyMap<string, FailureVerdict>): void {
  for (const [, same] of Map.groupBy(verdicts, ([, { kind, reason }]) => `${kind} ${reason}`)) {
    const { kind, reason } = same[0]![1];
    draft.note({ kind: "verdict", verdict: kind, nodes: foldHostlist(same.map(([name]) => name)), reason });
  }
}

/** Only what slurmctld makes of the node now allows a verdict on it: whatever is up is left alone. */
function report(draft: Draft, node: NodeRecord, { kind, reason }: FailureVerdict): void {
  const view = draft.views.get(node.name);
  if (view === undefined || draft.requests.held.has(node.name)) return void draft.unsure.add(node.name);
  const fits = node.want === "up"
    ? view.use === "awaited" || (view.use === "down" && view.until !== undefined)
    : view.use !== "awaited" && view.use !== "up";
  if (node.want === "down" && view.use === "down" && isPersons(view)) return leaveToPerson(draft, node.name);
  if (!fits) {
    if (node.died === undefined) draft.unsure.add(node.name);
    return;
  }
  if (!isFresh(draft, node.name, view)) return;
  // While it powers up, an end by slurmctld itself would make it IDLE without an instance.
  const unscheduled = kind === "down" && view.resumeAfter !== undefined && { resumeAfter: -1 };
  draft.setState(node, { purpose: "verdict", state: VERDICT_SEQUENCE[kind].state, reason, ...unscheduled });
}

/** slurmctld shows the verdict; a node that was given back at once is wanted no more. */
export function takeVerdictShown(draft: Draft, node: NodeRecord): void {
  const { verdict, name } = node;
  if (verdict === undefined) return;
  const { clock } = draft.now;
  draft.dropView(name);
  if (verdict.kind === "down") {
    return draft.changeNode(name, { verdict: { ...verdict, reported: true, reportedAt: clock } });
  }
  draft.lastVerdicts.set(name, { generation: node.generation, verdict });
  draft.begin(name, { want: "down", at: clock, because: "slurm" });
}
