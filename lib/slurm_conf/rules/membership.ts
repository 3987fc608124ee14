import { expandHostlist } from "../../slurm/hostlist.ts";
import type { Context, NamedRecord, NodeRecord } from "../context.ts";

/** The nodes that a `Nodes=` value names. */
export interface NodeSelection {
  /** NodeName lines of which at least one node is named. */
  readonly records: ReadonlySet<NodeRecord>;
  /** How many nodes of State=CLOUD are named. */
  readonly cloudCount: number;
  /** Names that are neither a node nor a NodeSet nor `ALL`, each once. */
  readonly unknown: readonly string[];
}

/** Which node belongs to which NodeName line, NodeSet and partition. */
export interface Membership {
  /** NodeName lines by node name. */
  readonly byName: ReadonlyMap<string, NodeRecord>;
  /** NodeSet lines by name. */
  readonly nodeSets: ReadonlyMap<string, NamedRecord>;
  /** The nodes that a value of `Nodes`, `SuspendExcNodes` and the like names; `ALL` and NodeSets included. */
  select(text: string): NodeSelection;
  /** The nodes of a partition. */
  nodesOf(partition: NamedRecord): NodeSelection;
  /** The partitions that hold a node of a NodeName line. */
  partitionsOf(node: NodeRecord): readonly NamedRecord[];
}

const NOTHING: NodeSelection = { records: new Set(), cloudCount: 0, unknown: [] };
const memory = new WeakMap<readonly NodeRecord[], Membership>();

/** Who belongs where in a configuration; worked out once, however many rules and releases ask. */
export function membershipOf(context: Context): Membership {
  const known = memory.get(context.nodes);
  if (known !== undefined) return known;
  const made = makeMembership(context);
  memory.set(context.nodes, made);
  return made;
}

/** The names a hostlist stands for; undefined when it can't be read. */
export function namesIn(hostlist: string): readonly string[] | undefined {
  try {
    return expandHostlist(hostlist);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
    throw error;
  }
}

function makeMembership(context: Context): Membership {
  const byName = new Map<string, NodeRecord>();
  for (const node of context.nodes) for (const name of node.names()) byName.set(name, node);
  const nodeSets = new Map(context.nodeSets.map((set) => [set.name, set]));
  const all = { records: new Set(context.nodes), cloudCount: context.cloudNodeCount, unknown: [] };
  const selections = new Map<string, NodeSelection>();
  const open = new Set<string>();
  const select = (text: string): NodeSelection => {
    const known = selections.get(text);
    if (known !== undefined) return known;
    if (open.has(text)) return NOTHING;
    open.add(text);
    const made = makeSelection(namesIn(text) ?? []);
    open.delete(text);
    selections.set(text, made);
    return made;
  };
  const makeSelection = (names: readonly string[]): NodeSelection => {
    if (names.some((name) => name.toUpperCase() === "ALL")) return all;
    const records = new Set<NodeRecord>();
    const unknown = new Set<string>();
    let cloudCount = 0;
    for (const name of names) {
      const node = byName.get(name);
      const set = nodeSets.get(name);
      if (node !== undefined) {
        records.add(node);
        if (node.isCloud) cloudCount++;
      } else if (set !== undefined) {
        const inSet = membersOf(set);
        for (const record of inSet.records) records.add(record);
        cloudCount += inSet.cloudCount;
      } else unknown.add(name);
    }
    return { records, cloudCount, unknown: [...unknown] };
  };
  const membersOf = (set: NamedRecord): NodeSelection => {
    const named = select(set.text("Nodes") ?? "");
    const feature = set.text("Feature");
    if (feature === undefined) return named;
    const featured = context.nodes.filter((node) => featuresOf(node).includes(feature));
    return {
      records: new Set([...named.records, ...featured]),
      cloudCount: named.cloudCount + featured.reduce((sum, node) => sum + (node.isCloud ? node.count : 0), 0),
      unknown: named.unknown,
    };
  };
  const nodesOf = (partition: NamedRecord) => select(partition.text("Nodes") ?? "");
  let partitionsByNode: Map<NodeRecord, NamedRecord[]> | undefined;
  return {
    byName,
    nodeSets,
    select,
    nodesOf,
    partitionsOf(node) {
      partitionsByNode ??= invert(context.partitions, nodesOf);
      return partitionsByNode.get(node) ?? [];
    },
  };
}

function invert(
  partitions: readonly NamedRecord[],
  nodesOf: (partition: NamedRecord) => NodeSelection,
): Map<NodeRecord, NamedRecord[]> {
  const byNode = new Map<NodeRecord, NamedRecord[]>();
  for (const partition of partitions) {
    for (const node of nodesOf(partition).records) {
      const group = byNode.get(node);
      if (group === undefined) byNode.set(node, [partition]);
      else group.push(partition);
    }
  }
  return byNode;
}

/** The features of a NodeName line. */
function featuresOf(node: NodeRecord): readonly string[] {
  const text = node.text("Feature") ?? node.text("Features") ?? "";
  return text.split(",").filter((feature) => feature !== "");
}
