import { LAUNCH_DEADLINE } from "../aws/error_codes.ts";
import { noneLeft } from "../capacity/none_left.ts";
import { bucketWords, launchableUntil, tokensHeld, withQuota } from "../capacity/tokens.ts";
import { rank, type Rejected } from "../capacity/rank.ts";
import { deadlines } from "../cluster/deadlines.ts";
import type { NodeGroup } from "../config/model.ts";
import { breakerRefusal } from "../power_up/breaker.ts";
import type { Halved } from "./doubt.ts";
import type { Draft } from "./draft.ts";
import { planHalf, wantedOf } from "./halves.ts";
import { launchDue, type OpenGroup } from "./launch_due.ts";
import { heldLaunches, refuseBeyondLimits } from "./limits.ts";
import { unpaused } from "./pauses.ts";
import { poolMemory } from "./pool_memory.ts";
import { mayPass } from "./refused.ts";
import { settingsOf } from "./settings.ts";
import type { LaunchRecord, NodeRecord, Refusal } from "./state.ts";
import { reuseStopped } from "./stopped.ts";
import { mustAwaitSubnets } from "./subnets.ts";
import { refuseIncomplete } from "./whole_jobs.ts";

/** An instance launched now could not register before ResumeTimeout: it would only cost money. */
const TOO_LATE: Refusal = {
  code: LAUNCH_DEADLINE,
  message: "Too late to launch: a node launched now would not register before ResumeTimeout",
};

/** Why a node was not launched in time: EC2's throttle since its request, an empty bucket, or no time at all. */
function tooLate(draft: Draft, { since }: NodeRecord): Refusal {
  const { throttle } = draft.tokens;
  const seconds = launchWindow(draft) / 1_000;
  const most = launchableUntil(
    withQuota({}, draft.context.config.limits.apiQuota),
    draft.now.clock + seconds * 1_000,
    draft.now.clock,
  );
  const arithmetic = `${
    bucketWords(draft.tokens)
  }, so ${most} in the ${seconds} s in which a node can still register`;
  if (throttle !== undefined && throttle.at >= since) {
    return { code: throttle.code, message: `${throttle.message.replace(/\.$/, "")}; ${arithmetic}` };
  }
  const isEmpty = tokensHeld(draft.tokens, draft.now.clock).resources < FEW_TOKENS;
  return isEmpty ? { code: LAUNCH_DEADLINE, message: `Too late to launch: ${arithmetic}` } : TOO_LATE;
}

/** Resource tokens below which a node that came too late is taken to have waited for them. */
const FEW_TOKENS = 100;

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
  readAhead(draft);
  for (const { launch, refusal } of halved) planHalf(draft, launch, refusal);
  const due = Map.groupBy(unpaused(draft, dueNodes(draft)), ({ name }) => draft.groups.get(name)!);
  const open = [...due].flatMap(([group, nodes]) => openGroup(draft, group, nodes) ?? []);
  refuseBeyondLimits(draft, open.flatMap((group) => group.due));
  // Before anything is launched: what a job gets in one group is of no use to it without the others.
  refuseIncomplete(draft);
  launchDue(draft, open.map((group) => ({ ...group, due: freshOf(draft, group) })), launchWindow(draft));
  const held = heldLaunches(draft);
  for (const launch of draft.launches.map.values()) {
    if (launch.over || !held.has(launch.token)) send(draft, launch);
  }
}

/**
 * A store that knows nothing waits for a listing, and for slurmctld's word on the nodes: what else a launch of them goes
 * by is asked for at the same time.
 */
function readAhead(draft: Draft): void {
  if (draft.listedAt !== undefined) return;
  const groups = new Set<NodeGroup>();
  for (const name of [...draft.requests.held.keys(), ...draft.nodes.map.keys()]) {
    const node = draft.nodes.get(name);
    const group = draft.groups.get(name);
    if (group === undefined || node?.refusal !== undefined) continue;
    if (draft.requests.held.has(name) || node?.want === "up") groups.add(group);
  }
  for (const group of groups) if (settingsOf(draft, group).kind !== "refused") mustAwaitSubnets(draft, group);
}

function dueNodes(draft: Draft): NodeRecord[] {
  const window = launchWindow(draft);
  const due: NodeRecord[] = [];
  for (const node of draft.nodes.map.values()) {
    if (node.want !== "up" || node.refusal !== undefined || draft.requests.held.has(node.name)) continue;
    if (draft.currentOf(node) !== undefined || draft.launches.of(node.name).length > 0) continue;
    if (!draft.groups.has(node.name)) continue;
    const unended = draft.instances.of(node.name).filter(({ end }) => end !== "asked");
    const credentials = draft.memory.credentialsRefused;
    if (credentials !== undefined && node.since <= credentials.at) {
      draft.refuse(node.name, node.generation, credentials.refusal);
      continue;
    }
    if (draft.now.clock - node.since > window) {
      draft.refuse(
        node.name,
        node.generation,
        unended.find((own) => own.endRefusal)?.endRefusal ?? tooLate(draft, node),
      );
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

/** Whether and with what a group can be launched; what is due is refused where it can't, and waits for SSM's answer. */
function openGroup(draft: Draft, group: NodeGroup, due: readonly NodeRecord[]): OpenGroup | undefined {
  const found = settingsOf(draft, group);
  if (found.kind === "wait") return undefined;
  if (found.kind === "refused") return refuseDue(draft, due, found.refusal);
  const { settings } = found;
  const broken = breakerRefusal(draft.bootFailures, group.name, settings.imageId);
  if (broken !== undefined) return refuseDue(draft, due, broken);
  if (mustAwaitSubnets(draft, group)) return undefined;
  const { now, context: { config }, memory: { subnets } } = draft;
  const { kept: offerings, rejected } = rank(group, {
    memory: poolMemory(draft),
    avoid: config.zones.avoid,
    wanted: due.length,
    ...(subnets !== undefined && { subnets }),
  });
  if (offerings.length > 0) return { group, settings, offerings, due };
  const refusal = noneLeft(rejected, now);
  const next = spotLimitOver(rejected);
  // A spot pool may be open again before.
  if (next !== undefined) { for (const { out } of rejected) draft.wakeAt(out?.until ?? Infinity); }
  return refuseDue(
    draft,
    next === undefined ? due : due.filter((node) => !awaits(draft, node, next)),
    refusal,
  );
}

/** When on-demand may be asked for in place of spot; undefined: that is not what keeps a group from being launched. */
function spotLimitOver(rejected: readonly Rejected[]): number | undefined {
  const [first] = rejected.filter(({ filter }) => filter === "spotTimeLimit");
  return first?.out?.until;
}

/** Whether a node can still be launched then: it waits. */
function awaits(draft: Draft, { since }: NodeRecord, next: number): boolean {
  return next <= since + launchWindow(draft);
}

function refuseDue(draft: Draft, due: readonly NodeRecord[], refusal: Refusal): undefined {
  for (const { name, generation } of due) draft.refuse(name, generation, refusal);
}

/** The nodes of a group that need an instance of their own: not refused by now, and not served by their stopped one. */
function freshOf(draft: Draft, { group, settings, due }: OpenGroup): readonly NodeRecord[] {
  const left = due.filter(({ name }) => draft.nodes.get(name)?.refusal === undefined);
  return reuseStopped(draft, group, settings, left);
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
