import { INSTANCE_GONE } from "../aws/error_codes.ts";
import type { Instance } from "../aws/instance.ts";
import { type OwnedInstance, ownedInstances } from "../identity/node_of_instance.ts";
import { deathOf, ENDED_ITSELF, endedItself, GRACE, isDead } from "./doubt.ts";
import type { Draft } from "./draft.ts";
import { serveAfterAll } from "./late_instances.ts";
import { generationIn } from "./launch_table.ts";
import type { Fact } from "./fact.ts";
import { rememberDeath, rememberZone } from "./pool_memory.ts";
import { recordOf } from "./instance_record.ts";
import type { InstanceRecord, Refusal } from "./state.ts";

/** A complete listing: what it shows is there, what it does not show is gone as {@link takeAbsence} judges. */
export function takeListing(draft: Draft, { began, instances }: Fact & { kind: "listed" }): void {
  draft.listedAt = began;
  draft.memory = { ...draft.memory, readingRefused: undefined };
  const shown = takeSights(draft, instances, began);
  // An empty answer about a cluster that had instances is more likely wrong than true.
  if (shown.size === 0 && [...draft.instances.map.values()].some(({ seen, end }) => seen && end === "no")) {
    return;
  }
  for (const instance of [...draft.instances.map.values()]) {
    if (!shown.has(instance.id)) takeAbsence(draft, instance, began);
  }
}

/** Instances that were looked at by their ids. */
export function takeDescribed(draft: Draft, { began, ids, instances }: Fact & { kind: "described" }): void {
  const shown = takeSights(draft, instances, began);
  for (const id of ids) {
    draft.looks.set(id, began);
    const instance = draft.instances.get(id);
    if (instance !== undefined && !shown.has(id)) takeAbsence(draft, instance, began);
  }
}

/** The ended instances: says nothing of those that it does not show. */
export function takeEnded(draft: Draft, { began, instances }: Fact & { kind: "listed-ended" }): void {
  takeSights(draft, instances, began);
  draft.memory = { ...draft.memory, endedListedAt: began };
}

function takeSights(draft: Draft, instances: readonly Instance[], began: number): ReadonlySet<string> {
  const shown = new Set<string>();
  for (const owned of ownedInstances(instances, draft.context.config.cluster)) {
    shown.add(owned.instance.instanceId);
    takeSight(draft, owned, began);
  }
  return shown;
}

function takeSight(draft: Draft, owned: OwnedInstance, began: number): void {
  const { instance } = owned;
  const known = draft.instances.get(instance.instanceId);
  draft.missing.delete(instance.instanceId);
  rememberZone(draft, instance);
  if (isDead(instance)) rememberEnd(draft, owned, began);
  if (known === undefined) {
    if (!isDead(instance)) {
      const record = newRecord(draft, owned);
      draft.instances.put(record);
      if (record.node !== undefined) serveAfterAll(draft, record.node, record.generation);
    }
  } else if (isDead(instance)) bury(draft, known, deathOf(instance));
  else takeChange(draft, known, instance, began);
}

/** Of each node's ended instances the one launched last counts. */
function rememberEnd(draft: Draft, { instance, nodeName }: OwnedInstance, began: number): void {
  if (nodeName === undefined) return;
  const { launchTime } = instance;
  if ((draft.ended.get(nodeName)?.launchTime ?? -Infinity) > launchTime) return;
  draft.ended.set(nodeName, { launchTime, refusal: deathOf(instance), began });
}

/** An instance that is new to us belongs to the generation of the launch that made it, or to none. */
function newRecord(draft: Draft, owned: OwnedInstance): InstanceRecord {
  const { clientToken } = owned.instance;
  const launch = clientToken === undefined ? undefined : draft.launches.get(clientToken);
  const generation = launch === undefined || owned.nodeName === undefined
    ? undefined
    : generationIn(launch, owned.nodeName);
  return recordOf(owned, { generation: generation ?? 0, knownSince: draft.now.clock, seen: true });
}

/** States that an instance passes through on its way to being stopped. */
const STOPPED: readonly Instance["state"][] = ["stopping", "stopped"];

function takeChange(draft: Draft, known: InstanceRecord, instance: Instance, began: number): void {
  // An answer that was on its way when the instance was started still shows it stopped.
  const isStale = STOPPED.includes(instance.state) && !STOPPED.includes(known.state) &&
    began <= known.knownSince;
  const state = isStale ? known.state : instance.state;
  const stoppedSince = state === "stopped" ? known.stoppedSince ?? draft.now.clock : undefined;
  const { privateIpAddress = known.privateIpAddress, launchTime } = instance;
  const isStarted = known.end === "no" && STOPPED.includes(known.state) && !STOPPED.includes(state);
  const startDoubt = isStarted || began > (known.startDoubt ?? Infinity) + START_SETTLING
    ? undefined
    : known.startDoubt;
  const same = known.seen && known.startDoubt === startDoubt && known.state === state &&
    known.launchTime === launchTime &&
    known.privateIpAddress === privateIpAddress && known.stoppedSince === stoppedSince;
  if (same) return;
  const { stoppedSince: _since, startDoubt: _doubt, ...rest } = known;
  draft.instances.put({
    ...rest,
    ...(isStartedAgain(known, state, began) && { end: "due" }),
    seen: true,
    state,
    launchTime,
    ...(isStarted && { knownSince: draft.now.clock }),
    ...(startDoubt !== undefined && { startDoubt }),
    ...(stoppedSince !== undefined && { stoppedSince }),
    ...(privateIpAddress !== undefined && { privateIpAddress }),
  });
  if (!STOPPED.includes(state) || STOPPED.includes(known.state) || known.end !== "no") return;
  // It was stopped under its node, by itself or by a person: to Slurm that is the death of the node.
  const byItself = instance.stateReasonCode === ENDED_ITSELF;
  fail(
    draft,
    known,
    byItself ? endedItself(known.id) : {
      code: instance.stateReasonCode ?? "Server.Unknown",
      message: `instance ${known.id} was stopped, and not by slurm-ec2`,
    },
  );
}

/** Milliseconds after which an answer shows an instance started that a try without an answer has started. */
const START_SETTLING = 10_000;

/** Milliseconds for which an answer may still show an instance as it was before its stop was accepted. */
const STOP_SETTLING = 60_000;

/** Whether an instance that was stopped runs again, by somebody else's doing: its stop is due again. */
function isStartedAgain(known: InstanceRecord, state: Instance["state"], began: number): boolean {
  return known.end === "asked" && known.endAction === "stop" && !STOPPED.includes(state) &&
    began > (known.endAt ?? -Infinity) + STOP_SETTLING;
}

/**
 * What an answer does not show is gone only if an earlier one did, or once the grace is over; and the question must
 * have been asked after the launch. An instance that its node needs is not given up before slurmctld has been asked:
 * a node that is up is never touched because of an absence.
 */
function takeAbsence(draft: Draft, instance: InstanceRecord, began: number): void {
  const { id, knownSince, seen } = instance;
  if (began <= knownSince || (!seen && draft.now.clock - knownSince <= GRACE)) return;
  const node = instance.node === undefined ? undefined : draft.nodes.get(instance.node);
  const isNeeded = instance.end === "no" && node?.want === "up" && node.generation === instance.generation;
  if (!isNeeded) {
    // What is still to be ended stays until EC2 has accepted its end: the next answer may show it again.
    if (instance.end === "asked" || node === undefined) draft.dropInstance(id);
    return;
  }
  if (draft.missing.get(id) === undefined) draft.missing.set(id, began);
  draft.unsure.add(node.name);
}

/** slurmctld has been asked about a node whose instance is missing: as long as it is not up, the instance is gone. */
export function settleMissing(
  draft: Draft,
  name: string,
  view: { readonly use: string; readonly began: number },
): void {
  for (const instance of draft.instances.of(name)) {
    const since = draft.missing.get(instance.id);
    if (since === undefined || view.began < since) continue;
    if (view.use === "up" || view.use === "unclear") continue;
    bury(draft, instance, {
      code: INSTANCE_GONE,
      message: `EC2 does not know instance ${instance.id} any more`,
    });
  }
}

function bury(draft: Draft, instance: InstanceRecord, refusal: Refusal): void {
  draft.dropInstance(instance.id);
  rememberDeath(draft, instance, refusal);
  if (instance.end === "no") fail(draft, instance, refusal);
}

/** The instance that a node stands on is over: so is this generation of the node. */
function fail(draft: Draft, instance: InstanceRecord, refusal: Refusal): void {
  if (instance.node === undefined) return;
  const node = draft.nodes.get(instance.node);
  if (node?.want !== "up" || node.generation !== instance.generation) return;
  // Another instance of the same generation may serve the node.
  const isOther = ({ id, end, generation }: InstanceRecord) =>
    id !== instance.id && end === "no" && generation === node.generation;
  if (draft.instances.of(node.name).some(isOther)) return;
  draft.refuse(node.name, node.generation, refusal);
  draft.changeNode(node.name, { died: "noticed" });
  // What it said before it powered itself off is read for the verdict; EC2 keeps it for a while.
  if (refusal.code === ENDED_ITSELF) {
    draft.actions.push({ kind: "keep-console", node: node.name, id: instance.id });
  }
}
