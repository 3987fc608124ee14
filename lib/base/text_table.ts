/** Rows as aligned columns under their headings, two blanks between; numbers are right-aligned. */
export function textTable(
  headings: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const cells = [headings, ...rows.map((row) => row.map(String))];
  const widths = headings.map((_, column) => Math.max(...cells.map((row) => [...row[column] ?? ""].length)));
  const isNumber = headings.map((_, column) =>
    rows.length > 0 && rows.every((row) => typeof row[column] === "number")
  );
  return cells.map((row) => line(row, widths, isNumber)).join("\n") + "\n";
}

function line(row: readonly string[], widths: readonly number[], isNumber: readonly boolean[]): string {
  return row.map((cell, column) => {
    const gap = " ".repeat(widths[column]! - [...cell].length);
    return isNumber[column] ? gap + cell : cell + gap;
  }).join("  ").trimEnd();
}
