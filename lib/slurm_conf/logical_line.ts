import type { Comment, SourceFile } from "./document.ts";

/** One line as Slurm's parser gets it: comments cut off, continuation lines joined, escapes taken away. */
export interface LogicalLine {
  readonly text: string;
  /** Offset in the source of each character of text; absent when the line stands there as it is, from `start` on. */
  readonly offsets?: readonly number[];
  /** Of the first physical line. */
  readonly start: number;
  /** Of the end of the last physical line, its line end included. */
  readonly end: number;
  /** Whether the file ends where a backslash promised another line. */
  readonly unfinished: boolean;
}

interface Piece {
  readonly start: number;
  readonly end: number;
}

/**
 * Splits a file into logical lines the way `_get_next_line` of
 * https://github.com/SchedMD/slurm/blob/master/src/common/parse_config.c does: per physical line first the
 * comment goes (an unescaped `#`, quotes or not), then a backslash before the end continues the line, and at last
 * every `\x` becomes `x`.
 */
export function* logicalLines(file: SourceFile, comments: Comment[]): Generator<LogicalLine> {
  const { text, lineStarts } = file;
  // Looked for once per hash sign, not once per line: a file may have many lines and no comment.
  let hash = text.indexOf("#");
  let line = 0;
  while (line < lineStarts.length && lineStarts[line]! < text.length) {
    const start = lineStarts[line]!;
    const pieces: Piece[] = [];
    let continues = true;
    let end = start;
    while (continues && line < lineStarts.length && lineStarts[line]! < text.length) {
      const from = lineStarts[line]!;
      end = lineStarts[line + 1] ?? text.length;
      while (hash >= 0 && hash < end && (hash < from || backslashesBefore(text, from, hash) % 2 === 1)) {
        hash = text.indexOf("#", hash + 1);
      }
      const stop = hash >= 0 && hash < end ? hash : end;
      if (stop === hash) {
        comments.push(commentAt(text, hash, end));
        hash = text.indexOf("#", end);
      }
      const backslash = continuation(text, from, stop);
      continues = backslash >= 0;
      pieces.push({ start: from, end: continues ? backslash : stop });
      line++;
    }
    yield { ...join(text, pieces), start, end, unfinished: continues };
  }
}

/** The comment from its hash sign to the end of its line. */
function commentAt(text: string, hash: number, end: number): Comment {
  let stop = end;
  while (stop > hash && (text[stop - 1] === "\n" || text[stop - 1] === "\r")) stop--;
  return { text: text.slice(hash + 1, stop), start: hash, end: stop };
}

/** Offset of the backslash that continues the line, or -1. Blanks may follow it. */
function continuation(text: string, from: number, stop: number): number {
  let last = stop - 1;
  while (last >= from && isBlank(text.charCodeAt(last))) last--;
  if (last < from || text[last] !== "\\") return -1;
  return backslashesBefore(text, from, last + 1) % 2 === 1 ? last : -1;
}

function backslashesBefore(text: string, from: number, at: number): number {
  let count = 0;
  while (at - count - 1 >= from && text[at - count - 1] === "\\") count++;
  return count;
}

function join(
  text: string,
  pieces: readonly Piece[],
): { readonly text: string; readonly offsets?: number[] } {
  const [first] = pieces;
  const plain = text.slice(first!.start, first!.end);
  if (pieces.length === 1 && !plain.includes("\\")) return { text: plain };
  const characters: string[] = [];
  const offsets: number[] = [];
  let escaped = false;
  for (const piece of pieces) {
    for (let at = piece.start; at < piece.end; at++) {
      if (text[at] === "\\" && !escaped) {
        escaped = true;
        continue;
      }
      escaped = false;
      characters.push(text[at]!);
      offsets.push(at);
    }
  }
  return { text: characters.join(""), offsets };
}

/** C's isspace in the "C" locale, which is the one that Slurm parses in. */
export function isBlank(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}
