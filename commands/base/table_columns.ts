import type { Output } from "./host.ts";

/** How wide a table may be there, in characters: a terminal's width; undefined in a pipe, whose lines stay whole. */
export function tableColumns(
  { isTerminal, columns }: Pick<Output, "isTerminal" | "columns">,
): number | undefined {
  return isTerminal ? columns : undefined;
}
