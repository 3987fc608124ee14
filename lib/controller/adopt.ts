import type { Draft } from "./draft.ts";
import { isOlder } from "./instance_table.ts";
import type { InstanceRecord, NodeRecord, SlurmView } from "./state.ts";

/**
 * What runs for a node without our knowing for which power-up: slurmctld says whether it is the node's. A node that
 * is up keeps the instance that it runs on; one that is awaited takes an instance that is still booting, for slurmctld
 * ignores the registration of one that booted before its request
 * (https://slurm.schedmd.com/slurm.conf.html#OPT_ResumeTimeout); what any other node has is not wanted.
 */
export function adopt(draft: Draft, name: string, view: SlurmView): void {
  if (view.use === "unclear" || draft.requests.held.has(name)) return;
  const strays = draft.instances.of(name).filter(({ end }) => end === "no");
  const known = draft.nodes.get(name);
  if (known === undefined && strays.length > 0) {
    const want = view.use === "awaited" || view.use === "up" ? "up" : "down";
    draft.begin(name, { want, at: view.began, because: "slurm" });
    // The view is what the generation began by.
    draft.views.set(name, view);
  }
  const node = draft.nodes.get(name);
  if (node?.want !== "up") return;
  const current = draft.currentOf(node);
  if (current !== undefined) {
    // It was given up, and has registered all the same.
    if (view.use === "up" && node.refusal !== undefined && node.died === undefined && isAlive(current)) {
      takeOn(draft, node, current);
    }
    return;
  }
  // slurmctld runs on what was to be ended, and EC2 has not accepted the end: it stays.
  const candidates = view.use === "up"
    ? draft.instances.of(name).filter(({ end }) => end !== "asked")
    : strays;
  const usable = candidates.filter((instance) =>
    instance.knownSince <= view.began &&
    (view.use === "up" ? isAlive(instance) : view.use === "awaited" && isYoung(draft, instance, view))
  );
  const chosen = usable.find((instance) => isAt(instance, view)) ?? oldest(usable);
  if (chosen === undefined) return;
  if (view.use === "awaited" && draft.launches.of(name).length > 0) return;
  takeOn(draft, node, chosen);
}

function takeOn(draft: Draft, node: NodeRecord, chosen: InstanceRecord): void {
  const { endAt: _at, endReason: _why, endRefusal: _refusal, ...rest } = chosen;
  draft.instances.put({ ...rest, generation: node.generation, end: "no", endAction: "terminate" });
  draft.changeNode(node.name, { refusal: undefined, verdict: undefined, died: undefined });
}

/** Whether slurmctld reaches the node at this instance's address. */
export function isAt({ privateIpAddress }: InstanceRecord, { nodeAddr }: SlurmView): boolean {
  return privateIpAddress !== undefined && privateIpAddress === nodeAddr;
}

/** Whether an instance may run a slurmd: it runs, or is about to. */
export function isAlive({ state }: Pick<InstanceRecord, "state">): boolean {
  return state === "pending" || state === "running";
}

/** Slurm gives boot times in whole seconds. */
const SECOND = 1_000;

/** Whether the node's last registration was of a boot after this instance's launch: of this instance, most likely. */
export function hasBooted({ launchTime }: InstanceRecord, bootTime: number | undefined): boolean {
  return bootTime !== undefined && bootTime + SECOND > launchTime;
}

function isYoung(draft: Draft, instance: InstanceRecord, { bootTime }: SlurmView): boolean {
  // What an earlier power-up of ours has launched is not this one's.
  if (!isAlive(instance) || instance.generation !== 0) return false;
  if (hasBooted(instance, bootTime)) return false;
  return draft.now.wall - instance.launchTime < draft.context.config.limits.expectedBootSeconds * SECOND;
}

function oldest(instances: readonly InstanceRecord[]): InstanceRecord | undefined {
  return instances.reduce<InstanceRecord | undefined>(
    (best, instance) => best === undefined || isOlder(instance, best) ? instance : best,
    undefined,
  );
}
