import type { InstanceState } from "../aws/instance.ts";
import { GRACE } from "./doubt.ts";
import { hasAbandoned } from "./abandoned.ts";
import type { Draft } from "./draft.ts";
import type { InstanceRecord } from "./state.ts";

/** Milliseconds between two looks at the same thing while it is unsettled: growing with its age. */
const LOOK = { least: 5_000, most: 30_000 };

/** Milliseconds for which an answer of slurmctld is not asked for again. */
const VIEW = 2_000;

/** Nodes: for more of them slurmctld is asked for all at once, in one answer. */
const MANY = 1_000;
/** The same for the nodes of a group that is refused: one that slurmctld does not know would spoil each question. */
const FEW = 20;

/** Milliseconds after which everything is looked at again while a worker runs. */
const PASS = 60_000;

/** Milliseconds after which a complete listing is made again: while something is unsettled, and otherwise. */
const LIST = { unsettled: 300_000, settled: 900_000 };

/** Asks EC2 about instances that have to be seen: births, those that never were, and those that a rule waits for. */
export function planLooks(draft: Draft): void {
  if (draft.listedAt === undefined) draft.actions.push({ kind: "list" });
  const ids: string[] = [];
  for (const instance of draft.instances.map.values()) {
    const at = lookAt(draft, instance);
    if (at === undefined) continue;
    if (at <= draft.now.clock) ids.push(instance.id);
    else draft.wakeAt(at);
  }
  if (ids.length > 0) draft.actions.push({ kind: "describe", ids });
}

/** When an instance is to be looked at next; undefined: not at all. */
function lookAt(draft: Draft, instance: InstanceRecord): number | undefined {
  const { id, knownSince, seen, end, state } = instance;
  const last = draft.looks.get(id);
  const { clock } = draft.now;
  if (draft.look.has(id)) return (last ?? -Infinity) + LOOK.least;
  const check = draft.context.config.limits.launchCheckSeconds * 1_000;
  if (end !== "no" || check === 0 || state === "stopped") return undefined;
  const born = knownSince + check;
  // One that died at birth is found by the first look; one that no answer has shown yet is looked for.
  if (last === undefined || last < born) return seen && clock > born + PASS ? undefined : born;
  if (seen || clock - knownSince > GRACE + PASS) return undefined;
  return last + Math.min(Math.max((clock - knownSince) / 4, LOOK.least), LOOK.most);
}

/** Milliseconds for which a request's nodes come before all others: its launch is on the way by then. */
const FIRST = 2_000;

/**
 * Whether slurmctld's word on all nodes can wait: a resume has just been asked for and is not launched yet. Of 10,000
 * nodes that answer takes longer to read than anything else before the launch.
 */
function isLaunching(draft: Draft): boolean {
  if (draft.memory.allViewsAt !== undefined) return false;
  const { clock } = draft.now;
  for (const { kind, at, settledAt, nodes } of draft.requests.map.values()) {
    if (kind !== "resume" || settledAt !== undefined || clock - at >= FIRST) continue;
    if (!nodes.some((name) => awaitsLaunch(draft, name))) continue;
    draft.wakeAt(at + FIRST);
    return true;
  }
  return false;
}

function awaitsLaunch(draft: Draft, name: string): boolean {
  if (draft.requests.held.has(name)) return true;
  const node = draft.nodes.get(name);
  return node?.want === "up" && node.refusal === undefined && draft.currentOf(node) === undefined;
}

/** Asks slurmctld about nodes that a rule is unsure of, unless it is asked for all of them anyway. */
function planQuestions(draft: Draft): void {
  if (isDue(draft, draft.memory.allViewsAt, PASS) && !isLaunching(draft)) {
    return void draft.actions.push({ kind: "ask-slurm" });
  }
  const nodes: string[] = [];
  for (const name of draft.unsure) {
    const view = draft.views.get(name);
    const held = draft.requests.held.get(name);
    const from = Math.max(held?.at ?? -Infinity, draft.freshFrom.get(name) ?? -Infinity);
    const isOld = view === undefined || view.began < from;
    if (isOld || isDue(draft, view.began, VIEW)) nodes.push(name);
    else draft.wakeAt(view.began + VIEW);
  }
  if (nodes.length > MANY || draft.freshFrom.size > FEW) draft.actions.push({ kind: "ask-slurm" });
  else if (nodes.length > 0) draft.actions.push({ kind: "ask-slurm", nodes });
}

function isDue({ now }: Draft, last: number | undefined, every: number): boolean {
  return last === undefined || now.clock - last >= every;
}

/** What is looked at once in a pass, without anything being unsettled: not a reason for the worker to stay. */
export function planPass(draft: Draft, { settled }: { readonly settled: boolean }): void {
  const { allViewsAt, endedListedAt = -Infinity } = draft.memory;
  planQuestions(draft);
  if (allViewsAt !== undefined && !settled) draft.wakeAt(allViewsAt + PASS);
  if (draft.listedAt === undefined) return;
  const every = settled ? LIST.settled : LIST.unsettled;
  const looked = Math.max(draft.listedAt, endedListedAt);
  const isNeeded = (draft.nextListing ?? Infinity) <= draft.now.clock;
  if (isNeeded || isDue(draft, draft.listedAt, every)) draft.actions.push({ kind: "list" });
  else if (isDue(draft, looked, PASS) && (hasUp(draft) || hasAbandoned(draft))) {
    draft.actions.push({ kind: "list-ended", states: endedStates(draft) });
  }
  if (settled) return;
  draft.wakeAt(draft.listedAt + LIST.unsettled);
  if (hasUp(draft)) draft.wakeAt(looked + PASS);
}

/** An instance of a group that stops its instances may have stopped itself. */
function endedStates(draft: Draft): InstanceState[] {
  const ended: InstanceState[] = ["shutting-down", "terminated"];
  const mayStop = draft.context.config.nodeGroups.some(({ powerDownAction }) => powerDownAction === "stop");
  return mayStop ? [...ended, "stopping", "stopped"] : ended;
}

/** Whether a node stands on an instance, whose death would have to be noticed. */
function hasUp(draft: Draft): boolean {
  for (const { end } of draft.instances.map.values()) if (end === "no") return true;
  return false;
}
