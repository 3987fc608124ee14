import type { Context } from "../context.ts";
import { positionAt, type RecordEntry, type Setting } from "../document.ts";
import { removeEntry, removeFromRecord, replaceValue } from "../edit.ts";
import type { Fix, Report, Rule } from "../rule.ts";
import { ALL_VERSIONS } from "../versions.ts";
import { isWordList, joinedWords, missingWords } from "./word_lists.ts";
import { onePerPlace } from "./places.ts";

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
    "Slurm takes the last value and drops the others, with an error in the log of slurmctld: an edit of the first one changes nothing. `+=` and `-=` are taken for `=`.",
  remedy: "Keep one of them; for a list of parameters, join the words with commas on one line.",
  sources: [
    "https://github.com/SchedMD/slurm/blob/master/src/common/parse_config.c",
    "https://slurm.schedmd.com/slurm.conf.html",
  ],
  *check(context: Context): Iterable<Report> {
    for (const [name, repeatedSettings] of context.settingsByKey) {
      // A line that is read twice, because its file is included twice, is not its own rival: SC029 reports that.
      const settings = onePerPlace(repeatedSettings);
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
  const place = `${file.path} line ${positionAt(file, start).line}`;
  const appends = [setting, last].find(({ operator }) => operator !== "=");
  const operator = appends === undefined
    ? ""
    : `; slurm.conf has no "${appends.operator}", Slurm takes it for "="`;
  return {
    at: setting,
    message: `${setting.key} is set again in ${place}: ${consequence(setting, last)}${operator}`,
    fix: fixOf(setting, last),
  };
}

function consequence(setting: Setting, last: Setting): string {
  const [ours, theirs] = [setting.value.text, last.value.text];
  if (ours === theirs) return "this line is ignored; remove it";
  if (!isWordList(setting.name)) {
    return `that value wins, this one is ignored (${ours} → ${theirs}); remove the one that you don't want`;
  }
  const lost = missingWords(ours, theirs);
  if (lost.length === 0) return "that line wins and has all of these words; remove this one";
  if (joinedWords(ours, theirs) === theirs) {
    return `that line wins, with other values (${ours} → ${theirs}); remove the one that you don't want`;
  }
  return `that line wins and lacks ${lost.map((word) => `"${word}"`).join(", ")}; write ${last.key}=${
    joinedWords(ours, theirs)
  } there and remove this line, or remove the words that you don't want`;
}

/**
 * The ignored line goes unasked only where the line in force says all that it says: otherwise the site wrote
 * something that is not in force, and which of the two was meant only the site knows.
 */
function fixOf(setting: Setting, last: Setting): Fix {
  const [ours, theirs] = [setting.value.text, last.value.text];
  const isPlain = setting.operator === "=" && last.operator === "=";
  const joined = joinedWords(ours, theirs);
  if (isWordList(setting.name) && joined !== theirs) {
    return {
      title: "Join the words into the line in force",
      edits: [removeEntry(setting), replaceValue(last, joined)],
      safe: false,
    };
  }
  const saysTheSame = ours === theirs ||
    (isWordList(setting.name) && missingWords(ours, theirs).length === 0);
  return {
    title: "Remove the ignored line",
    edits: [removeEntry(setting)],
    safe: isPlain && saysTheSame,
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
      fix: {
        title: "Remove the ignored setting",
        edits: [removeFromRecord(record, setting)],
        safe: setting.value.text === winner.value.text,
      },
    };
  }
}
