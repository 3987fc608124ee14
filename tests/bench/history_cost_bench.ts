import { parseArgs } from "@std/cli/parse-args";
import type { WireAws } from "../../lib/sim/wire/server.ts";
import { builtFile } from "../fixtures/built_file.ts";
import { type Edit, editedBuild } from "../fixtures/edited_build.ts";
import { BENCH_NODES, type BenchSite, makeBenchSite } from "./controller_site.ts";

/**
 * What of the worker's processor time goes into its history: `deno task bench:history [--runs 15] [--out FILE]`. The same
 * 500 nodes are powered up and down twice by this build and by one that writes no event, in turn. Prints JSON; exits 1 where
 * the history takes more than its goal on a quiet machine.
 */
const flags = parseArgs(Deno.args, { string: ["runs", "out"] });
const RUNS = Number(flags.runs ?? 15);

/** Goal: percent of the worker's processor time. */
const GOAL = 2;
/** Load average below which a machine of two processors counts as quiet. */
const QUIET = 0.5;
const ROUNDS = 2;
const NODES = BENCH_NODES.slice(0, 500);
const HOSTLIST = `c[0-${NODES.length - 1}]`;

/** Without it nothing is added to the tables of events, their subjects and lifetimes. */
const WITHOUT_HISTORY: Edit = {
  file: "lib/store/sqlite_history.ts",
  from: "  return (time, run, body) => {",
  to: "  if (Date.now() > 0) return () => {};\n  return (time, run, body) => {",
};

async function until(what: string, isSo: () => boolean, seconds = 300): Promise<void> {
  const end = Date.now() + seconds * 1_000;
  while (!isSo()) {
    if (Date.now() > end) throw new Error(`Not within ${seconds} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** User and system time of a process (proc(5): in clock ticks, 100 a second on every Linux that Deno runs on). */
function cpuSeconds(pid: number): number {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Processor time of the worker until it has come to rest, in seconds. */
async function measure(site: BenchSite): Promise<number> {
  const aws = await site.begin();
  for (let round = 0; round < ROUNDS; round++) await upAndDown(site, aws);
  return cpuSeconds(site.worker()!);
}

async function upAndDown(site: BenchSite, aws: WireAws): Promise<void> {
  const alive = () => aws.simulator.instances().filter(({ network }) => network !== undefined);
  site.slurm(NODES.map((name) => ({ name, state: "ALLOCATED+CLOUD+POWERING_UP" })));
  await site.hook("resume", HOSTLIST);
  await until("every node has an instance", () => alive().length === NODES.length);
  const addresses = alive().map(({ network }) => network!.privateIpAddress);
  site.slurm(NODES.map((name, i) => ({ name, state: "ALLOCATED+CLOUD", address: addresses[i]! })));
  await rests(site);
  site.slurm(NODES.map((name) => ({ name, state: "IDLE+CLOUD+POWERING_DOWN" })));
  await site.hook("stop", HOSTLIST);
  await until("no instance is left", () => alive().length === 0);
  site.slurm([]);
  await rests(site);
}

/** Waits until the worker has used no processor time for two seconds. */
async function rests(site: BenchSite): Promise<void> {
  let [last, since] = [-1, Date.now()];
  await until("the worker rests", () => {
    const cpu = cpuSeconds(site.worker()!);
    if (cpu - last > 0.02) [last, since] = [cpu, Date.now()];
    return Date.now() - since > 2_000;
  });
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

const round = (value: number) => Math.round(value * 100) / 100;

if (import.meta.main) {
  const load = [Deno.loadavg()[0]!];
  const program = { launchCheck: "launchCheckSeconds" } as const;
  await using whole = await makeBenchSite({ ...program, name: "with", file: await builtFile() });
  const without = await editedBuild(WITHOUT_HISTORY);
  await using bare = await makeBenchSite({ ...program, name: "without", file: without });
  const seconds = { with: [] as number[], without: [] as number[] };
  for (let run = 0; run < RUNS; run++) {
    // Neither always comes first.
    const sites = run % 2 === 0 ? [whole, bare] : [bare, whole];
    for (const site of sites) seconds[site === whole ? "with" : "without"].push(await measure(site));
    load.push(Deno.loadavg()[0]!);
  }
  const [most, least] = [median(seconds.with), median(seconds.without)];
  const percent = (most - least) / most * 100;
  const quiet = load.every((value) => value < QUIET);
  const result = {
    commit: new TextDecoder().decode(
      (await new Deno.Command("git", { args: ["rev-parse", "--short", "HEAD"] }).output()).stdout,
    ).trim(),
    deno: Deno.version.deno,
    processors: navigator.hardwareConcurrency,
    loadAverage: load.map(round),
    quiet,
    nodes: NODES.length,
    rounds: ROUNDS,
    runs: RUNS,
    workerCpuSeconds: { with: round(most), without: round(least) },
    all: { with: seconds.with.map(round), without: seconds.without.map(round) },
    percent: round(percent),
    goal: GOAL,
  };
  const text = `${JSON.stringify(result, null, 2)}\n`;
  if (flags.out !== undefined) await Deno.writeTextFile(flags.out, text);
  console.log(text);
  if (quiet && percent > GOAL) Deno.exitCode = 1;
}
