import { errorRule } from "../aws/error_codes.ts";
import type { LaunchSettings } from "../cluster/ssm_parameters.ts";
import type { NodeGroup } from "../config/model.ts";
import type { Draft } from "./draft.ts";
import type { Fact } from "./fact.ts";
import { startable } from "./limits.ts";
import { lastSettingsOf } from "./settings.ts";
import type { InstanceRecord, NodeRecord } from "./state.ts";

/** Milliseconds after its request for which a node waits for its own instance to have stopped. */
const STOPPING_WAIT = 60_000;

/**
 * A node takes its own stopped instance again where that still is like the configuration; one that is still stopping
 * is awaited for a while. Whatever can't be used is ended. Answers the nodes that need a fresh instance.
 */
export function reuseStopped(
  draft: Draft,
  group: NodeGroup,
  { imageId }: LaunchSettings,
  nodes: readonly NodeRecord[],
): NodeRecord[] {
  return nodes.filter((node) => {
    const own = draft.instances.of(node.name).filter(({ endAction }) => endAction === "stop");
    let [used, waits] = [false, false];
    for (const instance of own) {
      const fits = isLikeConfigured(group, instance) && instance.imageId === imageId && !used && !waits;
      const mayWait = draft.now.clock - node.since < STOPPING_WAIT;
      if (fits && instance.state === "stopped") {
        used = true;
        use(draft, node, instance);
      } else if (fits && instance.state === "stopping" && mayWait) {
        waits = true;
        draft.lookAt(instance.id);
        draft.wakeAt(node.since + STOPPING_WAIT);
      } else replace(draft, instance, "replaced: it is not like the configuration, or still stopping");
    }
    return !used && !waits && draft.instances.of(node.name).every(({ end }) => end === "asked");
  });
}

function isLikeConfigured(group: NodeGroup, instance: InstanceRecord): boolean {
  return group.powerDownAction === "stop" && group.name === instance.nodeGroup &&
    group.instanceTypes.includes(instance.instanceType);
}

function use(draft: Draft, node: NodeRecord, instance: InstanceRecord): void {
  const { endAt: _at, endReason: _why, endRefusal: _refusal, endTries: _tries, ...rest } = instance;
  draft.instances.put({ ...rest, generation: node.generation, end: "no", endAction: "terminate" });
}

function replace(draft: Draft, instance: InstanceRecord, why: string): void {
  draft.instances.put({
    ...instance,
    end: "due",
    endAction: "terminate",
    endReason: why,
    endAt: draft.now.clock,
  });
}

/** Starts what was taken again, until EC2 accepts it, and ends what has been stopped for too long or serves no group. */
export function planStopped(draft: Draft): void {
  const stopped: InstanceRecord[] = [];
  const images = imagesOf(draft);
  for (const instance of [...draft.instances.map.values()]) {
    if (isToStart(draft, instance)) stopped.push(instance);
    else if (instance.end === "asked" && instance.endAction === "stop") keepOrEnd(draft, instance, images);
  }
  const starts = startable(draft, stopped);
  for (const { id, startDoubt } of starts) if (startDoubt !== undefined) draft.lookAt(id);
  if (starts.length > 0) draft.actions.push({ kind: "start", ids: starts.map(({ id }) => id) });
}

function isToStart(draft: Draft, { node: name, state, end, generation }: InstanceRecord): boolean {
  if (state !== "stopped" || end !== "no" || name === undefined) return false;
  const node = draft.nodes.get(name);
  return node?.want === "up" && node.generation === generation && node.refusal === undefined;
}

/** The image that launches of each group have, as far as SSM has said: a stopped instance of another is of no use. */
function imagesOf(draft: Draft): (group: NodeGroup) => string | undefined {
  const known = new Map<NodeGroup, string | undefined>();
  return (group) => {
    if (!known.has(group)) {
      const last = lastSettingsOf(draft, group);
      known.set(group, last.kind === "settings" ? last.settings.imageId : undefined);
    }
    return known.get(group);
  };
}

function keepOrEnd(draft: Draft, instance: InstanceRecord, images: ReturnType<typeof imagesOf>): void {
  if (instance.node === undefined) return;
  const node = draft.nodes.get(instance.node);
  // slurmctld gave its boot up: started again, it would fail again.
  if (node?.want === "down" && node.because === "resume-fail") {
    return replace(draft, instance, "did not register in time");
  }
  const group = draft.groups.get(instance.node);
  if (group === undefined) return;
  if (!isLikeConfigured(group, instance)) {
    return replace(draft, instance, "its node group does not use it any more");
  }
  const imageId = images(group);
  if (imageId !== undefined && imageId !== instance.imageId) {
    return replace(draft, instance, `its image is not ${imageId}`);
  }
  if (group.maxStoppedDuration === undefined || instance.stoppedSince === undefined) return;
  const until = instance.stoppedSince + group.maxStoppedDuration * 1_000;
  if (draft.now.clock >= until) replace(draft, instance, "stopped for longer than maxStoppedDuration");
  else draft.wakeAt(until);
}

/** EC2 starts instances: they boot from now on. */
export function takeStarted(draft: Draft, { ids }: Fact & { kind: "start-accepted" }): void {
  const { clock, wall } = draft.now;
  for (const id of ids) {
    const instance = draft.instances.get(id);
    if (instance?.state !== "stopped" || instance.end !== "no") continue;
    const { stoppedSince: _since, startDoubt: _doubt, ...rest } = instance;
    draft.instances.put({ ...rest, state: "pending", knownSince: clock, launchTime: wall });
  }
}

/** EC2 does not start an instance: for lack of capacity, say. Its node gets a fresh one, which may fare better. */
export function takeStartRefused(draft: Draft, { id, refusal }: Fact & { kind: "start-refused" }): void {
  const instance = draft.instances.get(id);
  if (instance?.state !== "stopped" || instance.end !== "no") return;
  const { repeat, scope, outcomeUnknown } = errorRule(refusal.code);
  if (outcomeUnknown) draft.instances.put({ ...instance, startDoubt: draft.now.clock });
  // One that an unanswered try may have started is not replaced before a look has shown it stopped still.
  if (repeat !== "never" || scope === "node" || instance.startDoubt !== undefined) return;
  draft.note({
    kind: "trouble",
    message: `${instance.node}: ${id} does not start and is replaced: ${refusal.message}`,
  });
  draft.instances.put({
    ...instance,
    end: "due",
    endAction: "terminate",
    endReason: `it does not start (${refusal.code})`,
    endAt: draft.now.clock,
  });
}
