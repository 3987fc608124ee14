import type { Context } from "../context.ts";
import type { Report, Rule } from "../rule.ts";
import type { TopologyConf } from "../topology_conf.ts";
import { ALL_VERSIONS } from "../versions.ts";
import { isComplete } from "./completeness.ts";
import { type NodeIndex, nodeIndex } from "./node_index.ts";
import { blockReports } from "./topology_blocks.ts";
import type { TopologyRecord } from "./topology_records.ts";
import { switchReports } from "./topology_switches.ts";

/** Keys of a line by its first key (https://slurm.schedmd.com/topology.conf.html). */
const KEYS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  tree: { switchname: ["nodes", "switches", "linkspeed"] },
  block: { blockname: ["nodes"], blocksizes: [] },
};

/** CF020. */
export const topologyConfRefused: Rule = {
  id: "CF020",
  title: "topology.conf that slurmctld does not take",
  severity: "error",
  daemon: "refuses",
  versions: ALL_VERSIONS,
  what:
    "Lines of topology.conf that don't fit the plugin or each other: keys of another plugin, a name given twice, a switch below itself or one that is not there, blocks smaller than BlockSizes.",
  why: "slurmctld does not start (seen on 22.05.8, 24.11.5 and 26.05.5).",
  remedy: "Correct the line; every switch and block has one line, every child a line of its own.",
  sources: ["https://slurm.schedmd.com/topology.conf.html", "https://slurm.schedmd.com/topology.html"],
  *check(context: Context): Iterable<Report> {
    const { topology } = context;
    const plugin = /^topology\/(tree|block)$/.exec(context.text("TopologyPlugin") ?? "")?.[1];
    // topology/block came with 23.11.
    if (topology === undefined || plugin === undefined || (plugin === "block" && !context.isSince("23.11"))) {
      return;
    }
    yield* unknownKeys(topology, plugin);
    const records = topology.lines.filter(([first]) =>
      first!.name === (plugin === "tree" ? "switchname" : "blockname")
    )
      .map((line): TopologyRecord => ({
        name: line[0]!,
        get: (key) => line.find(({ name }) => name === key),
      }));
    yield* repeated(records, plugin);
    const defined = isComplete(context)
      ? nodeIndex(context.nodes.map(({ name }) => ({ hostlist: name, item: true })))
      : undefined;
    const countDefined = (hostlist: string) => countIn(defined, hostlist);
    const checks = plugin === "tree" ? switchReports : blockReports;
    yield* checks({ context, topology, records, countDefined });
  },
};

function* unknownKeys({ lines }: TopologyConf, plugin: string): Iterable<Report> {
  for (const line of lines) {
    const [first, ...others] = line;
    const keys = KEYS[plugin]![first!.name];
    if (keys === undefined) {
      yield {
        at: first!,
        message: `No line of topology.conf for topology/${plugin} begins with ${
          first!.key
        }: slurmctld does not start`,
      };
      continue;
    }
    for (const setting of others) {
      if (keys.includes(setting.name)) continue;
      yield {
        at: setting,
        message: `topology.conf has no ${setting.key} on ${first!.key} lines: slurmctld does not start`,
      };
    }
  }
}

function* repeated(records: readonly TopologyRecord[], plugin: string): Iterable<Report> {
  const seen = new Set<string>();
  for (const { name } of records) {
    if (seen.has(name.value.text)) {
      yield {
        at: name.value,
        message: `${
          plugin === "tree" ? "Switch" : "Block"
        } "${name.value.text}" has a line already: slurmctld does not start`,
      };
    }
    seen.add(name.value.text);
  }
}

function countIn(defined: NodeIndex<boolean> | undefined, hostlist: string): number | undefined {
  const divided = defined?.isWhole ? defined.divide(hostlist) : undefined;
  return divided?.shares.reduce((sum, { count }) => sum + count, 0);
}
