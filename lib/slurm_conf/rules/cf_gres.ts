import { didYouMean } from "../../base/did_you_mean.ts";
import type { Context } from "../context.ts";
import type { Entry, Setting } from "../document.ts";
import { removeFromRecord, replaceKey } from "../edit.ts";
import type { DaemonEffect, Fix, Report, Rule } from "../rule.ts";
import { ALL_VERSIONS } from "../versions.ts";

const GRES_CONF = "https://slurm.schedmd.com/gres.conf.html";

/** Keys of a line that begins with Name or NodeName (gres.conf(5)); the same in 22.05.8, 24.11.5 and 26.05.5. */
const RECORD_KEYS = [
  "AutoDetect",
  "Cores",
  "Count",
  "CPUs",
  "File",
  "Files",
  "Flags",
  "Link",
  "Links",
  "MultipleFiles",
  "Name",
  "Type",
] as const;

const BY_NAME: ReadonlySet<string> = new Set(RECORD_KEYS.map((key) => key.toLowerCase()));

/** CF014. */
export const unknownGresKey: Rule = {
  id: "CF014",
  title: "Key unknown in gres.conf",
  severity: "error",
  daemon: "refuses",
  versions: ALL_VERSIONS,
  what:
    "A line of gres.conf begins with something else than AutoDetect, Name or NodeName, or has a key that gres.conf doesn't know.",
  why:
    "slurmctld reads gres.conf for CLOUD nodes, and ends with `Parsing error at unrecognized key`; so does slurmd.",
  remedy: "Correct the key, or put Name or NodeName first on the line.",
  sources: [GRES_CONF],
  *check(context: Context): Iterable<Report> {
    for (const entry of context.gres?.entries ?? []) yield* judgeKeys(entry, effect(context));
  },
};

function* judgeKeys(entry: Entry, daemon: DaemonEffect): Iterable<Report> {
  if (entry.kind === "setting" && entry.name !== "autodetect") {
    const next = BY_NAME.has(entry.name) ? "put Name or NodeName before it on the same line" : "remove it";
    yield {
      at: entry.keySpan,
      message: `No line of gres.conf begins with ${JSON.stringify(entry.key)}: ${next}`,
      daemon,
    };
  }
  if (entry.kind !== "record") return;
  for (const setting of entry.settings.slice(1)) {
    if (BY_NAME.has(setting.name)) continue;
    const near = didYouMean(setting.key, RECORD_KEYS);
    yield {
      at: setting.keySpan,
      message: `"${setting.key}" is not a key of gres.conf: ${
        near === undefined ? "remove it" : `did you mean ${near}?`
      }`,
      daemon,
      fix: near === undefined
        ? unsafe("Remove it", removeFromRecord(entry, setting))
        : unsafe(`Write ${near}`, replaceKey(setting, near)),
    };
  }
}

/** CF015. */
export const gresCount: Rule = {
  id: "CF015",
  title: "Count of gres.conf is not a number",
  severity: "error",
  daemon: "refuses",
  versions: ALL_VERSIONS,
  what:
    "Count on a line of gres.conf is not a whole number, with K, M, G, T or P behind it where it is a multiple.",
  why: "slurmctld ends with `Invalid GRES record`.",
  remedy: "Write how many there are.",
  sources: [GRES_CONF],
  *check(context: Context): Iterable<Report> {
    for (const entry of context.gres?.entries ?? []) {
      if (entry.kind !== "record") continue;
      for (const setting of entry.settings) {
        if (setting.name === "count" && !isCount(setting)) {
          const message = `Count=${
            JSON.stringify(setting.value.text)
          } is not a whole number: write how many there are`;
          yield { at: setting.value, message, daemon: effect(context) };
        }
      }
    }
  },
};

function isCount({ value }: Setting): boolean {
  return /^\+?\d+[kmgtp]?$/i.test(value.text);
}

/** Without GresTypes slurmctld leaves gres.conf alone. */
function effect(context: Context): DaemonEffect {
  return !context.isFragment && context.setting("GresTypes") === undefined ? "silent" : "refuses";
}

function unsafe(title: string, edit: Fix["edits"][number]): Fix {
  return { title, edits: [edit], safe: false };
}
