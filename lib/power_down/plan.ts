import type { Instance } from "../aws/instance.ts";
import type { GroupedNodes } from "../cluster/group.ts";
import type { NodeInstance } from "../cluster/tend.ts";
import type { OwnedInstance } from "../identity/node_of_instance.ts";

/** What to end, and how. */
export interface PowerDownPlan {
  readonly terminate: readonly NodeInstance[];
  readonly stop: readonly NodeInstance[];
  /** Stopped already, or about to be: as they should be. */
  readonly stopped: readonly NodeInstance[];
  /** Nodes without an instance: there is nothing to end. */
  readonly without: readonly string[];
}

/**
 * Sorts the instances of nodes that power down. A pending instance can't be stopped, so it is terminated:
 * skipped, it would run on with no node. Spot requests of ours are one-time and can't be stopped either.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Stop_Start.html
 *
 * @param decidedAt when Slurm decided, milliseconds since 1970 UTC: an instance launched later belongs to a later power-up
 */
export function planPowerDown(
  groups: readonly GroupedNodes[],
  instances: ReadonlyMap<string, readonly OwnedInstance[]>,
  decidedAt: number,
): PowerDownPlan {
  const terminate: NodeInstance[] = [];
  const stop: NodeInstance[] = [];
  const stopped: NodeInstance[] = [];
  const without: string[] = [];
  for (const { group, nodes } of groups) {
    for (const nodeName of nodes) {
      const own = (instances.get(nodeName) ?? []).map(({ instance }) => instance)
        .filter((instance) => instance.launchTime <= decidedAt && isLive(instance));
      if (own.length === 0) without.push(nodeName);
      for (const instance of own) {
        if (group.powerDownAction === "terminate" || !canStop(instance)) {
          terminate.push({ nodeName, instance });
        } else (instance.state === "running" ? stop : stopped).push({ nodeName, instance });
      }
    }
  }
  return { terminate, stop, stopped, without };
}

function isLive({ state }: Instance): boolean {
  return state !== "shutting-down" && state !== "terminated";
}

function canStop({ state, capacityType }: Instance): boolean {
  return state !== "pending" && capacityType !== "spot";
}
