import type { Results, Samples } from "./results.ts";
import { type Comparison, median, minimum } from "./summary.ts";

/** Processors that anything else keeps busy, above which a run is not quiet. */
export const BUSY = 0.1;

/** Whether a run was not quiet. */
export function isBusy(samples: Samples, index: number): boolean {
  return (samples.others?.[index] ?? 0) > BUSY;
}

/** Least and median of a column, the number of runs where they are fewer than rounds, and whether the best was not quiet. */
export function cell(
  { plan }: Results,
  samples: Samples,
  column: "wall" | "cpu" | "peakMiB",
  unit: Comparison["unit"],
): string {
  const values = samples[column];
  const runs = values.length < plan.rounds ? ` (${values.length})` : "";
  return `${pair(values, unit)}${runs}${isBusy(samples, values.indexOf(minimum(values))) ? " *" : ""}`;
}

/** Least and median. */
export function pair(values: readonly number[], unit: Comparison["unit"]): string {
  return `${bare(minimum(values), unit)} / ${bare(median(values), unit)}`;
}

/** Least and most, where they differ. */
export function range(values: readonly number[]): string {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return least === most ? String(least) : `${least} to ${most}`;
}

/** A figure with its unit. */
export function figure(value: number, unit: Comparison["unit"]): string {
  return `${bare(value, unit)}${unit && ` ${unit}`}`;
}

function bare(value: number, unit: Comparison["unit"]): string {
  if (unit === "s") return value.toFixed(value < 10 ? 3 : 1);
  return value.toFixed(0);
}

/** A text that begins with a capital letter. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A table in Markdown; `deno fmt` aligns it. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
