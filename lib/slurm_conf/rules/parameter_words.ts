import type { Context } from "../context.ts";
import { TOKEN_PARAMETERS } from "../data/param_tokens.ts";
import { type Setting, type Span, spanInValue } from "../document.ts";
import { removeEntry, replaceValue } from "../edit.ts";
import type { Fix, Report, Rule } from "../rule.ts";
import { ALL_VERSIONS } from "../versions.ts";
import { fileOf, SLURM_CONF } from "./sources.ts";

const PARSER = fileOf("26.05", "src/common/parse_config.c");

/** SC025. */
export const emptyWord: Rule = {
  id: "SC025",
  title: "Comma without a word",
  severity: "warning",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what: "A comma-separated parameter has two commas in a row, or one at its beginning or end.",
  why:
    "Slurm lets it pass. It is what is left of a word that was lost, or of continued lines that each brought a comma.",
  remedy: "Remove the comma, or add the word that is missing.",
  sources: [SLURM_CONF, PARSER],
  *check(context: Context): Iterable<Report> {
    for (const setting of wordSettings(context)) {
      const comma = emptyWordAt(setting.value.text);
      if (comma === undefined) continue;
      yield {
        at: spanInValue(setting.value, comma, comma + 1),
        message:
          `${setting.key} "${setting.value.text}" has a comma without a word; remove it or add what is missing`,
        fix: rewriting(setting),
      };
    }
  },
};

/** SC026. */
export const valueOnNextLine: Rule = {
  id: "SC026",
  title: "Value begins behind a backslash",
  severity: "info",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what: "A key is followed by a backslash, and its value begins on the next line.",
  why:
    "It works only as long as no blank gets between: a blank or comment behind the backslash, or a blank behind a comma, and slurmctld does not start or loses the rest.",
  remedy: "Write the value on the line of its key.",
  sources: [PARSER],
  *check(context: Context): Iterable<Report> {
    for (const settings of context.settingsByKey.values()) {
      for (const setting of settings) {
        const { file, end } = setting.keySpan;
        const backslash = /^\s*[-+*/]?=[ \t]*\\\r?\n/.test(file.text.slice(end, setting.value.span.end))
          ? file.text.indexOf("\\", end)
          : undefined;
        if (backslash === undefined) continue;
        yield {
          at: { file, start: backslash, end: backslash + 1 },
          message:
            `${setting.key} has a backslash in place of its value, which begins on the next line; write the value here`,
          fix: onOneLine(setting),
        };
      }
    }
  },
};

function* wordSettings(context: Context): Iterable<Setting> {
  for (const parameter of TOKEN_PARAMETERS) yield* context.settings(parameter);
}

/** Where the comma of the first empty word stands. */
function emptyWordAt(text: string): number | undefined {
  if (text.startsWith(",")) return 0;
  const double = text.indexOf(",,");
  if (double >= 0) return double + 1;
  return text.endsWith(",") ? text.length - 1 : undefined;
}

function rewriting(setting: Setting): Fix {
  const words = setting.value.text.split(",").filter((word) => word !== "");
  const edit = words.length === 0 ? removeEntry(setting) : replaceValue(setting, words.join(","));
  return { title: "Remove the comma", edits: [edit], safe: true };
}

function onOneLine(setting: Setting): Fix {
  const { file, end } = setting.keySpan;
  const span: Span = { file, start: end, end: setting.value.span.end };
  const text = /\s/.test(setting.value.text) ? `"${setting.value.text}"` : setting.value.text;
  return { title: "Write it on one line", edits: [{ span, text: `=${text}` }], safe: true };
}
