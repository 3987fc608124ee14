import { positionAt, type Span } from "../document.ts";
import type { Finding } from "../rule.ts";

/** A finding as `--format json` prints it. Lines and columns count from 1, columns in UTF-16 code units. */
export interface JsonFinding {
  readonly rule: string;
  readonly severity: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly fix?: {
    readonly title: string;
    readonly safe: boolean;
    readonly edits: readonly JsonEdit[];
  };
}

/** A replacement; the end is not included. */
export interface JsonEdit {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly text: string;
}

/** Findings as one JSON array. */
export function formatJson(findings: readonly Finding[]): string {
  return `${JSON.stringify(findings.map(jsonFinding), null, 2)}\n`;
}

/** One finding, with no more than what is promised. */
export function jsonFinding({ rule, severity, file, line, column, message, fix }: Finding): JsonFinding {
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
