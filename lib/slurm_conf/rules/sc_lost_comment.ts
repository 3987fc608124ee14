import type { Context } from "../context.ts";
import type { SourceFile } from "../document.ts";
import type { Report, Rule } from "../rule.ts";
import { ALL_VERSIONS } from "../versions.ts";
import { fileOf } from "./sources.ts";

/** SC031. */
export const textLostToComment: Rule = {
  id: "SC031",
  title: "Text of a value lost to a comment",
  severity: "warning",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what: "A `#` stands inside double quotes, or between two words of a list.",
  why:
    "Slurm cuts a line at the first `#`, quotes or not: the rest of the value and all settings behind it are lost without a word.",
  remedy: "Write \\# for a # that belongs to the value.",
  sources: [fileOf("26.05", "src/common/parse_config.c")],
  *check(context: Context): Iterable<Report> {
    for (const file of [...context.document.files, ...(context.gres?.files ?? [])]) yield* lost(file);
  },
};

function* lost(file: SourceFile): Iterable<Report> {
  for (const { text, start } of file.comments) {
    const lineStart = file.text.lastIndexOf("\n", start - 1) + 1;
    const before = file.text.slice(lineStart, start);
    if (before.trim() === "") continue;
    const inQuotes = (before.match(/"/g)?.length ?? 0) % 2 === 1 && text.includes('"');
    const inList = /[^\s,]$/.test(before) && text.startsWith(",");
    if (!inQuotes && !inList) continue;
    yield {
      at: { file, start, end: start + 1 },
      message: `Slurm takes "#${excerpt(text)}" for a comment, ${
        inQuotes ? "though it stands in quotes" : "though the list goes on"
      }: it is lost with all that follows on the line; write \\# for a # of the value`,
      fix: { title: "Write \\#", edits: [{ span: { file, start, end: start }, text: "\\" }], safe: false },
    };
  }
}

function excerpt(text: string): string {
  return text.length > 20 ? `${text.slice(0, 20)}…` : text;
}
