import { visible } from "./visible.ts";

/** How a cell looks; it must stay as wide as it is. */
export type CellPainter = (cell: string, column: number, row: number) => string;

/**
 * Rows as aligned columns under their headings, two blanks between; numbers are right-aligned. What a cell quotes can't
 * steer the terminal: see {@link visible}.
 */
export function textTable(
  headings: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  look: CellPainter = (cell) => cell,
): string {
  const cells = [headings, ...rows.map((row) => row.map((cell) => visible(String(cell))))];
  const widths = headings.map((_, column) => Math.max(...cells.map((row) => [...row[column] ?? ""].length)));
  const isNumber = headings.map((_, column) =>
    rows.length > 0 && rows.every((row) => typeof row[column] === "number")
  );
  return cells.map((row, index) => {
    const painted = (cell: string, column: number) => index === 0 ? cell : look(cell, column, index - 1);
    return line(row, { widths, isNumber, painted });
  }).join("\n") + "\n";
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
    const gap = " ".repeat(widths[column]! - [...cell].length);
    return isNumber[column] ? gap + painted(cell, column) : painted(cell, column) + gap;
  }).join("  ").trimEnd();
}
