import type { Paint } from "../../base/paint.ts";
import { lineText, type SourceFile } from "../document.ts";
import type { LintFinding } from "../rule.ts";
import { SEVERITIES, type Severity } from "../../base/finding.ts";
import { visible } from "../../base/visible.ts";

/** How the text is shown. */
export interface TextOptions {
  /** How places, severities and carets look. */
  readonly paint: Paint;
  /** Width in characters: source lines are cut to it. */
  readonly columns: number;
}

/** Characters of a message shown; none of ours is half as long by itself. */
const MESSAGE_LENGTH = 600;

/** Findings for people: place, message, the source line with a caret under it, the fix; and a count at the end. */
export function formatText(findings: readonly LintFinding[], { paint, columns }: TextOptions): string {
  const shown = findings.map((finding) => {
    const { file, line, column, severity, rule } = finding;
    const { tone } = SEVERITIES[severity];
    const place = visible(`${file}:${line}:${column}`);
    return [
      `${paint("bold", place)}: ${paint(tone, severity)} ${rule}: ${shorten(visible(finding.message))}`,
      ...excerpt(finding, columns).map(([gutter, text], index) =>
        `${paint("dim", gutter)}${index === 0 ? text : paint(tone, text)}`
      ),
      ...(finding.fix === undefined ? [] : [`  ${paint("dim", "fix:")} ${fixLine(finding.fix)}`]),
      "",
    ].join("\n");
  });
  return [...shown, `${summary(findings)}\n`].join("\n");
}

/** `2 errors, 1 warning, 3 remarks`, or `nothing found`. */
function summary(findings: readonly LintFinding[]): string {
  const words: readonly (readonly [Severity, string])[] = [["error", "error"], ["warning", "warning"], [
    "info",
    "remark",
  ]];
  const parts = words.flatMap(([severity, word]) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    return count === 0 ? [] : [`${count} ${word}${count === 1 ? "" : "s"}`];
  });
  return parts.length === 0 ? "Nothing found" : parts.join(", ");
}

/** A message quotes what it is about, and that may be a key of 10,000 characters. */
function shorten(message: string): string {
  return message.length <= MESSAGE_LENGTH ? message : `${message.slice(0, MESSAGE_LENGTH)}…`;
}

function fixLine(fix: { readonly title: string; readonly safe: boolean }): string {
  return `${fix.title}${fix.safe ? " (--fix does it)" : ""}`;
}

/** The source line and, below, a caret under each character meant; a long line is cut around the place. */
function excerpt(finding: LintFinding, columns: number): (readonly [string, string])[] {
  const { span, line, column, endLine, endColumn } = finding;
  const full = sourceLine(span.file, line);
  if (full === undefined) return [];
  const number = String(line);
  const room = Math.max(20, columns - number.length - 5);
  const cut = full.length <= room ? 0 : Math.max(0, column - 1 - Math.floor(room / 4));
  const text = full.slice(cut, cut + room);
  const from = Math.min(column - 1 - cut, text.length);
  const until = endLine === line ? Math.min(endColumn - 1 - cut, text.length) : text.length;
  const carets = "^".repeat(Math.max(1, until - from));
  // Tabs before the caret stay tabs, so that it stands below its character.
  const indent = text.slice(0, from).replace(/[^\t]/g, " ");
  return [
    [`  ${number} | `, visible(text)],
    [`  ${" ".repeat(number.length)} | `, indent + carets],
  ];
}

function sourceLine(file: SourceFile, line: number): string | undefined {
  return file.text === "" ? undefined : lineText(file, line);
}
