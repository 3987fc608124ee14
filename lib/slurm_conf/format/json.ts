import { positionAt, type Span } from "../document.ts";
import type { LintFinding } from "../rule.ts";

/** A finding as `--format json` prints it. Lines and columns count from 1, columns in UTF-16 code units. */
export interface JsonFinding {
  /** Id of the rule. */
  readonly rule: string;
  /** `error`, `warning` or `info`. */
  readonly severity: string;
  /** Path as it was read. */
  readonly file: string;
  /** First line. */
  readonly line: number;
  /** First column. */
  readonly column: number;
  /** What is wrong and the next step. */
  readonly message: string;
  /** An edit that fixes it, where there is one. */
  readonly fix?: {
    /** What the edits do. */
    readonly title: string;
    /** Whether `--fix` makes them. */
    readonly safe: boolean;
    /** All of them belong together. */
    readonly edits: readonly JsonEdit[];
  };
}

/** A replacement; the end is not included. */
export interface JsonEdit {
  /** Path as it was read. */
  readonly file: string;
  /** First line. */
  readonly line: number;
  /** First column. */
  readonly column: number;
  /** Last line. */
  readonly endLine: number;
  /** Column behind the last character. */
  readonly endColumn: number;
  /** What stands there instead. */
  readonly text: string;
}

/** Findings as one JSON array. */
export function formatJson(findings: readonly LintFinding[]): string {
  return `${JSON.stringify(findings.map(jsonFinding), null, 2)}\n`;
}

/** One finding, with no more than what is promised. */
function jsonFinding({ rule, severity, file, line, column, message, fix }: LintFinding): JsonFinding {
  const edits = fix?.edits.map(({ span, text }) => ({ ...region(span), text }));
  return {
    rule,
    severity,
    file,
    line,
    column,
    message,
    ...(fix === undefined ? {} : { fix: { title: fix.title, safe: fix.safe, edits: edits! } }),
  };
}

function region({ file, start, end }: Span): Omit<JsonEdit, "text"> {
  const [from, until] = [positionAt(file, start), positionAt(file, end)];
  return {
    file: file.path,
    line: from.line,
    column: from.column,
    endLine: until.line,
    endColumn: until.column,
  };
}
