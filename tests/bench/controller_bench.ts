import { parseArgs } from "@std/cli/parse-args";
import { instanceTags } from "../../lib/identity/tags.ts";
import { WORLD } from "../../lib/sim/fresh_world.ts";
import type { WireAws } from "../../lib/sim/wire/server.ts";
import { editedBuild } from "../fixtures/edited_build.ts";
import { BENCH_NODES, type BenchSite, makeBenchSite } from "./controller_site.ts";
import { measuredRun } from "./measured_run.ts";
import { UNLIMITED } from "./unlimited_account.ts";

/**
 * What the controller costs, against the built file of another commit, in turn:
 * controller_bench.ts [--base FILE] [--runs 15] [--only NAME] [--out FILE]. Prints JSON. On a busy machine compare minima
 * and counts; the load average is part of the result.
 */
const flags = parseArgs(Deno.args, { string: ["base", "runs", "only", "out"] });
const RUNS = Number(flags.runs ?? 15);

/** Load average below which a machine of two processors counts as quiet. */
const QUIET = 0.5;

type Sample = Readonly<Record<string, number>>;

/** One measurement; undefined where it makes no sense for a program. */
type Measurement = (site: BenchSite, isBase: boolean) => Promise<Sample | undefined>;

const awaited = (names: readonly string[]) =>
  names.map((name) => ({ name, state: "ALLOCATED+CLOUD+POWERING_UP" }));
const launched = (aws: WireAws) =>
  aws.simulator.instances().filter(({ state }) => state !== "terminated").length;

async function until(what: string, isSo: () => boolean, seconds = 300): Promise<void> {
  const end = Date.now() + seconds * 1_000;
  while (!isSo()) {
    if (Date.now() > end) throw new Error(`Not within ${seconds} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Milliseconds from now until EC2 first sees RunInstances. */
function firstLaunch(aws: WireAws): () => number {
  const started = performance.now();
  let first = NaN;
  const unlisten = aws.simulator.onChange(() => {
    if (!Number.isNaN(first) || (aws.simulator.calls().RunInstances ?? 0) === 0) return;
    first = performance.now() - started;
    unlisten();
  });
  return () => first;
}

/** Bytes of the resume file of some 500 jobs. */
const RESUME_FILE = 86_000;

function resumeFile(): string {
  const jobs = Array.from({ length: 500 }, (_, i) => ({
    job_id: i + 1,
    nodes_alloc: `c${i}`,
    nodes_resume: `c${i}`,
    oversubscribe: "OK",
    partition: "cloud",
    reservation: "",
    features: "",
    extra: "",
  }));
  const text = JSON.stringify({ all_nodes_resume: "c[0-499]", jobs });
  return text.padEnd(RESUME_FILE, " ");
}

const MEASUREMENTS: Readonly<Record<string, Measurement>> = {
  async "hook with an 86 KB resume file"(site) {
    const aws = await site.begin();
    site.slurm(awaited(BENCH_NODES.slice(0, 500)));
    const file = `${site.prefix}/resume_file`;
    await Deno.writeTextFile(file, resumeFile());
    const { milliseconds, code } = await site.hook("resume", "c[0-499]", file);
    if (code !== 0) throw new Error(`${site.name}: the hook exited with ${code}`);
    await until("500 instances", () => launched(aws) === 500);
    return { returnsMs: milliseconds };
  },
  async "first RunInstances, cold"(site) {
    const aws = await site.begin();
    site.slurm(awaited(["c0"]));
    const first = firstLaunch(aws);
    const { milliseconds } = await site.hook("resume", "c0");
    await until("an instance", () => launched(aws) === 1);
    return { firstMs: first(), returnsMs: milliseconds };
  },
  async "first RunInstances, warm"(site, isBase) {
    if (isBase) return undefined;
    const aws = await site.begin();
    site.slurm(awaited(["c0"]));
    await site.hook("resume", "c0");
    await until("an instance", () => launched(aws) === 1);
    const [one] = aws.simulator.instances();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const up = { name: "c0", state: "ALLOCATED+CLOUD", address: one!.network!.privateIpAddress! };
    site.slurm([up, ...awaited(["c1"])]);
    aws.simulator.resetCalls();
    const first = firstLaunch(aws);
    const { milliseconds } = await site.hook("resume", "c1");
    await until("another instance", () => launched(aws) === 2);
    return { firstMs: first(), returnsMs: milliseconds };
  },
  async "20 hooks x 100 nodes"(site) {
    const aws = await site.begin();
    // RunInstances' request bucket of 5 + 2/s, and no limit on instances.
    aws.simulator.setSettings({ requestTokens: true, resourceTokens: false });
    return await hooksAtOnce(site, aws, 20, 100);
  },
  async "100 hooks x 1 node"(site) {
    return await hooksAtOnce(site, await site.begin(), 100, 1);
  },
  async "reconcile of 10,000 nodes"(site, isBase) {
    if (isBase) return undefined;
    const aws = await site.begin();
    fill(site, aws);
    aws.simulator.resetCalls();
    const { code, wall, peakMiB } = await measuredRun(
      [`${site.prefix}/bin/slurm-ec2`, "reconcile", "--json"],
      { SLURM_EC2_CONFIG: `${site.prefix}/etc/slurm-ec2.yaml`, PATH: "/usr/bin:/bin" },
    );
    return { code, reads: reads(aws), seconds: wall, peakMiB };
  },
  async "worker's complete pass over 10,000 nodes"(site, isBase) {
    if (isBase) return undefined;
    const aws = await site.begin();
    fill(site, aws);
    aws.simulator.resetCalls();
    const started = performance.now();
    const pass = site.hook("supervisor", "--timer");
    let peakMiB = 0;
    let ended = false;
    const done = pass.finally(() => ended = true);
    while (!ended) {
      peakMiB = Math.max(peakMiB, status(site.worker(), "VmHWM"));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const { code } = await done;
    return { code, reads: reads(aws), seconds: (performance.now() - started) / 1_000, peakMiB };
  },
  async "idle worker"(site, isBase) {
    if (isBase) return undefined;
    const aws = await site.begin();
    site.slurm(awaited(["c0"]));
    await site.hook("resume", "c0");
    await until("an instance", () => launched(aws) === 1);
    const [one] = aws.simulator.instances();
    site.slurm([{ name: "c0", state: "ALLOCATED+CLOUD", address: one!.network!.privateIpAddress! }]);
    await new Promise((resolve) => setTimeout(resolve, 10_000));
    const pid = site.worker();
    const before = cpuSeconds(pid);
    await new Promise((resolve) => setTimeout(resolve, 30_000));
    const percent = (cpuSeconds(pid) - before) / 30 * 100;
    const residentMiB = status(pid, "VmRSS");
    const since = performance.now();
    // The timer's stamp lets it end although a node is up.
    await Deno.writeTextFile(`${site.prefix}/state/timer`, await timerStamp());
    await until("the worker has ended", () => site.worker() === undefined);
    return { residentMiB, cpuPercent: percent, goneAfterSeconds: 40 + (performance.now() - since) / 1_000 };
  },
};

/** Measurements of which fewer runs do: nothing of them is compared. */
const FEW: Readonly<Record<string, number>> = {
  "reconcile of 10,000 nodes": 5,
  "worker's complete pass over 10,000 nodes": 5,
  "idle worker": 2,
};

async function hooksAtOnce(site: BenchSite, aws: WireAws, hooks: number, nodes: number): Promise<Sample> {
  const names = BENCH_NODES.slice(0, hooks * nodes);
  site.slurm(awaited(names));
  const started = performance.now();
  const calls = Array.from({ length: hooks }, (_, i) => {
    const last = (i + 1) * nodes - 1;
    return site.hook("resume", nodes === 1 ? `c${i}` : `c[${i * nodes}-${last}]`);
  });
  const ended = await Promise.all(calls);
  const returnedMs = performance.now() - started;
  await until(`${names.length} instances`, () => launched(aws) >= names.length);
  const settledMs = performance.now() - started;
  const { RunInstances = 0, GetParameters = 0 } = aws.simulator.calls();
  const failed = ended.filter(({ code }) => code !== 0).length;
  return { returnedMs, settledMs, RunInstances, GetParameters, failed, instances: launched(aws) };
}

/** Every node is up, with its instance. */
function fill(site: BenchSite, aws: WireAws): void {
  for (let from = 0; from < BENCH_NODES.length; from += 1_000) {
    const done = aws.simulator.call("RunInstances", {
      ImageId: WORLD.imageIds.x86_64,
      InstanceType: "c7i.large",
      MinCount: 1_000,
      MaxCount: 1_000,
      ClientToken: `fill-${from}`,
      SubnetId: WORLD.subnetIds[from < 5_000 ? 0 : 1],
      TagSpecifications: [{
        ResourceType: "instance",
        Tags: instanceTags({ cluster: "bench", nodeGroup: "c", nodes: `c[${from}-${from + 999}]` }),
      }],
    });
    if (done.kind === "refusal") throw new Error(done.refusal.message);
  }
  const address = new Map(
    aws.simulator.instances().map(({ tags, amiLaunchIndex, network }) => [
      `c${Number(/\[(\d+)-/.exec(tags["slurm-ec2:nodes"]!)![1]) + amiLaunchIndex}`,
      network!.privateIpAddress!,
    ]),
  );
  site.slurm(BENCH_NODES.map((name) => ({ name, state: "ALLOCATED+CLOUD", address: address.get(name)! })));
}

function reads({ simulator }: WireAws): number {
  const { DescribeInstances = 0, DescribeInstanceStatus = 0 } = simulator.calls();
  return DescribeInstances + DescribeInstanceStatus;
}

/** A size of /proc/PID/status in MiB; 0 where the process is not there. */
function status(pid: number | undefined, key: "VmHWM" | "VmRSS"): number {
  try {
    const text = Deno.readTextFileSync(`/proc/${pid}/status`);
    return Number(new RegExp(`${key}:\\s+(\\d+) kB`).exec(text)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** User and system time of a process (proc(5): in clock ticks, 100 a second on every Linux that Deno runs on). */
function cpuSeconds(pid: number | undefined): number {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function timerStamp(): Promise<string> {
  const [uptime] = (await Deno.readTextFile("/proc/uptime")).split(" ");
  return `${uptime} ${(await Deno.readTextFile("/proc/sys/kernel/random/boot_id")).trim()}`.padEnd(127) +
    "\n";
}

/** Least, median and largest of each quantity. */
function summary(samples: readonly Sample[]): Readonly<Record<string, readonly number[]>> {
  return Object.fromEntries(
    Object.keys(samples[0] ?? {}).map((key) => {
      const sorted = samples.map((sample) => sample[key]!).toSorted((a, b) => a - b);
      const round = (value: number) => Math.round(value * 100) / 100;
      return [key, [sorted[0]!, sorted[Math.floor(sorted.length / 2)]!, sorted.at(-1)!].map(round)];
    }),
  );
}

if (import.meta.main) {
  const load = [Deno.loadavg()[0]!];
  await using ours = await makeBenchSite({
    name: "this build",
    file: await editedBuild(UNLIMITED),
    launchCheck: "launchCheckSeconds",
  });
  await using base = flags.base === undefined ? undefined : await makeBenchSite({
    name: flags.base,
    file: flags.base,
    launchCheck: "birthCheckSeconds",
  });
  const results: Record<string, unknown> = {};
  for (const [name, measure] of Object.entries(MEASUREMENTS)) {
    if (flags.only !== undefined && !name.includes(flags.only)) continue;
    const samples = { ours: [] as Sample[], base: [] as Sample[] };
    const runs = Math.min(RUNS, FEW[name] ?? RUNS);
    for (let run = 0; run < runs; run++) {
      for (const [key, site] of [["base", base], ["ours", ours]] as const) {
        const sample = site === undefined ? undefined : await measure(site, key === "base");
        if (sample !== undefined) samples[key].push(sample);
      }
    }
    load.push(Deno.loadavg()[0]!);
    results[name] = {
      runs,
      ours: summary(samples.ours),
      ...(samples.base.length > 0 && { base: summary(samples.base) }),
    };
    console.error(name, JSON.stringify(results[name]));
  }
  const loadAverage = load.map((value) => Math.round(value * 100) / 100);
  const git = new Deno.Command("git", { args: ["rev-parse", "--short", "HEAD"] });
  const text = JSON.stringify(
    {
      commit: new TextDecoder().decode((await git.output()).stdout).trim(),
      base: flags.base === undefined ? undefined : "9139880",
      deno: Deno.version.deno,
      processors: navigator.hardwareConcurrency,
      loadAverage,
      quiet: load.every((value) => value < QUIET),
      figures: "least, median, largest",
      results,
    },
    null,
    2,
  );
  if (flags.out !== undefined) await Deno.writeTextFile(flags.out, `${text}\n`);
  console.log(text);
}
