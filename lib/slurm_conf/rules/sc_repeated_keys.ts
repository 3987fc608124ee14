import type { Context } from "../context.ts";
import { positionAt, type RecordEntry, type Setting } from "../document.ts";
import { removeEntry, removeFromRecord } from "../edit.ts";
import type { Report, Rule } from "../rule.ts";
import { ALL_VERSIONS } from "../versions.ts";

/** Keys that Slurm keeps every occurrence of: slurm.conf(5), SlurmctldHost. */
const REPEATABLE: ReadonlySet<string> = new Set(["slurmctldhost"]);

/** Keys of which recent releases run every occurrence: slurm.conf(5), Epilog; seen on 24.11.5 and 26.05.5, not on 22.05.8. */
const REPEATABLE_SCRIPTS: ReadonlySet<string> = new Set([
  "prolog",
  "epilog",
  "prologslurmctld",
  "epilogslurmctld",
]);

/** Keys whose repetition rule PS034 reports. */
const JUDGED_BY_OWN_RULE: ReadonlySet<string> = new Set([
  "suspendexcnodes",
  "suspendexcparts",
  "suspendexcstates",
]);

/** SC013. */
export const repeatedKey: Rule = {
  id: "SC013",
  title: "Same key twice",
  severity: "warning",
  daemon: "logs",
  versions: ALL_VERSIONS,
  what:
    "A key is set more than once: in one file, across Include files, or within one NodeName or PartitionName line.",
  why:
    "Slurm takes the last value and drops the others, with an error in the log of slurmctld: whoever edits the first one changes nothing.",
  remedy: "Keep one of them; for a list of parameters, join the words with commas on one line.",
  sources: [
    "https://github.com/SchedMD/slurm/blob/master/src/common/parse_config.c",
    "https://slurm.schedmd.com/slurm.conf.html",
  ],
  *check(context: Context): Iterable<Report> {
    for (const [name, settings] of context.settingsByKey) {
      if (settings.length < 2 || REPEATABLE.has(name) || JUDGED_BY_OWN_RULE.has(name)) continue;
      if (REPEATABLE_SCRIPTS.has(name) && context.isSince("24.05")) continue;
      for (const setting of settings.slice(0, -1)) yield repeated(setting, settings.at(-1)!);
    }
    for (const entry of context.document.entries) {
      if (entry.kind === "record") yield* repeatedInRecord(entry);
    }
  },
};

function repeated(setting: Setting, last: Setting): Report {
  const { file, start } = last.span;
  const { line } = positionAt(file, start);
  return {
    at: setting,
    message: `${setting.key} is set again in ${file.path} line ${line}: that value wins, this one is ignored`,
    fix: { title: "Remove the ignored line", edits: [removeEntry(setting)], safe: true },
  };
}

function* repeatedInRecord(record: RecordEntry): Iterable<Report> {
  const { settings } = record;
  const isRepeated = settings.some(({ name }, i) => settings.findIndex((other) => other.name === name) < i);
  if (!isRepeated) return;
  const last = new Map(settings.map((setting) => [setting.name, setting]));
  for (const setting of settings) {
    const winner = last.get(setting.name)!;
    if (winner === setting || setting === settings[0]) continue;
    yield {
      at: setting,
      message: `${setting.key} is set again on this line, to ${
        JSON.stringify(winner.value.text)
      }: this value is ignored`,
      fix: { title: "Remove the ignored setting", edits: [removeFromRecord(record, setting)], safe: true },
    };
  }
}
