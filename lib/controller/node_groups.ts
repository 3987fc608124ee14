import type { Config, NodeGroup } from "../config/model.ts";
import { expandHostlist } from "../slurm/hostlist.ts";

const KNOWN = new WeakMap<Config, ReadonlyMap<string, NodeGroup>>();

/** Every node of the configuration with its group, in the configuration's order; expanded once a configuration. */
export function groupOfNode(config: Config): ReadonlyMap<string, NodeGroup> {
  let groups = KNOWN.get(config);
  if (groups === undefined) {
    groups = new Map(
      config.nodeGroups.flatMap((group) => expandHostlist(group.nodes).map((name) => [name, group] as const)),
    );
    KNOWN.set(config, groups);
  }
  return groups;
}
