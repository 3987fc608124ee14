import { LAUNCH_DEADLINE } from "../aws/error_codes.ts";
import { noneLeft } from "../capacity/none_left.ts";
import type { Offering } from "../capacity/offering.ts";
import { rank } from "../capacity/rank.ts";
import { deadlines } from "../cluster/deadlines.ts";
import type { LaunchSettings } from "../cluster/ssm_parameters.ts";
import type { NodeGroup } from "../config/model.ts";
import { breakerRefusal } from "../power_up/breaker.ts";
import { launchUnits } from "../power_up/launch_units.ts";
import { callsFor, putLaunch } from "./calls.ts";
import type { Halved } from "./doubt.ts";
import type { Draft } from "./draft.ts";
import { planHalf, wantedOf } from "./halves.ts";
import { heldLaunches, refuseBeyondLimits } from "./limits.ts";
import { poolMemory } from "./pool_memory.ts";
import { mayPass } from "./refused.ts";
import { settingsOf } from "./settings.ts";
import type { LaunchRecord, NodeRecord, Refusal } from "./state.ts";
import { reuseStopped } from "./stopped.ts";
import { jobsOf, refuseIncomplete } from "./whole_jobs.ts";

/** An instance launched now could not register before ResumeTimeout: it would only cost money. */
const TOO_LATE: Refusal = {
  code: LAUNCH_DEADLINE,
  message: "Too late to launch: a node launched now would not register before ResumeTimeout",
};

/** Milliseconds after its request until which a node may be launched. */
function launchWindow({ context }: Draft): number {
  return deadlines(context.timeouts, context.config.limits.expectedBootSeconds).launch * 1_000;
}

/**
 * Launches what is wanted and has nothing: all nodes of a group that are due now in as few calls as possible. A node
 * waits until the ends of what it had are accepted, so that no two of one name run at a time. What one offering could
 * not give is due again, and the next offering is asked for it; a node is refused once none is left.
 */
export function planLaunches(draft: Draft, halved: readonly Halved[]): void {
  endLate(draft);
  for (const { launch, refusal } of halved) planHalf(draft, launch, refusal);
  const due = Map.groupBy(dueNodes(draft), ({ name }) => draft.groups.get(name)!);
  const open = [...due].flatMap(([group, nodes]) => openGroup(draft, group, nodes) ?? []);
  refuseBeyondLimits(draft, open.flatMap((group) => group.due));
  // Before anything is launched: what a job gets in one group is of no use to it without the others.
  refuseIncomplete(draft);
  for (const group of open) planGroup(draft, group);
  const held = heldLaunches(draft);
  for (const launch of draft.launches.map.values()) {
    if (launch.over || !held.has(launch.token)) send(draft, launch);
  }
}

function dueNodes(draft: Draft): NodeRecord[] {
  const window = launchWindow(draft);
  const due: NodeRecord[] = [];
  for (const node of draft.nodes.map.values()) {
    if (node.want !== "up" || node.refusal !== undefined || draft.requests.held.has(node.name)) continue;
    if (draft.currentOf(node) !== undefined || draft.launches.of(node.name).length > 0) continue;
    if (!draft.groups.has(node.name)) continue;
    const unended = draft.instances.of(node.name).filter(({ end }) => end !== "asked");
    if (draft.now.clock - node.since > window) {
      draft.refuse(node.name, node.generation, unended.find((own) => own.endRefusal)?.endRefusal ?? TOO_LATE);
      continue;
    }
    draft.wakeAt(node.since + window + 1);
    if (unended.length === 0 && isTrusted(draft, node)) due.push(node);
  }
  return due;
}

/** Without a complete listing a node may have an instance that is not known: none is launched next to it. */
function isTrusted(draft: Draft, node: NodeRecord): boolean {
  if (draft.listedAt !== undefined) return true;
  const { readingRefused } = draft.memory;
  if (readingRefused !== undefined && !mayPass(readingRefused.refusal.code, readingRefused.tries)) {
    draft.refuse(node.name, node.generation, readingRefused.refusal);
  }
  return false;
}

/** A node group that can be launched, and its nodes that are due. */
interface OpenGroup {
  readonly group: NodeGroup;
  readonly settings: LaunchSettings;
  /** The best first; at least one. */
  readonly offerings: readonly Offering[];
  readonly due: readonly NodeRecord[];
}

/** Whether and with what a group can be launched; what is due is refused where it can't, and waits for SSM's answer. */
function openGroup(draft: Draft, group: NodeGroup, due: readonly NodeRecord[]): OpenGroup | undefined {
  const found = settingsOf(draft, group);
  if (found.kind === "wait") return undefined;
  if (found.kind === "refused") return refuseDue(draft, due, found.refusal);
  const { settings } = found;
  const broken = breakerRefusal(draft.bootFailures, group.name, settings.imageId);
  if (broken !== undefined) return refuseDue(draft, due, broken);
  const { kept: offerings, rejected } = rank(group, { memory: poolMemory(draft) });
  if (offerings.length > 0) return { group, settings, offerings, due };
  const { now } = draft;
  return refuseDue(draft, due, noneLeft(rejected, (clock) => now.wall + (clock - now.clock)));
}

function refuseDue(draft: Draft, due: readonly NodeRecord[], refusal: Refusal): undefined {
  for (const { name, generation } of due) draft.refuse(name, generation, refusal);
}

function planGroup(draft: Draft, { group, settings, offerings, due }: OpenGroup): void {
  const left = due.filter(({ name }) => draft.nodes.get(name)?.refusal === undefined);
  const fresh = reuseStopped(draft, group, settings, left);
  const jobs = [...jobsOf(draft, fresh).values()];
  const [offering, ...others] = offerings;
  for (const { nodes, whole } of launchUnits(fresh.map(({ name }) => name), group.strategy, jobs)) {
    // What the last offering can't give whole is of no use; of the others some is a part of it.
    const unit = { nodes, whole: whole && others.length === 0 };
    for (const plan of callsFor(draft, { group, settings, offering: offering! }, unit)) {
      putLaunch(draft, plan);
    }
  }
}

/** A launch that is too late, or wanted by no node any more, is not sent again; its outcome is still looked for. */
function endLate(draft: Draft): void {
  const window = launchWindow(draft);
  for (const launch of [...draft.launches.map.values()]) {
    const wanted = launch.over ? [] : wantedOf(draft, launch);
    const last = Math.max(...wanted.map((name) => draft.nodes.get(name)!.since + window));
    if (!launch.over && wanted.length > 0 && draft.now.clock <= last) {
      draft.wakeAt(last + 1);
      continue;
    }
    for (const name of wanted) {
      draft.refuse(name, draft.nodes.get(name)!.generation, launch.refusal ?? TOO_LATE);
    }
    for (const { node, generation } of launch.over ? [] : launch.rest ?? []) {
      draft.refuse(node, generation, launch.refusal ?? TOO_LATE);
    }
    if (!launch.over) {
      const { rest: _, ...over } = launch;
      draft.launches.put({ ...over, over: true, triedAt: launch.triedAt ?? draft.now.clock });
    }
  }
}

/** Milliseconds between look-ups by token: growing with the launch's age. */
const LOOK_UP = { least: 5_000, most: 30_000 };

function send(draft: Draft, launch: LaunchRecord): void {
  const { token } = launch;
  if (!launch.over) return void draft.actions.push({ kind: "run-instances", token });
  const { clock } = draft.now;
  const pause = Math.min(Math.max((clock - launch.at) / 4, LOOK_UP.least), LOOK_UP.most);
  const last = draft.looks.get(token);
  if (last === undefined || clock - last >= pause) draft.actions.push({ kind: "look-up-token", token });
  else draft.wakeAt(last + pause);
}
