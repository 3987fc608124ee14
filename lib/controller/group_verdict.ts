import { errorRule } from "../aws/error_codes.ts";
import { refusalScope } from "../aws/refusal_scope.ts";
import { leavesOthers } from "../capacity/exhausted.ts";
import { groupUntil } from "../capacity/group_until.ts";
import { formatReason, readReason } from "../cluster/reason.ts";
import type { FailureVerdict } from "../cluster/verdict.ts";
import type { NodeGroup } from "../config/model.ts";
import type { Draft } from "./draft.ts";
import { isFree, isFresh, isPersons } from "./fresh.ts";
import { poolMemory } from "./pool_memory.ts";
import { namesOfGroup } from "./node_groups.ts";
import type { GroupRest, NodeRecord, Refusal, SlurmView } from "./state.ts";

/** Milliseconds for which failed nodes wait until their group is out of the way: their jobs wait with them. */
const PATIENCE = 10_000;

/** Milliseconds by which slurmctld's own end of a DOWN and the time that it was set for may differ. */
const TOLERANCE = 30_000;

/** Milliseconds that slurmctld's clock for ResumeTimeout may be behind that of the request of its hook. */
const LATE_HOOK = 5_000;

/** How an instance that ended is distinguished from a call that was refused: by the prefix of EC2's state reasons. */
const OF_INSTANCE = /^(?:Client|Server)\./;

/**
 * Whether the next node of the group would be refused alike. Where the node itself is to be tried again at once, the
 * refusal passes by itself; an instance that ended by itself speaks for its node only.
 */
export function isGroupWide({ code }: Pick<Refusal, "code">): boolean {
  return refusalScope(code) !== "node" && errorRule(code).rest > 0 && !OF_INSTANCE.test(code);
}

/** Longest time, in milliseconds, for which a group is kept out of scheduling at a stretch. */
const LONGEST = 3_600_000;

/** When the first of the group's pools may be asked again, where pools are what is out; else when the cooldown is over. */
function restsUntil(draft: Draft, name: string, { code }: Refusal, cooldown: number): number {
  const group = draft.groups.get(name);
  if (group === undefined || !leavesOthers(code)) return cooldown;
  const { context: { config }, memory: { subnets } } = draft;
  const out = groupUntil(group, poolMemory(draft), {
    avoid: config.zones.avoid,
    ...(subnets !== undefined && { subnets }),
  });
  if (out === undefined) return cooldown;
  const { clock, wall } = draft.now;
  return wall + Math.min(out.until - clock, LONGEST);
}

/**
 * The verdict on a node whose refusal speaks for its group. It comes back no earlier than the nodes that were not
 * tried, and not before ResumeTimeout: until then slurmctld has it powering up, and would give no job's power-up to us.
 * @param cooldown when the cooldown of its refusal is over, milliseconds since 1970 UTC
 */
export function failedInGroup(
  draft: Draft,
  { name, sinceWall, refusal }: NodeRecord,
  cooldown: number,
): FailureVerdict & { readonly group: GroupRest } {
  const { code, message } = refusal!;
  const until = restsUntil(draft, name, refusal!, cooldown);
  const registers = sinceWall + draft.context.timeouts.resume * 1_000 + LATE_HOOK;
  const own = Math.max(until, registers);
  return {
    kind: "down",
    until: own,
    reason: formatReason({ code, message, until: own }),
    group: { at: draft.now.clock, until },
  };
}

/** A group that is kept out of scheduling, by the latest refusal that spoke for it. */
interface RestingGroup extends GroupRest {
  readonly group: NodeGroup;
  readonly refusal: { readonly code: string; readonly message: string };
  /** A failed node waits until the others are out of the way. */
  readonly isWaited: boolean;
}

/**
 * Keeps the nodes of a refused group out of scheduling that are powered down and idle, before its failed nodes get
 * their verdict: the requeued job would otherwise take one of them, and be refused, until none is left.
 * @returns names of the groups whose failed nodes wait
 */
export function planGroupVerdicts(draft: Draft): ReadonlySet<string> {
  const waited = new Set<string>();
  for (const resting of restingGroups(draft).values()) {
    const isReady = keepOut(draft, resting);
    const patient = draft.now.clock - resting.at < PATIENCE;
    if (isReady || !patient || !resting.isWaited) continue;
    waited.add(resting.group.name);
    draft.wakeAt(resting.at + PATIENCE);
  }
  return waited;
}

function restingGroups(draft: Draft): ReadonlyMap<string, RestingGroup> {
  const groups = new Map<string, RestingGroup>();
  for (const { name, verdict } of draft.nodes.map.values()) {
    if (verdict?.group === undefined || verdict.group.until <= draft.now.wall) continue;
    const group = draft.groups.get(name);
    const refusal = readReason(verdict.reason);
    if (group === undefined || refusal === undefined) continue;
    const before = groups.get(group.name);
    const isWaited = !verdict.reported || before?.isWaited === true;
    const latest = before !== undefined && before.until >= verdict.group.until ? before : verdict.group;
    const said = latest === before ? before.refusal : refusal;
    const at = Math.max(before?.at ?? -Infinity, verdict.group.at);
    groups.set(group.name, { group, at, until: latest.until, refusal: said, isWaited });
  }
  return groups;
}

/** Whether no node of the group is left that a job could be given to and that would be refused. */
function keepOut(draft: Draft, resting: RestingGroup): boolean {
  const { group, at, until, refusal, isWaited } = resting;
  const reason = formatReason({
    code: refusal.code,
    message: `node group ${group.name} is refused: ${refusal.message}`,
    until,
  });
  const isComplete = (draft.memory.allViewsAt ?? -Infinity) > at;
  let isReady = true;
  for (const name of namesOfGroup(draft.context.config, group)) {
    if (isComplete && draft.memory.notInSlurm.has(name)) continue;
    const node = draft.nodes.get(name);
    const view = draft.views.get(name);
    const failed = node?.verdict?.group !== undefined;
    if (isWaited && (view === undefined || view.began < at)) {
      draft.unsure.add(name);
      draft.freshFrom.set(name, at);
      if (!failed) isReady = false;
    }
    if (view === undefined || draft.requests.held.has(name)) continue;
    const state = { name, generation: node?.generation ?? 0 };
    if (isFree(view) && view.began >= at) {
      isReady = false;
      if (!isFresh(draft, name, view)) continue;
      draft.setState(state, {
        purpose: "hold",
        state: "down",
        reason,
        ...resumeAfter(draft, refusal.code, until),
      });
    } else if (view.use === "down" && isPersons(view) && isOurEnd(view, node?.verdict, until)) {
      draft.setState(state, { purpose: "keep-down", state: "down", reason: view.reason, resumeAfter: -1 });
    }
  }
  return isReady;
}

/** A DOWN keeps the end that the one before it had (24.11.5, 26.05.5): it would end a person's, too. */
function isOurEnd({ resumeAfter }: SlurmView, own: NodeRecord["verdict"], until: number): boolean {
  if (resumeAfter === undefined) return false;
  const ends = own?.kind === "down" ? [until, own.until] : [until];
  return ends.some((end) => Math.abs(resumeAfter - end) <= TOLERANCE);
}

/** Where slurmctld knows it, the DOWN ends by itself; what may be lifted before its time is ended by the controller. */
export function resumeAfter(
  { now, context }: Draft,
  code: string,
  until: number,
): { readonly resumeAfter?: number } {
  if (context.timeouts.resumesAfter !== true || errorRule(code).liftable) return {};
  return { resumeAfter: Math.max(1, Math.ceil((until - now.wall) / 1_000)) };
}

/** Whether slurmctld is about to end the node's DOWN by itself; it looks every 30 s. */
export function endsByItself({ now }: Draft, { resumeAfter }: SlurmView): boolean {
  return resumeAfter !== undefined && now.wall < resumeAfter + 2 * TOLERANCE;
}
