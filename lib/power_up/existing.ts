import type { OwnedInstance } from "../identity/node_of_instance.ts";
import type { NodeGroup } from "../config/model.ts";
import type { Instance } from "../aws/instance.ts";
import type { NodeInstance } from "../cluster/tend.ts";

/** What to do about a node, seen what instances it already has. */
export interface ExistingPlan {
  /** Nodes that need a fresh instance. */
  readonly launch: readonly string[];
  /** Instances just launched for these nodes, whose boot still counts: Slurm is only told. */
  readonly adopt: readonly NodeInstance[];
  /** Stopped instances that are still like the configuration. */
  readonly start: readonly NodeInstance[];
  /** Instances that can't be this node's any more. */
  readonly terminate: readonly Instance[];
}

/** What an instance is judged by, times in milliseconds since 1970 UTC. */
interface Clock {
  readonly now: number;
  /** How long a boot takes; an instance launched less than this ago has not registered yet, unless it is in `booted`. */
  readonly bootMilliseconds: number;
  readonly imageId: string | undefined;
  /** Node → when it last booted, as far as slurmctld knows. */
  readonly booted?: ReadonlyMap<string, number>;
}

/**
 * Sorts the instances that the nodes already have. slurmctld ignores a registration whose boot was before its
 * power-up request, so an instance that has registered before, or has been up for longer than a boot takes, is
 * replaced, never told to Slurm. Of several usable ones the oldest launch is kept, then the lowest id.
 */
export function planExisting(
  group: Pick<NodeGroup, "powerDownAction" | "instanceTypes">,
  nodes: readonly string[],
  instances: ReadonlyMap<string, readonly OwnedInstance[]>,
  clock: Clock,
): ExistingPlan {
  const plan = {
    launch: [] as string[],
    adopt: [] as NodeInstance[],
    start: [] as NodeInstance[],
    terminate: [] as Instance[],
  };
  for (const nodeName of nodes) {
    const candidates = (instances.get(nodeName) ?? []).map(({ instance }) => instance).sort(oldestFirst);
    const uses = candidates.map((instance) =>
      useOf(instance, group, { ...clock, bootedAt: clock.booted?.get(nodeName) })
    );
    const kept = uses.includes("adopt") ? uses.indexOf("adopt") : uses.indexOf("start");
    candidates.forEach((instance, i) => {
      if (i === kept) plan[uses[i] === "adopt" ? "adopt" : "start"].push({ nodeName, instance });
      else if (instance.state !== "shutting-down" && instance.state !== "terminated") {
        plan.terminate.push(instance);
      }
    });
    if (kept < 0) plan.launch.push(nodeName);
  }
  return plan;
}

function useOf(
  instance: Instance,
  group: Pick<NodeGroup, "powerDownAction" | "instanceTypes">,
  clock: Clock & { readonly bootedAt: number | undefined },
): "adopt" | "start" | "none" {
  // Slurm tells boot times in whole seconds.
  const registered = clock.bootedAt !== undefined && clock.bootedAt + 1_000 > instance.launchTime;
  const young = !registered && clock.now - instance.launchTime < clock.bootMilliseconds;
  if ((instance.state === "pending" || instance.state === "running") && young) return "adopt";
  const likeConfigured = group.instanceTypes.includes(instance.instanceType) &&
    instance.imageId === clock.imageId;
  if (instance.state === "stopped" && group.powerDownAction === "stop" && likeConfigured) return "start";
  return "none";
}

/** The order in which everyone, at any time, decides between two instances of one node. */
export function oldestFirst(a: Instance, b: Instance): number {
  return a.launchTime - b.launchTime || (a.instanceId < b.instanceId ? -1 : 1);
}

/** A killed hook and its successor may both have launched a node: the oldest launch stays, then the lowest id. */
export function onePerNode(
  instances: readonly NodeInstance[],
): { assigned: NodeInstance[]; surplus: Instance[] } {
  const byNode = Map.groupBy(instances, ({ nodeName }) => nodeName);
  const sorted = [...byNode.values()].map((own) =>
    own.toSorted((a, b) => oldestFirst(a.instance, b.instance))
  );
  return {
    assigned: sorted.map(([first]) => first!),
    surplus: sorted.flatMap(([, ...rest]) => rest.map(({ instance }) => instance)),
  };
}
