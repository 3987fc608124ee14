import type { Context } from "../context.ts";
import { positionAt } from "../document.ts";
import { removeEntry } from "../edit.ts";
import type { Report, Rule } from "../rule.ts";
import { ALL_VERSIONS } from "../versions.ts";

/** Keys that Slurm keeps every occurrence of (S_P_ARRAY in src/common/read_config.c). */
const REPEATABLE = new Set(["slurmctldhost"]);

/** SC013. */
export const repeatedKey: Rule = {
  id: "SC013",
  title: "Same key twice",
  severity: "warning",
  daemon: "logs",
  versions: ALL_VERSIONS,
  what: "A key is set more than once, in one file or across Include files.",
  why:
    "Slurm takes the last value and drops the others, with an error in the log of slurmctld: whoever edits the first one changes nothing.",
  remedy: "Keep one of them; for a list of parameters, join the words with commas on one line.",
  sources: ["https://github.com/SchedMD/slurm/blob/master/src/common/parse_config.c"],
  *check(context: Context): Iterable<Report> {
    for (const [name, settings] of context.settingsByKey) {
      if (REPEATABLE.has(name)) continue;
      const last = settings.at(-1)!;
      for (const setting of settings.slice(0, -1)) {
        const { file, start } = last.span;
        const { line } = positionAt(file, start);
        yield {
          at: setting,
          message:
            `${setting.key} is set again in ${file.path} line ${line}: that value wins, this one is ignored`,
          fix: { title: "Remove the ignored line", edits: [removeEntry(setting)], safe: true },
        };
      }
    }
  },
};
