import type { Context } from "../context.ts";
import { keyInfo, keyStatus } from "../data/keys.ts";
import { removeEntry, replaceValue } from "../edit.ts";
import type { Report, Rule } from "../rule.ts";
import { ALL_VERSIONS, since } from "../versions.ts";
import { fileOf, releaseNotes, SLURM_CONF } from "./sources.ts";

const READ_CONFIG = fileOf("26.05", "src/common/read_config.c");

/** SC007. */
export const consResRemoved: Rule = {
  id: "SC007",
  title: "select/cons_res is gone",
  severity: "error",
  daemon: "refuses",
  versions: since("23.11"),
  what: "SelectType is select/cons_res.",
  why: "Slurm 23.11 removed the plugin: slurmctld does not start.",
  remedy: "Write SelectType=select/cons_tres, which takes the same SelectTypeParameters.",
  sources: [releaseNotes("23.11")],
  *check(context: Context): Iterable<Report> {
    const setting = context.setting("SelectType");
    if (setting === undefined || setting.value.text !== "select/cons_res") return;
    yield {
      at: setting.value,
      message:
        'SelectType "select/cons_res" does not exist: slurmctld does not start; write select/cons_tres',
      fix: {
        title: "Write select/cons_tres",
        edits: [replaceValue(setting, "select/cons_tres")],
        safe: false,
      },
    };
  },
};

/** SC008. */
export const fastScheduleRemoved: Rule = {
  id: "SC008",
  title: "FastSchedule is gone",
  severity: "error",
  daemon: "refuses",
  versions: ALL_VERSIONS,
  what: "FastSchedule is set.",
  why: "slurmctld does not start with any value but 1, which it logs as obsolete.",
  remedy: "Remove the line; for FastSchedule=2 add SlurmdParameters=config_overrides.",
  sources: [READ_CONFIG, releaseNotes("20.02")],
  *check(context: Context): Iterable<Report> {
    const setting = context.setting("FastSchedule");
    if (setting === undefined) return;
    const obsolete = context.number("FastSchedule") === 1;
    const { text } = setting.value;
    yield {
      at: setting,
      message: obsolete
        ? "FastSchedule=1 is obsolete and logged as an error; remove the line"
        : `FastSchedule=${text} was removed: slurmctld does not start; remove the line${
          text === "2" ? " and add SlurmdParameters=config_overrides" : ""
        }`,
      fix: { title: "Remove the line", edits: [removeEntry(setting)], safe: obsolete },
      ...(obsolete ? { severity: "warning", daemon: "logs" } : {}),
    };
  },
};

/** SC010. */
export const defunctKey: Rule = {
  id: "SC010",
  title: "Defunct key",
  severity: "warning",
  daemon: "logs",
  versions: ALL_VERSIONS,
  what: "A key is set that this release knows but no longer uses.",
  why: "slurmctld logs an error at every start and ignores the key; a later release may refuse it.",
  remedy: "Remove the line.",
  sources: [SLURM_CONF, READ_CONFIG],
  *check(context: Context): Iterable<Report> {
    for (const [name, settings] of context.settingsByKey) {
      if (keyInfo("slurm.conf", name)?.defunct === undefined) continue;
      if (keyStatus("slurm.conf", name, context.version) !== "defunct") continue;
      for (const setting of settings) {
        yield {
          at: setting,
          message: `${setting.key} is defunct: slurmctld logs an error and ignores it; remove the line`,
          fix: { title: "Remove the line", edits: [removeEntry(setting)], safe: true },
        };
      }
    }
  },
};
