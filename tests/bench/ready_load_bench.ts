/**
 * `deno task bench:ready-load [--waiters N] [--nodes N] [--jobs N] [VERSION…]`: what ready costs the controller's host on real
 * Slurm: memory and CPU of 1,000 jobs that wait for their nodes, and the CPU of slurmctld and its scripts for 300 short jobs a
 * minute on nodes that are up, in a cluster of 10,000 cloud nodes, with and without ready. Takes root; about five minutes a
 * version. Writes tests/bench/ready_load.json and the page that is made of it.
 */
import { parseArgs } from "@std/cli";
import { type ReadyRig, startReadyRig } from "../e2e/ready_rig.ts";
import { type SlurmVersion, whyNoRig } from "../e2e/rig.ts";
import { describeSystem, loadNow } from "./peers/machine.ts";
import { BENCHMARKS, benchmarksPage } from "./benchmarks_page.ts";
import { serialized } from "./peers/serialize.ts";
import { cpuSeconds, privateKilobytes, processesWhere } from "./ready_load/processes.ts";
import { READY_LOAD, type ReadyLoad, type ReadyLoadResults, readyLoadResults } from "./ready_load/results.ts";

const ALL: readonly SlurmVersion[] = ["22.05", "24.11", "26.05"];
/** Seconds for which waiting jobs are watched. */
const WATCHED = 20;
/** Milliseconds after which the last one that has begun to wait has started what it starts. */
const SETTLED = 3_000;
/** Nodes on which short jobs run. */
const UP = 4;

const flags = parseArgs(Deno.args, { string: ["waiters", "nodes", "jobs"] });
const [waiters, nodes, jobs] = [flags.waiters ?? 1_000, flags.nodes ?? 10_000, flags.jobs ?? 300].map(
  Number,
) as [
  number,
  number,
  number,
];
const versions = flags._.length === 0
  ? ALL
  : ALL.filter((version) => flags._.some((word) => Number(word) === Number(version)));

let results: ReadyLoadResults = readyLoadResults() ?? {};
for (const version of versions) {
  const missing = whyNoRig(version);
  if (missing !== undefined) throw new Error(`Cannot run here: ${missing}`);
  const before = loadNow();
  const waiting = await measureWaiting(version);
  console.error(version, waiting);
  const [without, withReady] = [await measureShort(version, false), await measureShort(version, true)];
  const ratio = Math.round(withReady.cpuSeconds / without.cpuSeconds * 100) / 100;
  console.error(version, { without, withReady, ratio });
  const result: ReadyLoad = {
    date: new Date().toISOString(),
    commit: await commit(),
    machine: { ...await describeSystem(), load: [before, loadNow()] },
    quiet: before <= 0.5,
    waiting,
    shortJobs: { nodes, jobs, without, withReady, ratio },
  };
  results = { ...results, [version]: result };
  await Deno.writeTextFile(READY_LOAD, await serialized(results));
}
await Deno.writeTextFile(BENCHMARKS, await benchmarksPage());
console.error("Written: tests/bench/ready_load.json, docs/benchmarks.md");

/** Jobs that wait for nodes which never come. */
async function measureWaiting(version: SlurmVersion) {
  const rig = await startReadyRig({
    version,
    nodes: waiters,
    resumeTimeout: 3_000,
    settings: ["LIMIT=2900"],
  });
  try {
    await rig.sbatch(`--array=0-${waiters - 1}`, "--exclusive", "-N1");
    await waitFor(rig, `${waiters} jobs wait`, () => waitFiles(rig) === waiters);
    await new Promise((resolve) => setTimeout(resolve, SETTLED));
    const script = `${rig.dir}/bin/ready`;
    const pids = processesWhere((argv) =>
      argv.includes(script) && !argv.some((word) => word.startsWith("--"))
    );
    const pollers = processesWhere((argv) => argv.includes(script) && argv.includes("--poll"));
    const sums = () => ({
      waiters: pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0),
      poller: pollers.reduce((sum, pid) => sum + cpuSeconds(pid, true), 0),
    });
    const kilobytes = pids.map(privateKilobytes).toSorted((a, b) => a - b);
    const [begun, first] = [performance.now(), sums()];
    await new Promise((resolve) => setTimeout(resolve, WATCHED * 1_000));
    const [seconds, last] = [(performance.now() - begun) / 1_000, sums()];
    return {
      waiters: pids.length,
      privateKilobytes: { median: kilobytes[kilobytes.length >> 1]!, most: kilobytes.at(-1)! },
      waitersCpuSeconds: rounded(last.waiters - first.waiters),
      pollerShareOfACore: rounded((last.poller - first.poller) / seconds),
      watchedSeconds: rounded(seconds),
    };
  } finally {
    await rig.close();
  }
}

/** Short jobs on nodes that are up, 300 a minute. */
async function measureShort(version: SlurmVersion, withReady: boolean) {
  // Nodes that never come up share a port: no machine has ten thousand free ones in a row.
  const rig = await startReadyRig({
    version,
    nodes: UP,
    withReady,
    resumeTimeout: 600,
    suspendTime: 36_000,
    extraConf: `NodeName=c[${UP}-${
      nodes - 1
    }] NodeHostName=rig NodeAddr=127.0.0.1 Port=32999 CPUs=4 RealMemory=1000 State=CLOUD`,
  });
  try {
    const up = Array.from({ length: UP }, (_, i) => `c${i}`);
    for (const node of up) await rig.run(["scontrol", "update", `nodename=${node}`, "state=power_up"]);
    await rig.boot(...up);
    await waitFor(rig, "the nodes are up", async () => {
      const { stdout } = await rig.run(["sinfo", "-h", "-N", "-n", up.join(","), "-o", "%t"]);
      return stdout.trim().split("\n").every((state) => state === "idle");
    });
    const pids = processesWhere(() => true).filter((pid) => isOf(rig, pid));
    if (pids.length !== 2) throw new Error(`slurmctld and its helper are ${pids.length} processes`);
    const cpu = () => pids.reduce((sum, pid) => sum + cpuSeconds(pid, true), 0);
    const [begun, first] = [performance.now(), cpu()];
    for (let job = 0; job < jobs; job++) {
      const due = begun + job * 60_000 / 300;
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
      await rig.run(["sbatch", "-n1", "-w", up[job % UP]!, "--output=/dev/null", "--wrap", "true"]);
    }
    // slurmctld computes without jobs, too: both take as long, where the machine keeps up.
    const ends = begun + jobs * 60_000 / 300 + 15_000;
    await waitFor(
      rig,
      "all have run",
      async () => performance.now() > ends && (await rig.run(["squeue", "-h"])).stdout.trim() === "",
    );
    return { cpuSeconds: rounded(cpu() - first), seconds: rounded((performance.now() - begun) / 1_000) };
  } finally {
    await rig.close();
  }
}

/** slurmctld and its helper process, not the slurmd's of the same file. */
function isOf(rig: ReadyRig, pid: number): boolean {
  try {
    const name = Deno.readTextFileSync(`/proc/${pid}/comm`).trim();
    const environment = Deno.readTextFileSync(`/proc/${pid}/environ`);
    return /^slurm(?:ctld|scriptd)/.test(name) && environment.includes(rig.slurmConf);
  } catch {
    return false;
  }
}

function waitFiles(rig: ReadyRig): number {
  try {
    return [...Deno.readDirSync(rig.waiting)].filter(({ name }) => name.endsWith(".wait")).length;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}

async function waitFor(rig: ReadyRig, what: string, probe: () => boolean | Promise<boolean>): Promise<void> {
  await rig.until(what, 600, probe);
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

async function commit(): Promise<string> {
  const { stdout } = await new Deno.Command("git", { args: ["rev-parse", "--short", "HEAD"] }).output();
  return new TextDecoder().decode(stdout).trim();
}
