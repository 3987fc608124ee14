import type { Context } from "../context.ts";
import type { Report, Rule } from "../rule.ts";
import { since } from "../versions.ts";
import { recordSettings } from "./record_settings.ts";
import { SLURM_CONF } from "./sources.ts";

/** CF026. */
export const nodeOfUnknownTopology: Rule = {
  id: "CF026",
  title: "Node in a topology that topology.yaml lacks",
  severity: "error",
  daemon: "refuses",
  versions: since("25.05"),
  what:
    "Topology of a NodeName line names a topology that the topology.yaml next to slurm.conf does not have.",
  why: "slurmctld does not start (seen on slurmctld 26.05.5; 25.05 and 25.11 by the manual).",
  remedy: "Name a topology of topology.yaml, a colon and the switch or block.",
  sources: [SLURM_CONF, "https://slurm.schedmd.com/topology.yaml.html"],
  *check(context: Context): Iterable<Report> {
    const names = context.topologyYaml?.names ?? [];
    if (names.length === 0) return;
    for (const { setting } of recordSettings(context, "NodeName", "Topology")) {
      const asked = setting.value.text.split(",").map((part) => part.split(":", 1)[0]!);
      const unknown = asked.find((name) => name !== "default" && !names.includes(name));
      if (unknown === undefined) continue;
      yield {
        at: setting.value,
        message:
          `Topology "${unknown}" is not in ${context.topologyYaml!.file.path}: slurmctld does not start; ` +
          `it has ${names.join(", ")}`,
      };
    }
  },
};
