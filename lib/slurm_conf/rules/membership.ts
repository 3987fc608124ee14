import type { NameRange } from "../../slurm/name_ranges.ts";
import type { Context, NamedRecord, NodeRecord } from "../context.ts";
import { hostElements, hostFunction } from "./host_elements.ts";
import { type NodeIndex, nodeIndex, rangesOf } from "./node_index.ts";

/** The nodes that a `Nodes=` value names. */
export interface NodeSelection {
  /** NodeName lines of which at least one node is named. */
  readonly records: ReadonlySet<NodeRecord>;
  /** How many nodes of State=CLOUD are named. */
  readonly cloudCount: number;
  /** Ranges of names that are neither nodes nor NodeSets; `ALL` among other names is one. */
  readonly unknown: readonly NameRange[];
  /** Functions such as `feature{gpu}`, as written. */
  readonly functions: readonly string[];
  /** Elements that are not hostlists, as written. */
  readonly unreadable: readonly string[];
  /** Whether it may name nodes that these files don't show: those of a switch or block, or a list that can't be read. */
  readonly isOpen: boolean;
}

/** Which node belongs to which NodeName line, NodeSet and partition. */
export interface Membership {
  /** NodeName lines by the names of their nodes. */
  readonly index: NodeIndex<NodeRecord>;
  /** NodeSet lines by name; of two with one name slurmctld takes the first (seen on 22.05.8, 24.11.5, 26.05.5). */
  readonly nodeSets: ReadonlyMap<string, NamedRecord>;
  /** The nodes that a value of a partition's `Nodes`, `SuspendExcNodes` and the like names. */
  select(text: string): NodeSelection;
  /** The nodes of a NodeSet. Another NodeSet's name is unknown in it. */
  membersOf(set: NamedRecord): NodeSelection;
  /** The nodes of a partition. */
  nodesOf(partition: NamedRecord): NodeSelection;
  /** The partitions that hold a node of a NodeName line. */
  partitionsOf(node: NodeRecord): readonly NamedRecord[];
}

const NOTHING: NodeSelection = {
  records: new Set(),
  cloudCount: 0,
  unknown: [],
  functions: [],
  unreadable: [],
  isOpen: false,
};

/** Who belongs where in a configuration; worked out once, however many rules and releases ask. */
export function membershipOf(context: Context): Membership {
  return context.once(makeMembership, () => makeMembership(context));
}

function makeMembership(context: Context): Membership {
  const index = nodeIndex(context.nodes.map((node) => ({ hostlist: node.name, item: node })));
  const nodeSets = new Map(context.nodeSets.toReversed().map((set) => [set.name, set]));
  const all = { ...NOTHING, records: new Set(context.nodes), cloudCount: context.cloudNodeCount };
  const selections = new Map<string, NodeSelection>();
  const featured = (feature: string) =>
    ofRecords(context.nodes.filter((node) => featuresOf(node).includes(feature)));
  const named = (hostlist: string): NodeSelection => {
    const divided = index.divide(hostlist);
    if (divided === undefined) {
      const unreadable = hostElements(hostlist).map(({ text }) => text).filter((text) =>
        rangesOf(text) === undefined
      );
      return { ...NOTHING, unreadable, isOpen: true };
    }
    return {
      ...NOTHING,
      records: new Set(divided.shares.map(({ item }) => item)),
      cloudCount: divided.shares.reduce((sum, { item, count }) => sum + (item.isCloud ? count : 0), 0),
      unknown: divided.rest,
      // Beyond the index's limit a name may belong to a line that is not in it.
      isOpen: !index.isWhole,
    };
  };
  const membersOf = (set: NamedRecord): NodeSelection => {
    const nodes = set.text("Nodes");
    const feature = set.text("Feature");
    return joined([
      nodes === undefined ? NOTHING : isAll(nodes) ? all : named(nodes),
      feature === undefined ? NOTHING : featured(feature),
    ]);
  };
  const calculated = (text: string): NodeSelection => {
    const call = hostFunction(text)!;
    const inFiles = call.name === "feature" ? featured(call.argument) : { ...NOTHING, isOpen: true };
    return { ...inFiles, functions: [text] };
  };
  const select = (text: string): NodeSelection => {
    let selection = selections.get(text);
    if (selection === undefined) selections.set(text, selection = makeSelection(text));
    return selection;
  };
  const makeSelection = (text: string): NodeSelection => {
    if (isAll(text)) return all;
    const plain: string[] = [];
    const parts: NodeSelection[] = [];
    for (const { text: element } of hostElements(text)) {
      const set = nodeSets.get(element);
      if (set !== undefined) parts.push(membersOf(set));
      else if (hostFunction(element) !== undefined) parts.push(calculated(element));
      else plain.push(element);
    }
    return joined([...plain.length === 0 ? [] : [named(plain.join(","))], ...parts]);
  };
  const nodesOf = (partition: NamedRecord) => select(partition.text("Nodes") ?? "");
  let partitionsByNode: Map<NodeRecord, NamedRecord[]> | undefined;
  return {
    index,
    nodeSets,
    select,
    membersOf,
    nodesOf,
    partitionsOf(node) {
      partitionsByNode ??= invert(context.partitions, nodesOf);
      return partitionsByNode.get(node) ?? [];
    },
  };
}

/** Whether a value is the word for every node; slurmctld takes it alone only, in any case. */
export function isAll(text: string): boolean {
  return text.toUpperCase() === "ALL";
}

function ofRecords(records: readonly NodeRecord[]): NodeSelection {
  const cloudCount = records.reduce((sum, node) => sum + (node.isCloud ? node.count : 0), 0);
  return { ...NOTHING, records: new Set(records), cloudCount };
}

function joined(parts: readonly NodeSelection[]): NodeSelection {
  if (parts.length === 1) return parts[0]!;
  return {
    records: new Set(parts.flatMap(({ records }) => [...records])),
    cloudCount: parts.reduce((sum, { cloudCount }) => sum + cloudCount, 0),
    unknown: parts.flatMap(({ unknown }) => unknown),
    functions: parts.flatMap(({ functions }) => functions),
    unreadable: parts.flatMap(({ unreadable }) => unreadable),
    isOpen: parts.some(({ isOpen }) => isOpen),
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

/** The features of a NodeName line; where both stand, Feature counts (seen on 24.11.5 and 26.05.5). */
function featuresOf(node: NodeRecord): readonly string[] {
  const text = node.text("Feature") ?? node.text("Features") ?? "";
  return text.split(",").filter((feature) => feature !== "");
}
