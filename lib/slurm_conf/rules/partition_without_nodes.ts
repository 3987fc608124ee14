import type { Context, NamedRecord } from "../context.ts";
import type { Report, Rule } from "../rule.ts";
import { ALL_VERSIONS } from "../versions.ts";
import { isComplete } from "./completeness.ts";
import { hostElements, hostFunction } from "./host_elements.ts";
import { isAll, membershipOf } from "./membership.ts";
import { SLURM_CONF } from "./sources.ts";

/** CL036. */
export const partitionWithoutNodes: Rule = {
  id: "CL036",
  title: "Partition without a node",
  severity: "warning",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what: "A partition has no Nodes, or a NodeSet or feature{} that no node belongs to.",
  why: "slurmctld starts and gives the partition no node, without a word: its jobs never run.",
  remedy: "Write Nodes=, or correct the Feature; a NodeSet's Feature is one feature, not a list.",
  sources: [SLURM_CONF],
  *check(context: Context): Iterable<Report> {
    if (!isComplete(context)) return;
    for (const partition of context.partitions) {
      const why = emptiness(context, partition);
      if (why === undefined) continue;
      yield {
        at: partition.get("Nodes")?.value ?? partition.entry.name,
        message: `Partition "${partition.name}" has no node${why}: its jobs never run`,
      };
    }
  },
};

/** Why a partition has no node, with the next step; undefined where it has one, may get one, or slurmctld refuses it. */
function emptiness(context: Context, partition: NamedRecord): string | undefined {
  const text = partition.text("Nodes");
  if (text === undefined || text === "") return ", because Nodes is not set; write Nodes=";
  if (isAll(text) || context.nodes.length === 0) return undefined;
  const membership = membershipOf(context);
  const { records, isOpen, unknown, functions } = membership.select(text);
  if (records.size > 0 || isOpen || unknown.length > 0) return undefined;
  if (functions.length > 0 && !context.isSince("23.02")) return undefined;
  const sets = hostElements(text).flatMap(({ text: element }) => membership.nodeSets.get(element) ?? []);
  const list = sets.find((set) => set.text("Feature")?.includes(","));
  if (list !== undefined) {
    return `: Feature "${
      list.text("Feature")
    }" of NodeSet "${list.name}" is one name to Slurm, and no node has it; write one feature`;
  }
  // Dynamic nodes may bring the feature.
  if (context.setting("MaxNodeCount") !== undefined) return undefined;
  const feature = sets.map((set) => set.text("Feature")).find((one) => one !== undefined) ??
    functions.map((one) => hostFunction(one)!.argument)[0];
  return feature === undefined
    ? `: NodeSet "${sets[0]?.name ?? text}" has neither Nodes nor Feature; add one`
    : `: no node has the feature "${feature}"; correct it`;
}
