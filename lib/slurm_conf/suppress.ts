import { positionAt, type SourceFile } from "./document.ts";

/** A comment `# slurm-ec2: ignore PS013 reason`. */
export interface Suppression {
  /** Where the comment stands. */
  readonly file: SourceFile;
  /** Rule ids as written, in upper case; empty when the comment names none. */
  readonly rules: readonly string[];
  /** What follows the ids; may be empty. */
  readonly reason: string;
  /** Lines it speaks for, counted from 1, both included. */
  readonly firstLine: number;
  /** The last such line. */
  readonly lastLine: number;
  /** Of the comment, the `#` included. */
  readonly start: number;
  /** Offset of its line end. */
  readonly end: number;
}

const COMMENT = /^#*\s*slurm-ec2:\s*ignore\b\s*(.*)$/i;
const RULE_ID = /^[A-Za-z]{2}\d{3}$/;

/**
 * The suppressions of a file. One behind a setting speaks for its line, continuation lines included; one on a
 * line of its own for the next line that is not a comment.
 */
export function suppressionsOf(file: SourceFile): Suppression[] {
  return file.comments.flatMap((comment): Suppression[] => {
    const found = COMMENT.exec(comment.text);
    if (found === null) return [];
    const words = found[1]!.split(/[\s,]+/).filter((word) => word !== "");
    const count = words.findIndex((word) => !RULE_ID.test(word));
    const rules = words.slice(0, count < 0 ? words.length : count).map((word) => word.toUpperCase());
    const reason = count < 0 ? "" : words.slice(count).join(" ");
    return [{
      file,
      rules,
      reason,
      ...linesMeant(file, comment.start),
      start: comment.start,
      end: comment.end,
    }];
  });
}

function linesMeant(
  file: SourceFile,
  start: number,
): { readonly firstLine: number; readonly lastLine: number } {
  const own = positionAt(file, start).line;
  const lineAt = (line: number) =>
    file.text.slice(file.lineStarts[line - 1], file.lineStarts[line] ?? file.text.length);
  const continues = (line: number) => /\\\s*(#.*)?$/.test(lineAt(line).trimEnd());
  let first = own;
  if (/^\s*#/.test(lineAt(own)) && !(own > 1 && continues(own - 1))) {
    first++;
    while (first < file.lineStarts.length && /^\s*(#.*)?$/s.test(lineAt(first).trimEnd())) first++;
  } else {
    while (first > 1 && continues(first - 1)) first--;
  }
  let last = Math.max(first, own);
  while (last < file.lineStarts.length && continues(last)) last++;
  return { firstLine: first, lastLine: last };
}
