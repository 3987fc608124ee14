import type { Context } from "../context.ts";
import type { Report, Rule } from "../rule.ts";
import { ALL_VERSIONS, since } from "../versions.ts";
import { isComplete } from "./completeness.ts";
import { CONFIGLESS, SLURM_CONF } from "./sources.ts";

/** SC014. */
export const includeNotPushed: Rule = {
  id: "SC014",
  title: "Include that configless nodes don't get",
  severity: "warning",
  daemon: "silent",
  versions: since("22.05"),
  what: "SlurmctldParameters has enable_configless, and an Include line has a path with a slash.",
  why:
    "slurmctld pushes only files beside slurm.conf, named without a path: nodes get the Include line and no file.",
  remedy: "Move the file beside slurm.conf and include it by its name.",
  sources: [SLURM_CONF, CONFIGLESS],
  *check(context: Context): Iterable<Report> {
    if (context.token("SlurmctldParameters", "enable_configless") === undefined) return;
    for (const entry of context.document.entries) {
      if (entry.kind !== "include" || !entry.path.text.includes("/")) continue;
      yield {
        at: entry.path,
        message:
          `Include "${entry.path.text}" is not pushed to configless nodes; move it beside slurm.conf and write its name alone`,
      };
    }
  },
};

/** SC015. */
export const configlessOff: Rule = {
  id: "SC015",
  title: "slurm.conf of cloud images grows old",
  severity: "info",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what: "There are CLOUD nodes and SlurmctldParameters lacks enable_configless.",
  why:
    "A slurm.conf that is part of the image differs from the controller's after the next change, and nodes log that their configuration differs.",
  remedy: "Add enable_configless, or keep slurm.conf on a shared file system.",
  sources: [CONFIGLESS],
  *check(context: Context): Iterable<Report> {
    const [node] = context.cloudNodes;
    if (node === undefined || !isComplete(context)) return;
    if (context.token("SlurmctldParameters", "enable_configless") !== undefined) return;
    yield {
      at: context.setting("SlurmctldParameters") ?? node.entry.name,
      message:
        "enable_configless is not set: a slurm.conf inside the image grows old; add it, or share slurm.conf with the nodes",
    };
  },
};
