import type { Token } from "./context.ts";
import type { RecordEntry, Setting, Span, Value } from "./document.ts";
import type { Edit } from "./rule.ts";

/** Puts another value in place; it is quoted where it holds a blank. */
export function replaceValue(setting: { readonly value: Value }, text: string): Edit {
  return { span: setting.value.span, text: /\s/.test(text) ? `"${text}"` : text };
}

/** Puts another key in place. */
export function replaceKey(setting: Setting, key: string): Edit {
  return { span: setting.keySpan, text: key };
}

/**
 * Removes the lines of a plain setting or record with its own comment; a comment on lines above stays. Where
 * something else stands on the lines, only the text itself goes.
 */
export function removeEntry(entry: { readonly span: Span }): Edit {
  const { file, start, end } = entry.span;
  const lineStart = file.text.lastIndexOf("\n", start - 1) + 1;
  const newline = file.text.indexOf("\n", end);
  const lineStop = newline < 0 ? file.text.length : newline + 1;
  const alone = /^\s*$/.test(file.text.slice(lineStart, start)) &&
    /^\s*(#.*)?$/s.test(file.text.slice(end, lineStop).trimEnd());
  return { span: alone ? { file, start: lineStart, end: lineStop } : entry.span, text: "" };
}

/** Removes one setting from a record's line, with the blanks before it. */
export function removeFromRecord(record: RecordEntry, setting: Setting): Edit {
  const { file, start, end } = setting.span;
  let from = start;
  while (from > record.span.start && /[ \t]/.test(file.text[from - 1]!)) from--;
  return { span: { file, start: from, end }, text: "" };
}

/**
 * Removes a word from a comma-separated value; the whole setting when it is the only one. The rest of the value
 * is written as one line and without empty words.
 */
export function removeToken(token: Token): Edit {
  const words = token.setting.value.text.split(",");
  const kept = words.filter((word, index) => index !== token.index && word !== "");
  return kept.length === 0 ? removeEntry(token.setting) : replaceValue(token.setting, kept.join(","));
}
