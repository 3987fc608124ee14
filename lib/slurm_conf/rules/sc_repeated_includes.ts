import type { Context } from "../context.ts";
import { type Entry, type IncludeEntry, positionAt } from "../document.ts";
import { removeEntry } from "../edit.ts";
import type { Report, Rule } from "../rule.ts";
import { ALL_VERSIONS } from "../versions.ts";
import { placeKey } from "./places.ts";
import { fileOf } from "./sources.ts";

/** SC029. */
export const repeatedInclude: Rule = {
  id: "SC029",
  title: "File included twice",
  severity: "warning",
  daemon: "logs",
  versions: ALL_VERSIONS,
  what: "Two Include lines name one file, or two files with the same text.",
  why:
    "slurmctld reads it twice: it logs an error for each key in it, and does not start when the file defines nodes or partitions.",
  remedy: "Remove one of the Include lines, not what is in the file.",
  sources: [fileOf("26.05", "src/common/parse_config.c")],
  *check(context: Context): Iterable<Report> {
    const first = new Map<string, IncludeEntry>();
    const { entries, files } = context.document;
    const twins = new Map(files.map(({ path, twin }) => [path, twin ?? path]));
    for (const [index, entry] of entries.entries()) {
      if (entry.kind !== "include" || entry.resolved === undefined) continue;
      const included = twins.get(entry.resolved) ?? entry.resolved;
      const known = first.get(included);
      if (known === undefined) {
        first.set(included, entry);
        continue;
      }
      // An Include line inside a file that is itself included twice.
      if (placeKey(known.span) === placeKey(entry.span)) continue;
      const { file, start } = known.span;
      const inside = insideOf(entries, index);
      const refuses = inside.some((one) => one.kind === "record" && DEFINITIONS.has(one.type));
      const isLogged = inside.some(({ kind }) => kind === "setting");
      yield {
        at: entry,
        message: `${entry.path.text} is included in ${file.path} line ${
          positionAt(file, start).line
        } already: slurmctld ${
          refuses ? "does not start, since what it defines is defined twice" : "reads it twice"
        }; remove this line`,
        ...(refuses ? { severity: "error", daemon: "refuses" } : isLogged ? {} : { daemon: "silent" }),
        fix: {
          title: "Remove the second Include line",
          edits: [removeEntry(entry)],
          safe: !changesWinner(context, inside),
        },
      };
    }
  },
};

/** Records of which each name may stand once. */
const DEFINITIONS: ReadonlySet<string> = new Set(["NodeName", "PartitionName"]);

/** The entries that an Include line brings in: those behind it, up to the next one of the file that it stands in. */
function insideOf(entries: readonly Entry[], index: number): Entry[] {
  const { file } = entries[index]!.span;
  const inside: Entry[] = [];
  for (let i = index + 1; i < entries.length && entries[i]!.span.file !== file; i++) inside.push(entries[i]!);
  return inside;
}

/** Whether it may matter which of the file's two readings goes: a line elsewhere sets a key of it, or it sets defaults. */
function changesWinner(context: Context, inside: readonly Entry[]): boolean {
  const places = new Set(inside.map(({ span }) => placeKey(span)));
  return inside.some((entry) =>
    entry.kind === "record" ? entry.isDefault : entry.kind === "setting" &&
      context.settings(entry.name).some(({ span }) => !places.has(placeKey(span)))
  );
}
