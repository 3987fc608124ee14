import type { Context } from "../context.ts";
import { positionAt, type RecordEntry, type Setting, type SourceFile } from "../document.ts";
import type { Report, Rule } from "../rule.ts";
import { ALL_VERSIONS } from "../versions.ts";
import { isComplete } from "./completeness.ts";
import { SLURM_CONF } from "./sources.ts";

/** CL029. */
export const defaultsLeak: Rule = {
  id: "CL029",
  title: "NodeName=DEFAULT reaches another file's nodes",
  severity: "warning",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what: "A NodeName=DEFAULT line of an included file changes nodes of files that are read after it.",
  why:
    "DEFAULT holds for every NodeName line read later, in whatever file: State=CLOUD of one file makes on-premises nodes of the next into cloud nodes.",
  remedy:
    "Write a NodeName=DEFAULT line at the top of the later file that sets the key back, or the key on its nodes.",
  sources: [SLURM_CONF],
  *check(context: Context): Iterable<Report> {
    const parents = includingFiles(context);
    const leaks = new Map<Setting, { readonly node: RecordEntry; count: number }>();
    for (const node of context.records("NodeName")) {
      if (node.isDefault || node.defaults.size === 0) continue;
      for (const setting of node.defaults.values()) {
        if (setting.keySpan.file === node.span.file) continue;
        if (node.settings.some((own) => own.name === setting.name)) continue;
        if (includes(parents, setting.keySpan.file, node.span.file)) continue;
        const known = leaks.get(setting);
        if (known === undefined) leaks.set(setting, { node, count: 1 });
        else known.count++;
      }
    }
    for (const [setting, { node, count }] of leaks) {
      const { file, start } = node.span;
      const isState = setting.name === "state" && /^cloud/i.test(setting.value.text);
      yield {
        at: setting,
        message:
          `${setting.key}=${setting.value.text} of this DEFAULT line holds for "${node.name.text}" in ${file.path} line ${
            positionAt(file, start).line
          } too${
            count > 1 ? ` and ${count - 1} more lines` : ""
          }; set ${setting.key} there, or on a DEFAULT line above it`,
        ...(isState ? { severity: "error" } : {}),
      };
    }
  },
};

/** CL041. */
export const defaultsReachNothing: Rule = {
  id: "CL041",
  title: "DEFAULT line below all that it could hold for",
  severity: "warning",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what: "No line of its type follows a NodeName=DEFAULT, PartitionName=DEFAULT or DownNodes=DEFAULT line.",
  why:
    "DEFAULT holds for the lines below it only. State=CLOUD there makes no node a cloud node, and nothing is logged.",
  remedy: "Move the line above the lines that it is meant for.",
  sources: [SLURM_CONF],
  *check(context: Context): Iterable<Report> {
    // In a part of a slurm.conf the lines may stand in the next part.
    if (!isComplete(context)) return;
    for (const type of ["NodeName", "PartitionName", "DownNodes"] as const) {
      const records = context.records(type);
      const last = records.findLastIndex((entry) => !entry.isDefault);
      for (const entry of records.slice(last + 1)) {
        yield {
          at: entry,
          message:
            `${type}=DEFAULT reaches no line: it holds for the ${type} lines below it, and none follows; move it above them`,
        };
      }
    }
  },
};

/** By file, the file whose Include line read it first. */
function includingFiles(context: Context): Map<string, SourceFile> {
  const parents = new Map<string, SourceFile>();
  for (const entry of context.document.entries) {
    if (entry.kind !== "include" || entry.resolved === undefined) continue;
    if (!parents.has(entry.resolved)) parents.set(entry.resolved, entry.span.file);
  }
  return parents;
}

function includes(parents: ReadonlyMap<string, SourceFile>, outer: SourceFile, inner: SourceFile): boolean {
  const seen = new Set<SourceFile>();
  for (let file: SourceFile | undefined = inner; file !== undefined && !seen.has(file);) {
    seen.add(file);
    file = parents.get(file.path);
    if (file === outer) return true;
  }
  return false;
}
