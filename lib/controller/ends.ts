import { errorRule, isNotFound } from "../aws/error_codes.ts";
import { isAt } from "./adopt.ts";
import { ENDED_ITSELF, endedItself, GRACE } from "./doubt.ts";
import { mayPass, triesOf } from "./refused.ts";
import type { Draft } from "./draft.ts";
import type { Fact } from "./fact.ts";
import { orphanReason, STRAY } from "./orphan.ts";
import type { InstanceRecord, NodeRecord } from "./state.ts";

/** Why an instance is to be ended, and whether a request asked for it. */
interface Cause {
  readonly why: string;
  readonly asked: boolean;
}

/** Ends every instance that its node does not stand on, by its id, until EC2 has accepted it. */
export function planEnds(draft: Draft): void {
  for (const instance of [...draft.instances.map.values()]) {
    if (instance.end === "no" && mustLookFirst(draft, instance)) continue;
    const cause = instance.end === "no" ? causeOf(draft, instance) : causeOfAbandoned(draft, instance);
    if (cause !== undefined && (cause.asked || isAllowed(draft))) decide(draft, instance, cause);
  }
  emit(draft);
}

/** Milliseconds that the end of an instance waits for a look at whether it can be stopped by now. */
const LOOK_FIRST = 10_000;

/** An instance that was pending when it was last seen may run by now: it can be stopped then. */
function mustLookFirst(draft: Draft, { id, node: name, state, knownSince }: InstanceRecord): boolean {
  const node = name === undefined ? undefined : draft.nodes.get(name);
  if (state !== "pending" || node?.because !== "stop") return false;
  if (draft.groups.get(node.name)?.powerDownAction !== "stop") return false;
  const looked = Math.max(draft.looks.get(id) ?? -Infinity, knownSince);
  if (looked >= node.since || draft.now.clock >= node.since + LOOK_FIRST) return false;
  draft.lookAt(id);
  draft.wakeAt(node.since + LOOK_FIRST);
  return true;
}

/** Ends that no request asked for are few in one pass: a wrong reading must not empty a cluster. */
function isAllowed(draft: Draft): boolean {
  if (draft.context.force === true) return true;
  const ceiling = Math.max(10, Math.ceil(draft.instances.map.size / 10));
  if (draft.memory.unaskedEnds >= ceiling) return false;
  draft.memory = { ...draft.memory, unaskedEnds: draft.memory.unaskedEnds + 1 };
  return true;
}

function causeOf(draft: Draft, instance: InstanceRecord): Cause | undefined {
  if (instance.node === undefined) return causeOfOrphan(draft, instance);
  if (draft.requests.held.has(instance.node)) return undefined;
  const node = draft.nodes.get(instance.node);
  if (node === undefined) {
    if (!draft.groups.has(instance.node)) return causeOfOrphan(draft, instance);
    draft.unsure.add(instance.node);
    return undefined;
  }
  if (node.want === "down") return causeOfDown(node);
  if (instance.generation === 0) return causeOfStray(draft, node, instance);
  if (instance.generation !== node.generation) {
    return { why: "its node was powered down and up again", asked: true };
  }
  const current = draft.currentOf(node);
  if (current !== undefined && current.id !== instance.id) {
    return { why: `its node has an older instance, ${current.id}`, asked: true };
  }
  return node.refusal === undefined ? undefined : causeOfRefused(draft, node);
}

/** Milliseconds between the two readings that an orphan has to be in. */
const TWO_READINGS = 60_000;

/**
 * An instance with the cluster's tag whose tags name no node, or a node that neither the configuration nor slurmctld
 * has. Two complete listings must show it, and slurmctld's answer must have all nodes of the configuration.
 */
function causeOfOrphan(draft: Draft, instance: InstanceRecord): Cause | undefined {
  const { node, seen, knownSince } = instance;
  const { allViewsAt = -Infinity, notInSlurm } = draft.memory;
  const isLater = (reading = -Infinity) => reading >= knownSince + TWO_READINGS;
  if (!seen) return undefined;
  if (!isLater(draft.listedAt)) {
    draft.listAgainAt(knownSince + TWO_READINGS);
    return undefined;
  }
  if (node === undefined) return { why: orphanReason(node), asked: false };
  if (!isLater(allViewsAt) || notInSlurm.size > 0) return undefined;
  if ((draft.views.get(node)?.began ?? -Infinity) >= allViewsAt) return undefined;
  return { why: orphanReason(node), asked: false };
}

/** An instance that was stopped for a later start of its node, which is not in the configuration any more. */
function causeOfAbandoned(draft: Draft, instance: InstanceRecord): Cause | undefined {
  const { node, end, endAction, state } = instance;
  const isKept = end === "asked" && endAction === "stop" && state === "stopped";
  if (!isKept || node === undefined || draft.groups.has(node)) return undefined;
  return causeOfOrphan(draft, instance);
}

function causeOfDown({ because }: NodeRecord): Cause {
  if (because === "resume-fail") return { why: "did not register in time", asked: true };
  return {
    why: because === "stop" ? "powered down" : "slurmctld has its node powered down",
    asked: because === "stop",
  };
}

/** An instance of no known power-up of a node that is wanted: slurmctld may be using it all the same. */
function causeOfStray(draft: Draft, node: NodeRecord, instance: InstanceRecord): Cause | undefined {
  const view = draft.views.get(node.name);
  if (view === undefined || view.began <= instance.knownSince) {
    draft.unsure.add(node.name);
    return undefined;
  }
  if (view.use === "unclear") return undefined;
  if (view.use === "up" && (draft.currentOf(node) === undefined || isAt(instance, view))) return undefined;
  return { why: STRAY, asked: false };
}

/**
 * Its node got another verdict while it was on its way; unless it has registered after all, it is not wanted. As long
 * as slurmctld awaits the node it may register at any moment: the verdict comes first.
 */
function causeOfRefused(draft: Draft, node: NodeRecord): Cause | undefined {
  const view = draft.views.get(node.name);
  if (view === undefined) draft.unsure.add(node.name);
  if (view === undefined || view.use === "up" || view.use === "unclear") return undefined;
  if (view.use === "awaited" && node.verdict?.reported !== true) return undefined;
  return { why: "its node was given up before", asked: true };
}

function decide(draft: Draft, instance: InstanceRecord, { why }: Cause): void {
  const endAction = endActionOf(draft, instance);
  const isStopped = instance.state === "stopping" || instance.state === "stopped";
  draft.instances.put({
    ...instance,
    end: endAction === "stop" && isStopped ? "asked" : "due",
    endAction,
    endReason: why,
    endAt: draft.now.clock,
  });
}

/**
 * Only an instance that its own node may use again is stopped. A pending one can't be stopped, nor can a one-time
 * spot instance (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Stop_Start.html): skipped, it would run on.
 */
function endActionOf(draft: Draft, instance: InstanceRecord): "terminate" | "stop" {
  const group = draft.groups.get(instance.node!);
  const node = draft.nodes.get(instance.node!);
  const isReusable = group?.powerDownAction === "stop" && node?.because !== "resume-fail" &&
    (instance.generation > 0 || instance.state === "stopped") && instance.state !== "pending" &&
    instance.capacityType === "on-demand" &&
    group.instanceTypes.includes(instance.instanceType) && group.name === instance.nodeGroup;
  return isReusable ? "stop" : "terminate";
}

/** Consoles kept in one step, and the milliseconds that an end waits for them: then it goes ahead regardless. */
const CONSOLES = { instances: 10, milliseconds: 5_000 };

function emit(draft: Draft): void {
  const due = new Map<string, { action: "terminate" | "stop"; ids: string[]; why: string }>();
  let consoles = 0;
  for (const instance of draft.instances.map.values()) {
    if (instance.end !== "due") continue;
    if (wantsConsole(draft, instance) && ++consoles <= CONSOLES.instances) {
      draft.actions.push({ kind: "keep-console", node: instance.node!, id: instance.id });
      draft.wakeAt(instance.endAt! + CONSOLES.milliseconds);
      continue;
    }
    if (mayServe(draft, instance)) continue;
    const { endAction: action, endReason: why = "" } = instance;
    const group = due.get(`${action} ${why}`) ?? { action, ids: [], why };
    group.ids.push(instance.id);
    due.set(`${action} ${why}`, group);
  }
  for (const group of due.values()) draft.actions.push({ kind: "end", ...group });
}

/** Milliseconds for which slurmctld's word that a node is not up allows to end an instance of it. */
const WORD = 2_000;

/** Milliseconds for which the end of what slurmctld gave up waits for its word, consoles included. */
const UNANSWERED = 10_000;

/** Milliseconds by which EC2's clock may differ from ours. */
const SKEW = 60_000;

/**
 * A node that is wanted again may register from an earlier power-up's instance, if that was launched after the request,
 * one that was given up from an instance that turns up late, and one that slurmctld gave up in the next second: each
 * try to end one asks first.
 */
function mayServe(draft: Draft, instance: InstanceRecord): boolean {
  const node = instance.node === undefined ? undefined : draft.nodes.get(instance.node);
  if (node === undefined || !mayRegister(draft, node, instance)) return false;
  const view = draft.views.get(node.name);
  // A slow slurmctld's answer is as good as there will be.
  const isFresh = view !== undefined && view.began >= node.since &&
    (draft.answered.has(node.name) || draft.now.clock - view.began <= WORD);
  if (isFresh && view.use !== "up") return false;
  draft.unsure.add(node.name);
  if (node.want === "up" || isFresh) return true;
  // What slurmctld gave up before is ended all the same where nobody can be asked: it costs money.
  const until = instance.endAt! + UNANSWERED;
  draft.wakeAt(until);
  return draft.now.clock < until;
}

function mayRegister(
  draft: Draft,
  node: NodeRecord,
  { generation, state, launchTime }: InstanceRecord,
): boolean {
  if (state === "stopped" || state === "stopping") return false;
  if (node.want === "down") return node.because === "resume-fail";
  if (draft.currentOf(node) !== undefined) return false;
  if (generation === node.generation && node.refusal === undefined) return false;
  return launchTime >= node.sinceWall - SKEW;
}

/** The evidence of a boot that failed is gone once its instance is. */
function wantsConsole(draft: Draft, { node, consoleKept, endAt, generation }: InstanceRecord): boolean {
  if (node === undefined || consoleKept === true || generation === 0) return false;
  if (draft.nodes.get(node)?.because !== "resume-fail") return false;
  return draft.now.clock < endAt! + CONSOLES.milliseconds;
}

/** The console of an instance that never registered, or ended itself, was kept, or could not be. */
export function takeConsole(
  draft: Draft,
  { node: name, id, tail, failure, steps }: Fact & { kind: "console-kept" },
): void {
  const instance = draft.instances.get(id);
  if (instance !== undefined) draft.instances.put({ ...instance, consoleKept: true });
  if (tail !== undefined) {
    draft.note({
      kind: "console",
      node: name,
      instanceId: id,
      tail,
      ...(steps !== undefined && { steps }),
    });
  }
  const node = draft.nodes.get(name);
  if (failure === undefined || node === undefined) return;
  const { refusal } = node;
  // The verdict on a node whose instance ended itself says why, unless the node has moved on.
  if (refusal?.code === ENDED_ITSELF && refusal.message.includes(id)) {
    draft.changeNode(name, { refusal: endedItself(id, failure), verdict: undefined });
  } else if (instance !== undefined) draft.changeNode(name, { lastWords: failure });
}

/** EC2 has accepted the end of instances. */
export function takeEndAccepted(draft: Draft, { ids }: Fact & { kind: "end-accepted" }): void {
  const ended = new Map<string, { action: "terminate" | "stop"; instanceIds: string[]; why: string }>();
  for (const id of ids) {
    const instance = draft.instances.get(id);
    if (instance === undefined || instance.end !== "due") continue;
    const { endAction: action, endReason: why = "", endRefusal: _, endTries: __, ...rest } = instance;
    draft.instances.put({
      ...rest,
      endAction: action,
      endReason: why,
      end: "asked",
      ...(action === "stop" && { state: "stopping", stoppedSince: draft.now.clock }),
    });
    healEnd(draft, instance);
    const group = ended.get(`${action} ${why}`) ?? { action, instanceIds: [], why };
    group.instanceIds.push(id);
    ended.set(`${action} ${why}`, group);
  }
  for (const group of ended.values()) draft.note({ kind: "ended", ...group });
}

/** A node that was set down because its instance could not be ended is given back now that it is. */
function healEnd(draft: Draft, { node: name, endRefusal }: InstanceRecord): void {
  const node = name === undefined ? undefined : draft.nodes.get(name);
  if (node?.want !== "down" || node.verdict === undefined || endRefusal === undefined) return;
  const { verdict } = node;
  draft.changeNode(node.name, {
    refusal: undefined,
    verdict: undefined,
    ...(verdict.reported ? { giveBack: verdict.reason } : {}),
  });
  draft.dropView(node.name);
}

/**
 * EC2 does not end an instance. It is asked again whatever it said; what would not pass by itself is shown on the
 * node, which stays down until the instance has ended. "Not found" is gone only once the grace is over.
 */
export function takeEndRefused(draft: Draft, { id, refusal }: Fact & { kind: "end-refused" }): void {
  const instance = draft.instances.get(id);
  if (instance === undefined || instance.end !== "due") return;
  if (isNotFound(refusal.code)) {
    if (draft.now.clock - instance.knownSince > GRACE) {
      healEnd(draft, instance);
      draft.dropInstance(id);
    }
    return;
  }
  const { scope } = errorRule(refusal.code);
  const { endRefusal, endTries = 0 } = instance;
  const tries = triesOf(endRefusal && { refusal: endRefusal, tries: endTries }, refusal.code);
  const endAction = instance.endAction === "stop" && !mayBeStopped(refusal.code)
    ? "terminate"
    : instance.endAction;
  draft.instances.put({ ...instance, endAction, endRefusal: refusal, endTries: tries });
  const node = instance.node === undefined ? undefined : draft.nodes.get(instance.node);
  if (node?.want !== "down" || node.refusal !== undefined || node.because === "slurm") return;
  // What may pass by itself, or lies in the instance's state, is not worth taking the node out for.
  if (mayPass(refusal.code, tries) || scope === "node" || endAction !== instance.endAction) return;
  draft.changeNode(node.name, { refusal, verdict: undefined });
}

/** Whether stopping may still work: not where the instance itself is of a kind or in a state that can't be stopped. */
function mayBeStopped(code: string): boolean {
  return errorRule(code).repeat !== "never" ||
    !/^(?:IncorrectInstanceState|UnsupportedOperation)$/.test(code);
}
