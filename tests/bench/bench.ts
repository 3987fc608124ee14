/**
 * Measures the hooks as whole processes against the simulated AWS, and hostlists in process; prints a table.
 *
 *     deno task bench [--runs N]
 *
 * No threshold is checked: machines differ. Minima are what to compare between runs on one machine.
 */
import { parseArgs } from "@std/cli/parse-args";
import { textTable } from "../../lib/base/text_table.ts";
import { expandHostlist, foldHostlist } from "../../lib/slurm/hostlist.ts";
import { type Bench, startBench } from "./hook_bench.ts";
import type { MeasuredRun } from "./measured_run.ts";

const flags = parseArgs(Deno.args, { string: ["runs"] });
const runs = Number(flags.runs ?? 7);

const bench = await startBench();
try {
  console.log(
    `${bench.description}\n${runs} runs a row after 2 to warm up; each cell is minimum / median.\n`,
  );
  console.log(textTable(HEADINGS(), await hookRows(bench)));
  console.log(textTable(["Requests of one resume", "1", "10", "100", "1000"], await requestRows(bench)));
  console.log(textTable(["In process", "ms (minimum / median)"], hostlistRows()));
} finally {
  await bench.close();
}

function HEADINGS(): string[] {
  return ["Whole process", "wall s", "first request s", "CPU s", "peak MiB", "requests"];
}

async function hookRows(bench: Bench): Promise<string[][]> {
  const rows: string[][] = [];
  for (const program of bench.programs) {
    rows.push(await row(bench, `resume 1, ${program.name}`, program.argv, { nodes: "c0", latency: 0 }));
    rows.push(
      await row(bench, `resume 1, 150 ms a call, ${program.name}`, program.argv, {
        nodes: "c0",
        latency: 150,
      }),
    );
    rows.push(
      await row(bench, `resume 1000, ${program.name}`, program.argv, { nodes: "c[0-999]", latency: 0 }),
    );
    rows.push(
      await row(bench, `resume 1000, 150 ms a call, ${program.name}`, program.argv, {
        nodes: "c[0-999]",
        latency: 150,
      }),
    );
  }
  const [best] = bench.programs.slice(-1);
  rows.push(
    await row(bench, "resume 1 next to 10,000 running", best!.argv, {
      nodes: "c0",
      latency: 0,
      running: 10_000,
    }),
  );
  rows.push(
    await row(bench, "stop 1 of 10,000", best!.argv, {
      hook: "stop",
      nodes: "c77",
      latency: 0,
      running: 10_000,
    }),
  );
  return rows;
}

async function row(
  bench: Bench,
  name: string,
  argv: readonly string[],
  what: { hook?: string; nodes: string; latency: number; running?: number },
): Promise<string[]> {
  const results: (MeasuredRun & { first: number; requests: number })[] = [];
  for (let run = -2; run < runs; run++) {
    const result = await bench.run(argv, what);
    if (run >= 0) results.push(result);
  }
  const figure = (of: (result: (typeof results)[number]) => number, digits: number) => {
    const sorted = results.map(of).sort((a, b) => a - b);
    return `${sorted[0]!.toFixed(digits)} / ${sorted[Math.floor(sorted.length / 2)]!.toFixed(digits)}`;
  };
  return [
    name,
    figure(({ wall }) => wall, 3),
    figure(({ first }) => first, 3),
    figure(({ cpu }) => cpu, 2),
    figure(({ peakMiB }) => peakMiB, 0),
    String(results[0]!.requests),
  ];
}

async function requestRows(bench: Bench): Promise<string[][]> {
  const counts: Readonly<Record<string, number>>[] = [];
  for (const nodes of ["c0", "c[0-9]", "c[0-99]", "c[0-999]"]) {
    await bench.run(bench.programs.at(-1)!.argv, { nodes, latency: 0 });
    counts.push(bench.calls());
  }
  const actions = [...new Set(counts.flatMap((calls) => Object.keys(calls)))].sort();
  return actions.map((action) => [action, ...counts.map((calls) => String(calls[action] ?? 0))]);
}

function hostlistRows(): string[][] {
  const text = "node-[1-50000],node-[50001-100000]";
  const names = expandHostlist(text);
  const shuffled = names.toSorted((a, b) => a.length % 3 - b.length % 3 || (a < b ? -1 : 1));
  return [
    ["expand 100,000 names", timed(() => expandHostlist(text))],
    ["fold 100,000 names, in order", timed(() => foldHostlist(names))],
    ["fold 100,000 names, out of order", timed(() => foldHostlist(shuffled))],
  ];
}

function timed(work: () => unknown): string {
  const times = Array.from({ length: Math.max(runs, 9) }, () => {
    const started = performance.now();
    work();
    return performance.now() - started;
  }).sort((a, b) => a - b);
  return `${times[0]!.toFixed(1)} / ${times[Math.floor(times.length / 2)]!.toFixed(1)}`;
}
