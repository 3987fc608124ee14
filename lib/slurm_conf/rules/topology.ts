import { foldHostlist } from "../../slurm/hostlist.ts";
import type { Context } from "../context.ts";
import type { Report, Rule } from "../rule.ts";
import { ALL_VERSIONS } from "../versions.ts";
import { isComplete } from "./completeness.ts";
import { countNames, firstNames, nodeIndex } from "./node_index.ts";

/** Slurm's guide to topologies. */
const TOPOLOGY = "https://slurm.schedmd.com/topology.html";
/** Names folded into a message. */
const MANY = 1000;

/** CL037. */
export const cloudOutsideTopology: Rule = {
  id: "CL037",
  title: "CLOUD nodes outside of the topology",
  severity: "error",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what:
    "TopologyPlugin is topology/tree or topology/block, and topology.conf names no switch or block for CLOUD nodes.",
  why:
    "slurmctld only warns that switches lack access to nodes. Seen on 22.05.8 and 24.11.5, it then refuses each job for them at submission; 26.05.5 takes jobs of one node only.",
  remedy:
    "Add SwitchName=cloud Nodes=… to topology.conf, joined to the root switch where jobs span both kinds of nodes; or TopologyParam=TopoOptional.",
  sources: [TOPOLOGY, "https://slurm.schedmd.com/topology.conf.html"],
  *check(context: Context): Iterable<Report> {
    const plugin = context.setting("TopologyPlugin");
    const kind = /^topology\/(tree|block)$/i.exec(plugin?.value.text ?? "")?.[1]?.toLowerCase();
    if (
      plugin === undefined || kind === undefined || context.cloudNodes.length === 0 || !isComplete(context)
    ) return;
    if (context.token("TopologyParam", "TopoOptional") !== undefined) return;
    const { topology } = context;
    if (topology === undefined) {
      // From 25.05 on it may be topology.yaml, which is not read here.
      yield {
        at: plugin.value,
        message:
          `With ${plugin.value.text} the topology must name the CLOUD nodes, and topology.conf was not found next to slurm.conf: check it there`,
        severity: "info",
      };
      return;
    }
    const named = nodeIndex(topology.hostlists.map((hostlist) => ({ hostlist, item: true })));
    if (!named.isWhole) return;
    for (const node of context.cloudNodes) {
      const rest = named.divide(node.name)?.rest ?? [];
      if (rest.length === 0) continue;
      const count = countNames(rest);
      const list = count === node.count ? node.name : foldHostlist(firstNames(rest, MANY));
      const line = kind === "tree" ? `SwitchName=cloud Nodes=${list}` : `BlockName=cloud Nodes=${list}`;
      const isOld = !context.isSince("25.05");
      yield {
        at: node.entry.name,
        message: `CLOUD nodes "${list}" are not in ${topology.path}: slurmctld ${
          isOld ? "refuses every job for them" : "refuses jobs of several nodes for them"
        }; add ${line} there, or TopologyParam=TopoOptional`,
        ...(isOld && kind === "tree" ? {} : { severity: "warning" }),
      };
    }
  },
};
