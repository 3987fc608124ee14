import type { Program, Results } from "./results.ts";
import { minimum, nodesText, powerRun } from "./summary.ts";

/** Characters of the longest bar. */
const WIDTH = 44;

/** Bars of what a resume takes by the number of nodes, each program by its best run at the shortest latency. */
export function growth(results: Results): string {
  const latencyMs = Math.min(...results.plan.latencies);
  const chart = (title: string, of: (program: Program, nodes: number) => number, unit: string) => {
    const bars = results.plan.sizes.flatMap((nodes) => [
      { label: nodesText(nodes), value: NaN },
      ...results.programs.map((program) => ({ label: `  ${program.name}`, value: of(program, nodes) }))
        .filter(({ value }) => !Number.isNaN(value)),
    ]);
    const longest = Math.max(...bars.map(({ value }) => value).filter((value) => !Number.isNaN(value)));
    const width = Math.max(...bars.map(({ label }) => label.length));
    const lines = bars.map(({ label, value }) =>
      Number.isNaN(value)
        ? label
        : `${label.padEnd(width)}  ${"█".repeat(Math.max(1, Math.round(WIDTH * value / longest)))} ${
          value.toFixed(unit === "s" ? 3 : 0)
        } ${unit}`
    );
    return `${title}, resume, ${latencyMs} ms a call:\n\n\`\`\`text\n${lines.join("\n")}\n\`\`\``;
  };
  const best = (column: "wall" | "cpu" | "peakMiB") => ({ id }: Program, nodes: number) =>
    minimum(powerRun(results, id, { operation: "resume", nodes, latencyMs })?.samples[column] ?? []);
  return [
    chart("Time", best("wall"), "s"),
    chart("CPU", best("cpu"), "s"),
    chart("Peak memory", best("peakMiB"), "MiB"),
  ].join("\n\n");
}
