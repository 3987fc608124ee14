import type { Config, NodeGroup } from "../config/model.ts";
import { expandHostlist } from "../slurm/hostlist.ts";

/** Nodes of one node group, in the order they were asked for. */
export interface GroupedNodes {
  readonly group: NodeGroup;
  readonly nodes: readonly string[];
}

/** A request sorted by what we manage. */
export interface Grouping {
  readonly groups: readonly GroupedNodes[];
  /** Nodes of no node group of ours: reported, never touched. */
  readonly foreign: readonly string[];
}

/** Sorts node names into the configuration's node groups; a name asked for twice counts once. */
export function groupNodes(config: Pick<Config, "nodeGroups">, nodes: Iterable<string>): Grouping {
  const wanted = new Set(nodes);
  const groupOf = new Map<string, NodeGroup>();
  for (const group of config.nodeGroups) {
    for (const name of expandHostlist(group.nodes)) {
      if (wanted.has(name)) groupOf.set(name, group);
    }
  }
  const byGroup = Map.groupBy(wanted, (name) => groupOf.get(name));
  const foreign = byGroup.get(undefined) ?? [];
  const groups = config.nodeGroups.flatMap((group) => {
    const names = byGroup.get(group);
    return names === undefined ? [] : [{ group, nodes: names }];
  });
  return { groups, foreign };
}
