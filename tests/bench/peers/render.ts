import { capacitySection } from "../capacity/page.ts";
import type { CapacityResults } from "../capacity/results.ts";
import { firstLineSection } from "../first_line/page.ts";
import type { FirstLineResults } from "../first_line/results.ts";
import { readyLoadSection } from "../ready_load/page.ts";
import type { ReadyLoadResults } from "../ready_load/results.ts";
import { BUSY, capital, cell, figure, isBusy, pair, range, table } from "./cells.ts";
import { describeDepartures } from "./departures.ts";
import { growth } from "./growth.ts";
import type { FaultRun, Plan, PowerRun, Program, Results, Samples, Told } from "./results.ts";
import { type Comparison, comparisons, minimum, nodesText, powerRun } from "./summary.ts";
import { targets } from "./targets.ts";

/** docs/benchmarks.md as Markdown, made of nothing but the figures; `deno fmt` aligns its tables. */
export function renderBenchmarks(
  results: Results,
  { firstLine, readyLoad, capacity }: {
    readonly firstLine: FirstLineResults;
    readonly readyLoad: ReadyLoadResults | undefined;
    readonly capacity: CapacityResults;
  },
): string {
  return [
    "<!-- Made by `deno task bench:peers` of benchmarks.json, by `deno task bench:first-line` of " +
    "tests/bench/first_line.json, by `deno task bench:ready-load` of tests/bench/ready_load.json, and by " +
    "`deno task bench:capacity` of tests/bench/capacity.json: change none of them manually. -->\n",
    "# Benchmarks",
    firstLineSection(firstLine),
    ...(readyLoad === undefined ? [] : [readyLoadSection(readyLoad)]),
    capacitySection(capacity),
    "## The hooks next to others",
    introduction(results),
    "## In short",
    inShort(results),
    "## Targets",
    targetTable(results),
    "## Powering up",
    operation(results, "resume"),
    "## Powering down",
    operation(results, "suspend"),
    "## Growth",
    growth(results),
    ...(results.crowdRuns?.length ? [crowdHeading(results), crowds(results)] : []),
    "## When things go wrong",
    faults(results),
    "## How it was measured",
    describeDepartures(results),
  ].join("\n\n") + "\n";
}

function introduction(results: Results): string {
  const { date, machine, plan, command, absent } = results;
  const { processor, processors, memoryMiB, system, kernel, load, versions } = machine;
  return [
    `Our hooks next to [aws-parallelcluster-node](https://github.com/aws/aws-parallelcluster-node) and next to the ` +
    `least that [boto3](https://github.com/boto/boto3) takes, in one run on one machine against one simulated AWS. To repeat it:`,
    `\`\`\`sh\n${command}\n\`\`\``,
    table(["What", "Which"], [
      ["Date", `${date.slice(0, 16).replace("T", " ")} UTC`],
      ["Processor", `${processor}, ${processors} processors`],
      ["Memory", `${(memoryMiB / 1024).toFixed(1)} GiB`],
      ["System", `${system}, Linux ${kernel}`],
      ...Object.entries(versions).map(([name, version]) => [name, version]),
      ["Slurm", "a `scontrol` that notes its arguments and answers at once; the same for all"],
      ["Load average", `${load[0]} before, ${load[1]} after`],
      ["Runs", runsText(plan)],
    ]),
    ...(busyRuns(results) > 0
      ? [
        `**${
          busyRuns(results)
        } runs were not quiet**: something else kept more than ${BUSY} processors busy meanwhile. A figure whose ` +
        "best run was one of them has an asterisk.",
      ]
      : []),
    ...(load[0] > QUIET
      ? [`**The machine was not quiet: load ${load[0]} before the first run.** Read minima.`]
      : []),
    ...(absent.length === 0
      ? []
      : [`Not measured in this run:\n\n${absent.map((line) => `- ${line}`).join("\n")}`]),
  ].join("\n\n");
}

/** Load average up to which nothing else can be said to run. */
const QUIET = 0.5;

function busyRuns({ powerRuns, faultRuns, crowdRuns = [] }: Results): number {
  return [...powerRuns, ...faultRuns, ...crowdRuns].flatMap(({ samples }) =>
    samples.wall.filter((_, index) => isBusy(samples, index))
  ).length;
}

function runsText({ rounds, faultRounds, cells }: Plan): string {
  const fewer = cells?.some((cell) => Object.values(cell.rounds).some((one) => one < rounds));
  return `${rounds} of each, by turns${
    fewer ? ", fewer where a figure has a number in brackets" : ""
  }; ${faultRounds} where things go wrong`;
}

/** The program of ours that others are compared with: that whose hook has to start its worker. */
function reference({ programs }: Results): Program {
  return programs.find(({ kind }) => kind === "ours")!;
}

function inShort(results: Results): string {
  const { programs } = results;
  const ours = reference(results);
  const rows = comparisons(results).map((comparison) => [
    capital(comparison.title),
    ...programs.map(({ id }) => comparedCell(comparison, id, ours)),
  ]);
  return [
    `The least of all runs; in brackets how many times what ${ours.name} takes.${passNote(results)}`,
    table(["", ...programs.map(({ name }) => name)], rows),
    chart(results),
    reading(results, ours),
  ].join("\n\n");
}

/** Who powers nodes down otherwise than by a process of its own. */
function passNote({ clustermgtd }: Results): string {
  return clustermgtd
    ? " ParallelCluster's suspends are single passes of its running daemon: neither its start nor its waits are in them."
    : "";
}

function comparedCell({ values, unit }: Comparison, id: string, ours: Program): string {
  const [value, base] = [values.get(id), values.get(ours.id)];
  if (value === undefined) return "–";
  const ratio = base === undefined || id === ours.id ? "" : ` (${(value / base).toFixed(2)} ×)`;
  return `${figure(value, unit)}${ratio}`;
}

/** What the comparisons say, in sentences. */
function reading(results: Results, ours: Program): string {
  const all = comparisons(results).filter(({ values }) => values.has(ours.id));
  const rivals = results.programs.filter(({ kind }) => kind !== "ours");
  if (rivals.length === 0) return "Nothing to compare with was measured.";
  const behind = all.flatMap(({ title, unit, values }) => {
    const least = rivals.filter(({ id }) => (values.get(id) ?? Infinity) < values.get(ours.id)!);
    if (least.length === 0) return [];
    const who = least.map(({ id, name }) => `${name} ${figure(values.get(id)!, unit)}`).join(", ");
    return [`- ${title}: ${figure(values.get(ours.id)!, unit)}; ${who}`];
  });
  const ahead = `${ours.name} takes the least, or as little as any, in ${
    all.length - behind.length
  } of these ${all.length} lines.`;
  return behind.length === 0 ? ahead : `${ahead} Others take less here:\n\n${behind.join("\n")}`;
}

/** Bars of the longest run, which is what a user waits for. */
function chart(results: Results): string {
  const { sizes, latencies } = results.plan;
  const [nodes, latencyMs] = [Math.max(...sizes), Math.max(...latencies)];
  const bars = results.programs.map(({ id, name }) => ({
    name,
    wall: minimum(powerRun(results, id, { operation: "resume", nodes, latencyMs })?.samples.wall ?? []),
  }));
  const longest = Math.max(...bars.map(({ wall }) => wall));
  const width = Math.max(...bars.map(({ name }) => name.length));
  const lines = bars.map(({ name, wall }) =>
    `${name.padEnd(width)}  ${"█".repeat(Math.max(1, Math.round(BAR_WIDTH * wall / longest)))} ${
      figure(wall, "s")
    }`
  );
  return `Resume of ${nodesText(nodes)}, ${latencyMs} ms a call:\n\n\`\`\`text\n${lines.join("\n")}\n\`\`\``;
}

/** Characters of the longest bar. */
const BAR_WIDTH = 60;

function targetTable(results: Results): string {
  return [
    "What our programs are to reach, by their best run at the shortest latency.",
    table(
      ["Program", "What", "Target", "Measured", ""],
      targets(results).map(({ program, title, limit, measured, met }) => [
        program,
        capital(title),
        limit,
        measured,
        met ? "met" : "**not met**",
      ]),
    ),
  ].join("\n\n");
}

function operation(results: Results, name: PowerRun["operation"]): string {
  const { sizes, latencies } = results.plan;
  const near = Math.min(...latencies);
  const most = Math.max(...sizes);
  const bySize = (latencyMs: number, show: (samples: Samples) => string) =>
    table(
      ["", ...sizes.map(nodesText)],
      results.programs.map(({ id, name: program }) => [
        program,
        ...sizes.map((nodes) => {
          const run = powerRun(results, id, { operation: name, nodes, latencyMs });
          return run ? show(run.samples) : "–";
        }),
      ]),
    );
  return [
    ...(name === "suspend" && results.clustermgtd ? [passNote(results).trim()] : []),
    ...latencies.flatMap((latencyMs) => [
      `Seconds from start to end, ${latencyMs} ms a call (minimum / median):`,
      bySize(latencyMs, (samples) => cell(results, samples, "wall", "s")),
    ]),
    `Seconds of CPU, children included, ${near} ms a call (minimum / median):`,
    bySize(near, (samples) => cell(results, samples, "cpu", "s")),
    `Peak memory of the largest process in MiB, ${near} ms a call (minimum / median):`,
    bySize(near, (samples) => cell(results, samples, "peakMiB", "MiB")),
    "Requests, and calls of `scontrol`:",
    bySize(near, ({ requests, scontrol }) => `${range(requests)}, ${range(scontrol)}`),
    `Requests of ${nodesText(most)} by action:`,
    actionTable(
      results,
      results.powerRuns.filter((run) =>
        run.operation === name && run.nodes === most && run.latencyMs === near
      ),
    ),
  ].join("\n\n");
}

function actionTable(results: Results, runs: readonly Pick<PowerRun, "program" | "actions">[]): string {
  const names = [...new Set(runs.flatMap(({ actions }) => Object.keys(actions)))].sort();
  return table(
    ["", ...names],
    results.programs.map(({ id, name }) => {
      const actions = runs.find(({ program }) => program === id)?.actions ?? {};
      return [name, ...names.map((action) => String(actions[action] ?? "–"))];
    }),
  );
}

function faults(results: Results): string {
  const { wanted, available, throttles } = results.plan;
  const says = {
    "half capacity, one job": `### ${wanted} nodes for one job, capacity for ${available}`,
    "half capacity, a job a node": `### ${wanted} nodes for ${wanted} jobs, capacity for ${available}`,
    "throttled": `### ${wanted} nodes, the first ${throttles} launch calls throttled`,
  } as const;
  return Object.entries(says).map(([fault, heading]) => {
    const rows = results.programs.flatMap(({ id, name }) => {
      const run = results.faultRuns.find((one) => one.program === id && one.fault === fault);
      return run ? [[name, ...faultCells(run, wanted)]] : [];
    });
    return `${heading}\n\n${
      table(["", "Seconds", "Requests", "Run", "Have an address", "Reported for the others"], rows)
    }`;
  }).join("\n\n");
}

function faultCells({ samples, launched, addressed, told, actions }: FaultRun, wanted: number): string[] {
  const spoken = told.reduce((sum, { nodes }) => sum + nodes, 0);
  const silent = wanted - addressed - spoken;
  const words = [...told.map(toldText), ...(silent > 0 ? [`${silent}: **nothing**`] : [])];
  const detail = Object.entries(actions).map(([action, count]) => `${action} ${count}`).join(", ");
  return [
    pair(samples.wall, "s"),
    `${range(samples.requests)} (${detail})`,
    String(launched),
    String(addressed),
    words.join("; ") || "–",
  ];
}

function toldText({ nodes, state, reason }: Told): string {
  const code = /\(Code:(\w[\w.]*)\)|^([\w.]+): /.exec(reason)?.slice(1).find((code) => code !== undefined);
  return `${nodes}: ${state}${code ? `, ${code}` : ""}`;
}

function crowdHeading({ plan: { crowd } }: Results): string {
  return `## ${crowd!.hooks} hooks at once, ${nodesText(crowd!.nodes)} each`;
}

function crowds(results: Results): string {
  const rows = results.programs.flatMap(({ id, name }) => {
    const run = results.crowdRuns?.find(({ program }) => program === id);
    if (!run) return [];
    const { samples, actions } = run;
    const detail = Object.entries(actions).map(([action, count]) => `${action} ${count}`).join(", ");
    return [[
      name,
      cell(results, samples, "wall", "s"),
      cell(results, samples, "cpu", "s"),
      cell(results, samples, "peakMiB", "MiB"),
      `${range(samples.requests)} (${detail})`,
    ]];
  });
  return table(["", "Seconds", "CPU", "Peak memory, MiB", "Requests"], rows);
}
