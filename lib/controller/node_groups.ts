import type { Config, NodeGroup } from "../config/model.ts";
import { expandHostlist } from "../slurm/hostlist.ts";

const NAMES = new WeakMap<Config, ReadonlyMap<string, readonly string[]>>();

/** The names of a group's nodes, in its order; grouped once a configuration. */
export function namesOfGroup(config: Config, group: NodeGroup): readonly string[] {
  let names = NAMES.get(config);
  if (names === undefined) {
    const byGroup = new Map<string, string[]>(config.nodeGroups.map(({ name }) => [name, []]));
    for (const [name, { name: its }] of groupOfNode(config)) byGroup.get(its)!.push(name);
    NAMES.set(config, names = byGroup);
  }
  return names.get(group.name) ?? [];
}

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
