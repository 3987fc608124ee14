import { stripVTControlCharacters } from "node:util";

/** Where lines begin and end, in characters. */
export interface Hanging {
  /** Blanks before the first line. */
  readonly first: number;
  /** Blanks before those below it. */
  readonly rest: number;
  /** Widest line; absent: everything in one, for a pipe. */
  readonly columns?: number | undefined;
}

/** A text that goes on below, further in, where it is wider than a line; a word that is longer stays whole. */
export function hanging(text: string, { first, rest, columns = Infinity }: Hanging): string {
  const [word = "", ...words] = text.split(" ");
  const lines = [" ".repeat(first) + word];
  for (const next of words) {
    const joined = `${lines.at(-1)} ${next}`;
    // Colours take no room.
    if (stripVTControlCharacters(joined).length <= columns) lines[lines.length - 1] = joined;
    else lines.push(" ".repeat(rest) + next);
  }
  return lines.join("\n");
}
