import type { Context } from "../context.ts";
import type { Report, Rule } from "../rule.ts";
import { ALL_VERSIONS, since } from "../versions.ts";
import { isComplete } from "./completeness.ts";
import { CONFIGLESS, SLURM_CONF } from "./sources.ts";

/** SC014. */
export const includeNotPushed: Rule = {
  id: "SC014",
  title: "Include that configless nodes don't get",
  severity: "error",
  daemon: "silent",
  versions: since("22.05"),
  what: "SlurmctldParameters has enable_configless, and an Include line has a path with a slash.",
  why:
    "slurmctld pushes only files next to slurm.conf, named without a path: nodes get the Include line and no file, slurmd waits 60 s for it and ends, and no cloud node registers.",
  remedy: "Move the file next to slurm.conf and include it by its name.",
  sources: [SLURM_CONF, CONFIGLESS],
  *check(context: Context): Iterable<Report> {
    if (context.token("SlurmctldParameters", "enable_configless") === undefined) return;
    for (const entry of context.document.entries) {
      if (entry.kind !== "include" || !entry.path.text.includes("/")) continue;
      yield {
        at: entry.path,
        message:
          `Include "${entry.path.text}" is not pushed to configless nodes, whose slurmd then does not start; move it next to slurm.conf and write its name alone`,
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

/** SC032. */
export const scriptNotPushed: Rule = {
  id: "SC032",
  title: "Script that configless nodes don't get",
  severity: "warning",
  daemon: "silent",
  versions: { from: "20.11", before: "23.02" },
  what: "SlurmctldParameters has enable_configless, and Prolog or Epilog is a bare name.",
  why:
    "Slurm 24.11.5 and 26.05.5 push such a script to the nodes, 22.05.8 does not: the node has none, and its jobs are held or run without it.",
  remedy: "Install the script on the nodes and give its absolute path.",
  sources: [CONFIGLESS, SLURM_CONF],
  *check(context: Context): Iterable<Report> {
    if (context.token("SlurmctldParameters", "enable_configless") === undefined) return;
    for (const setting of ["Prolog", "Epilog"].flatMap((key) => context.settings(key))) {
      if (setting.value.text.includes("/")) continue;
      yield {
        at: setting.value,
        message:
          `${setting.key} "${setting.value.text}" is not pushed to configless nodes by this Slurm; install it on them and write its absolute path`,
      };
    }
  },
};
