import { isMap, isScalar, isSeq, type Node, parseDocument, type YAMLMap } from "yaml";
import { withoutEnvironment } from "../base/without_environment.ts";
import { isBlockSizes } from "./block_sizes.ts";
import type { SourceFile, Span } from "./document.ts";
import { isHostlist } from "./is_hostlist.ts";
import { sourceFile } from "./source_file.ts";

/** What slurmctld refuses of a topology.yaml, and where. */
export interface TopologyYamlProblem {
  /** Where it stands. */
  readonly span: Span;
  /** What is wrong, as a clause. */
  readonly what: string;
}

/** A topology.yaml, as far as a rule asks: what is wrong with it by itself. */
export interface TopologyYaml {
  /** The file as it was read. */
  readonly file: SourceFile;
  /** In the order of the file. */
  readonly problems: readonly TopologyYamlProblem[];
  /** Names of its topologies; empty where it has problems or is too large to judge. */
  readonly names: readonly string[];
}

/** Reads and judges a topology.yaml; what its problems are was seen on slurmctld 26.05.5. */
export function readTopologyYaml(path: string, bytes: Uint8Array): TopologyYaml {
  const file = sourceFile(path, "slurm.conf", bytes);
  if (bytes.length > MOST_BYTES) return { file, problems: [], names: [] };
  const { problems, names } = withoutEnvironment(() => judge(file.text));
  return {
    file,
    problems: problems.map(({ what, start, end }) => ({ span: { file, start, end }, what })),
    names: problems.length > 0 ? [] : names,
  };
}

function judge(text: string): { readonly problems: readonly Problem[]; readonly names: readonly string[] } {
  try {
    const document = parseDocument(text);
    const [error] = document.errors;
    if (error !== undefined) {
      const what = `is not YAML: ${error.message.split("\n")[0]}`;
      return { problems: [at(undefined, what, error.pos[0])], names: [] };
    }
    const root = document.contents as Node | null;
    return { problems: [...ofRoot(root)], names: namesOf(root) };
  } catch (error) {
    // The YAML library recurses: brackets nested some thousand deep exhaust the stack.
    if (!(error instanceof RangeError)) throw error;
    return { problems: [at(undefined, "is nested too deeply")], names: [] };
  }
}

function namesOf(root: Node | null): string[] {
  const entries = isSeq(root) ? root.items : [root];
  return entries.flatMap((entry) =>
    isMap(entry) && entry.has("topology") ? [String(entry.get("topology"))] : []
  );
}

/** Beyond it nothing is judged: 65,536 nodes in switches of their own come to less. */
const MOST_BYTES = 8 * 1024 * 1024;

interface Problem {
  readonly what: string;
  readonly start: number;
  readonly end: number;
}

function at(node: Node | null | undefined, what: string, start = 0): Problem {
  const [from, to] = node?.range ?? [start, start];
  return { what, start: from, end: to };
}

function* ofRoot(root: Node | null): Iterable<Problem> {
  const entries = isSeq(root) ? root.items as Node[] : [root];
  if (entries.length === 0) yield at(root, "has no topology");
  for (const entry of entries) {
    if (isMap(entry)) yield* ofTopology(entry);
    else yield at(entry, "must be a list of topologies, each a map");
  }
}

/** The plugins' keys; one of them says what a topology is. */
const PLUGINS = ["flat", "tree", "block", "ring", "torus3d"] as const;

function* ofTopology(entry: YAMLMap): Iterable<Problem> {
  const given = PLUGINS.filter((key) => entry.has(key));
  if (given.length !== 1) {
    yield at(
      entry,
      `has ${given.length === 0 ? "none" : "more than one"} of ${PLUGINS.join(", ")} in a topology`,
    );
    return;
  }
  const [plugin] = given;
  const value = entry.get(plugin!, true) as Node | null;
  if (plugin === "flat") {
    const text = isScalar(value) ? value.value : true;
    if (text === null || text === false) yield at(value ?? entry, "says flat, and not true, in a topology");
  } else if (!isMap(value) || value.items.length === 0) {
    yield at(value ?? entry, `must have a map below ${plugin}`);
  } else if (plugin === "tree") yield* ofTree(value);
  else if (plugin === "block") yield* ofBlocks(value);
}

/** The maps of a list that may not be absent, empty or something else. */
function* list(parent: YAMLMap, key: string, name: string): Generator<Problem, YAMLMap[]> {
  const value = parent.get(key, true) as Node | null | undefined;
  if (!isSeq(value) || value.items.length === 0) {
    yield at(value ?? parent, `must have a list of ${key}`);
    return [];
  }
  const records: YAMLMap[] = [];
  const seen = new Set<string>();
  for (const item of value.items as Node[]) {
    const own = isMap(item) ? textOf(item, name) : undefined;
    if (own === undefined) yield at(item, `has a ${name} without a name`);
    else if (seen.has(own)) yield at(item, `has ${name} "${own}" twice`);
    if (own === undefined) continue;
    seen.add(own);
    records.push(item as YAMLMap);
  }
  return records;
}

function textOf(map: YAMLMap, key: string): string | undefined {
  const value = map.get(key, true) as Node | undefined;
  return isScalar(value) && value.value !== null ? String(value.value) : undefined;
}

function* nodesOf(record: YAMLMap, name: string): Iterable<Problem> {
  if (!record.has("nodes")) return;
  const text = textOf(record, "nodes");
  if (text === undefined || !isHostlist(text)) {
    yield at(
      record.get("nodes", true) as Node,
      `has ${name} "${textOf(record, name)}" with nodes that are not a hostlist`,
    );
  }
}

function* ofTree(tree: YAMLMap): Iterable<Problem> {
  const switches = yield* list(tree, "switches", "switch");
  const names = new Set(switches.map((record) => textOf(record, "switch")));
  for (const record of switches) {
    yield* nodesOf(record, "switch");
    const children = textOf(record, "children");
    // Slurm leaves out the children of a switch that has nodes.
    if (children === undefined || record.has("nodes") || /[[\]]/.test(children)) continue;
    const name = textOf(record, "switch");
    const missing = children.split(",").find((child) => !names.has(child) || child === name);
    if (missing !== undefined) {
      yield at(
        record,
        `has switch "${name}" with the child "${missing}", and there is no other switch of that name`,
      );
    }
  }
}

function* ofBlocks(block: YAMLMap): Iterable<Problem> {
  for (const record of yield* list(block, "blocks", "block")) yield* nodesOf(record, "block");
  const sizes = block.get("block_sizes", true) as Node | undefined;
  if (sizes === undefined) return;
  const numbers = isSeq(sizes)
    ? sizes.items.map((item) => isScalar(item) ? String(item.value) : "")
    : [textOf(block, "block_sizes") ?? ""];
  if (!isBlockSizes(numbers.join(","))) {
    yield at(
      sizes,
      "has block_sizes that are not numbers above 0, each larger than the first by a power of two",
    );
  }
}
