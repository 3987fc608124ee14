import type { Draft } from "./draft.ts";
import type { InstanceRecord, SlurmView, State } from "./state.ts";

/** States in which EC2 charges for an instance (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html). */
const CHARGED: ReadonlySet<string> = new Set(["pending", "running"]);

/** Whether it is charged for: EC2 charges nothing from the moment it accepts the end. */
function isCharged(instance: InstanceRecord | undefined): instance is InstanceRecord {
  return instance !== undefined && CHARGED.has(instance.state) && instance.end !== "asked";
}

/**
 * slurmctld shows a node up: its instance has booted. When, says its slurmd; where slurmctld does not pass that on, or
 * it can't be of this boot, it is the time of the answer.
 */
export function takeUp(draft: Draft, name: string, view: SlurmView): void {
  const node = view.use === "up" ? draft.nodes.get(name) : undefined;
  const instance = node?.want === "up" ? draft.currentOf(node) : undefined;
  if (instance === undefined || upOf(instance) !== undefined) return;
  const { slurmdStart } = view;
  const isOfThisBoot = slurmdStart !== undefined && slurmdStart >= beganOf(instance) - SECOND &&
    slurmdStart <= draft.now.wall;
  draft.instances.put({ ...instance, upAt: isOfThisBoot ? slurmdStart : draft.now.wall });
}

/** slurmctld gives times to the second; milliseconds. */
const SECOND = 1_000;

/** Since when it runs. EC2's launch time follows a start only with the next answer. */
export function beganOf({ startedAt, launchTime }: InstanceRecord): number {
  return startedAt ?? launchTime;
}

/** When it came up since then. */
function upOf(instance: InstanceRecord): number | undefined {
  const { upAt } = instance;
  return upAt !== undefined && upAt >= beganOf(instance) - SECOND ? upAt : undefined;
}

/** Notes what began, came up and ended in this step, by what was charged for before it. */
export function noteLifetimes(draft: Draft, before: State["instances"]): void {
  const after = draft.instances.map;
  if (after === before) return;
  for (const [id, old] of before) {
    if (isCharged(old) && !isCharged(after.get(id))) noteEnd(draft, old, after.get(id));
  }
  for (const [id, instance] of after) {
    const old = before.get(id);
    if (old === instance || !isCharged(instance)) continue;
    if (isCharged(old)) {
      if (upOf(old) !== upOf(instance)) draft.note(lifetimeOf(instance));
      continue;
    }
    const begun = old === undefined ? instance : { ...instance, startedAt: draft.now.wall };
    draft.instances.put(begun);
    draft.note(lifetimeOf(begun));
  }
}

function noteEnd(draft: Draft, old: InstanceRecord, now: InstanceRecord | undefined): void {
  const why = now?.end === "asked" ? now.endReason : undefined;
  // A clock that was set back ends nothing before it began.
  const ended = Math.max(draft.now.wall, beganOf(old));
  draft.note({ ...lifetimeOf(old), ended, ...(why !== undefined && { why }) });
}

function lifetimeOf(instance: InstanceRecord) {
  const { id, node, nodeGroup, instanceType, availabilityZone, capacityType, imageId } = instance;
  const up = upOf(instance);
  return {
    kind: "lifetime",
    instanceId: id,
    ...(node !== undefined && { node }),
    nodeGroup,
    instanceType,
    availabilityZone,
    capacityType,
    imageId,
    began: beganOf(instance),
    ...(up !== undefined && { up }),
  } as const;
}
