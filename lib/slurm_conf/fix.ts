import type { SourceFile } from "./document.ts";
import type { Edit, LintFinding } from "./rule.ts";

/** A file's text before and after. */
export interface Change {
  /** As it was read. */
  readonly file: SourceFile;
  /** As it should be. */
  readonly text: string;
}

/**
 * Applies the safe fixes of findings to the files' texts. A fix is applied whole or not at all; one that touches
 * what an earlier one changed waits for the next round, and one in a file that is read under two names, too.
 */
export function applySafeFixes(findings: readonly LintFinding[]): Change[] {
  const taken = new Map<SourceFile, Edit[]>();
  for (const { fix } of findings) {
    if (fix === undefined || !fix.safe) continue;
    // Most often one file under two names: an edit of one would be an edit of both.
    if (fix.edits.some(({ span: { file } }) => file.twin !== undefined || file.hasTwin)) continue;
    const isFree = fix.edits.every((edit) =>
      (taken.get(edit.span.file) ?? []).every((other) => !touches(edit, other))
    );
    if (!isFree) continue;
    for (const edit of fix.edits) {
      const edits = taken.get(edit.span.file);
      if (edits === undefined) taken.set(edit.span.file, [edit]);
      else edits.push(edit);
    }
  }
  return [...taken].map(([file, edits]) => ({ file, text: applyEdits(file.text, edits) }));
}

/** Puts replacements that don't overlap into a text. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const sorted = [...edits].sort((a, b) => a.span.start - b.span.start);
  let result = "";
  let at = 0;
  for (const { span, text: replacement } of sorted) {
    result += text.slice(at, span.start) + replacement;
    at = span.end;
  }
  return result + text.slice(at);
}

function touches(a: Edit, b: Edit): boolean {
  return a.span.start <= b.span.end && b.span.start <= a.span.end;
}
