import type { NodeGroup } from "../../config/model.ts";
import { expandHostlist } from "../../slurm/hostlist.ts";

/**
 * The NodeSet name of each group, by group name: the group's own, with `_nodes` behind it where that is also a
 * node's name (slurmctld refuses the overlap) or a word that Slurm keeps for itself.
 */
export function nodeSetNames(groups: readonly NodeGroup[]): ReadonlyMap<string, string> {
  const taken = new Set(groups.map((group) => group.name));
  const nodes = nodeNamesAmong(
    groups,
    (name) => taken.has(name.replace(/(_nodes)+$/, "")) || taken.has(name),
  );
  const names = new Map<string, string>();
  for (const { name } of groups) {
    let set = name;
    while (nodes.has(set) || /^(all|default)$/i.test(set) || (set !== name && taken.has(set))) {
      set += "_nodes";
    }
    taken.add(set);
    names.set(name, set);
  }
  return names;
}

/**
 * Those node names that `interesting` picks. Only hostlists that could hold one are expanded: thousands of
 * groups may stand for millions of nodes.
 */
function nodeNamesAmong(groups: readonly NodeGroup[], interesting: (name: string) => boolean): Set<string> {
  const starts = new Set(groups.flatMap(({ name }) => prefixes(name)));
  const suspects = groups.filter(({ nodes }) =>
    nodes.split(/,(?![^[]*\])/).some((element) =>
      starts.has(element.split("[")[0]!.replace(/(_nodes)+$/, ""))
    )
  );
  return new Set(suspects.flatMap(({ nodes }) => expandHostlist(nodes).filter(interesting)));
}

function prefixes(name: string): string[] {
  return Array.from({ length: name.length + 1 }, (_, length) => name.slice(0, length));
}
