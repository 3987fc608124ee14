import { visible } from "./visible.ts";

/** How a cell looks; it must stay as wide as it is. */
export type CellPainter = (cell: string, column: number, row: number) => string;

/** How a table is shown. */
export interface TableStyle {
  readonly look?: CellPainter;
  /** Widest line, in characters; what is wider is wrapped between words. Absent: as wide as it gets, for a pipe. */
  readonly columns?: number | undefined;
}

/** Between two columns. */
const GAP = "  ";

/**
 * Rows as aligned columns under their headings, two blanks between; numbers are right-aligned. What a cell quotes can't
 * steer the terminal: see {@link visible}. Where not even the longest words fit next to each other, each row is a block
 * of lines with the headings on the left.
 */
export function textTable(
  headings: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  look?: CellPainter,
  columns?: number,
): string {
  const [head, ...shown] = tableRows(headings, rows, { ...(look && { look }), columns });
  return `${[...(head === "" ? [] : [head]), ...shown].join("\n")}\n`;
}

/**
 * As {@link textTable}, the headings first and then each row by itself, of several lines where it is wrapped; blocks have
 * an empty line for the headings.
 */
export function tableRows(
  headings: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  { look = (cell) => cell, columns = Infinity }: TableStyle = {},
): string[] {
  const cells = [headings, ...rows.map((row) => row.map((cell) => visible(String(cell))))];
  const at = (column: number) => cells.map((row) => row[column] ?? "");
  const natural = headings.map((_, column) => Math.max(...at(column).map(lengthOf)));
  const least = headings.map((_, column) =>
    Math.max(...at(column).flatMap((cell) => cell.split(" ").map(lengthOf)))
  );
  const room = columns - GAP.length * (headings.length - 1);
  const widths = fitted(natural, least, room);
  if (widths === undefined) return ["", ...blocks(headings, cells.slice(1), look)];
  const isNumber = headings.map((_, column) =>
    rows.length > 0 && rows.every((row) => typeof row[column] === "number")
  );
  return cells.map((row, index) => {
    const painted = (cell: string, column: number) => index === 0 ? cell : look(cell, column, index - 1);
    const wrapped = row.map((cell, column) => wrappedTo(cell, widths[column]!));
    const height = Math.max(1, ...wrapped.map((lines) => lines.length));
    return Array.from(
      { length: height },
      (_, at) => line(wrapped.map((lines) => lines[at] ?? ""), { widths, isNumber, painted }),
    ).join("\n");
  });
}

/** Widths that fit, taken from the widest columns first; undefined where the longest words alone are too wide. */
function fitted(natural: readonly number[], least: readonly number[], room: number): number[] | undefined {
  const widths = [...natural];
  for (let over = sum(widths) - room; over > 0; over--) {
    const shrinkable = widths.keys().filter((column) => widths[column]! > least[column]!).toArray();
    if (shrinkable.length === 0) return undefined;
    const widest = shrinkable.reduce((a, b) => widths[b]! > widths[a]! ? b : a);
    widths[widest]!--;
  }
  return widths;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}

function lengthOf(text: string): number {
  return [...text].length;
}

function wrappedTo(text: string, width: number): string[] {
  if (lengthOf(text) <= width) return [text];
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && lengthOf(last) + 1 + lengthOf(word) <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(word);
  }
  return lines;
}

function blocks(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  look: CellPainter,
): string[] {
  const width = Math.max(...headings.map(lengthOf));
  return rows.map((row, index) =>
    row.map((cell, column) =>
      `${headings[column]!.padEnd(width)}${GAP}${look(cell, column, index)}`.trimEnd()
    )
      .join("\n") + (index < rows.length - 1 ? "\n" : "")
  );
}

function line(
  row: readonly string[],
  { widths, isNumber, painted }: {
    readonly widths: readonly number[];
    readonly isNumber: readonly boolean[];
    readonly painted: (cell: string, column: number) => string;
  },
): string {
  return row.map((cell, column) => {
    const gap = " ".repeat(widths[column]! - lengthOf(cell));
    return isNumber[column] ? gap + painted(cell, column) : painted(cell, column) + gap;
  }).join(GAP).trimEnd();
}
