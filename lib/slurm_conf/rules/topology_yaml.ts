import type { Context } from "../context.ts";
import type { Report, Rule } from "../rule.ts";
import { since } from "../versions.ts";

/** CF021. */
export const topologyYamlRefused: Rule = {
  id: "CF021",
  title: "topology.yaml that slurmctld does not take",
  severity: "error",
  daemon: "refuses",
  versions: since("25.05"),
  what:
    "A topology.yaml next to slurm.conf that is not YAML, or not a list of topologies as Slurm reads them.",
  why:
    "slurmctld does not start, whatever TopologyPlugin says (seen on 26.05.5; 25.05 and 25.11 by the manual).",
  remedy:
    "Correct it: each topology has one of flat: true, tree with switches, block with blocks, all of them with names of their own.",
  sources: ["https://slurm.schedmd.com/topology.yaml.html"],
  *check(context: Context): Iterable<Report> {
    for (const { span, what } of context.topologyYaml?.problems ?? []) {
      yield { at: span, message: `${span.file.path} ${what}: slurmctld does not start` };
    }
  },
};
