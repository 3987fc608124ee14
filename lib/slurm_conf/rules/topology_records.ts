import type { Context } from "../context.ts";
import type { Setting } from "../document.ts";
import type { Report } from "../rule.ts";
import type { TopologyConf } from "../topology_conf.ts";
import { isComplete } from "./completeness.ts";
import { countNames, nodeIndex } from "./node_index.ts";

/** A switch or a block of topology.conf. */
export interface TopologyRecord {
  /** The first setting: SwitchName or BlockName. */
  readonly name: Setting;
  /** A setting of the line by its key in lower case. */
  get(key: string): Setting | undefined;
}

/** What the checks of either plugin look at. */
export interface TopologyContext {
  readonly context: Context;
  readonly topology: TopologyConf;
  readonly records: readonly TopologyRecord[];
  /** How many nodes a hostlist names that slurm.conf defines; undefined where that is not known. */
  countDefined(hostlist: string): number | undefined;
}

/** Reports names of `Nodes=` that slurm.conf doesn't define: slurmctld logs a lookup failure for each. */
export function* undefinedNodes({ records, context }: TopologyContext): Iterable<Report> {
  if (!isComplete(context)) return;
  const defined = nodeIndex(context.nodes.map(({ name }) => ({ hostlist: name, item: true })));
  if (!defined.isWhole) return;
  for (const record of records) {
    const nodes = record.get("nodes");
    const rest = nodes === undefined || nodes.value.text.includes("{")
      ? []
      : defined.divide(nodes.value.text)?.rest ?? [];
    if (rest.length === 0) continue;
    yield {
      at: nodes!.value,
      message: `${
        countNames(rest)
      } of the nodes of ${record.name.key}=${record.name.value.text} have no NodeName line: slurmctld logs a lookup failure`,
      severity: "warning",
      daemon: "logs",
    };
  }
}
