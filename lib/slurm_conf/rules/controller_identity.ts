import type { Context } from "../context.ts";
import { removeEntry } from "../edit.ts";
import type { Report, Rule } from "../rule.ts";
import { ALL_VERSIONS } from "../versions.ts";
import { isComplete } from "./completeness.ts";
import { onePerPlace } from "./places.ts";
import { fileOf, SLURM_CONF } from "./sources.ts";

const READ_CONFIG = fileOf("26.05", "src/common/read_config.c");

/** SC009. */
export const slurmctldHostMissing: Rule = {
  id: "SC009",
  title: "SlurmctldHost not set",
  severity: "warning",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what: "ControlMachine is set in place of SlurmctldHost, or neither is.",
  why: "Without either slurmctld does not start. From 25.05 on the manual no longer knows ControlMachine.",
  remedy: "Write SlurmctldHost=NAME, or SlurmctldHost=NAME(ADDRESS) for ControlAddr.",
  sources: [SLURM_CONF, READ_CONFIG],
  *check(context: Context): Iterable<Report> {
    if (context.setting("SlurmctldHost") !== undefined || !isComplete(context)) return;
    const machine = context.setting("ControlMachine");
    if (machine === undefined) {
      yield {
        at: context.start,
        message: "SlurmctldHost is not set: slurmctld does not start; add it",
        severity: "error",
        daemon: "refuses",
      };
    } else if (context.isSince("25.05")) {
      yield {
        at: machine,
        message: `ControlMachine is no longer documented; write SlurmctldHost=${machine.value.text}`,
      };
    }
  },
};

/** SC027. */
export const clusterNameMissing: Rule = {
  id: "SC027",
  title: "ClusterName not set",
  severity: "error",
  daemon: "refuses",
  versions: ALL_VERSIONS,
  what: "SlurmctldHost or ControlMachine is set, and ClusterName is not.",
  why: "slurmctld does not start: ClusterName needs to be specified.",
  remedy: "Add ClusterName.",
  sources: [SLURM_CONF],
  *check(context: Context): Iterable<Report> {
    if (!isComplete(context) || context.setting("ClusterName") !== undefined) return;
    yield { at: context.start, message: "ClusterName is not set: slurmctld does not start; add it" };
  },
};

/** SC028. */
export const slurmctldHostRepeated: Rule = {
  id: "SC028",
  title: "One controller named twice",
  severity: "error",
  daemon: "refuses",
  versions: ALL_VERSIONS,
  what: "Two SlurmctldHost lines name one host.",
  why: "slurmctld does not start: each line is another controller, the first the primary one.",
  remedy: "Remove one of the lines.",
  sources: [SLURM_CONF, READ_CONFIG],
  *check(context: Context): Iterable<Report> {
    const hosts = new Set<string>();
    for (const setting of onePerPlace(context.settings("SlurmctldHost"))) {
      const host = setting.value.text.replace(/\(.*$/, "");
      if (hosts.has(host)) {
        yield {
          at: setting,
          message: `SlurmctldHost "${host}" is named twice: slurmctld does not start; remove this line`,
          fix: { title: "Remove the line", edits: [removeEntry(setting)], safe: false },
        };
      }
      hosts.add(host);
    }
  },
};
