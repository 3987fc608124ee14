import type { Rig, SlurmVersion } from "../../e2e/rig.ts";
import { type MeasuredCluster, type Refused, ROUND_NODES, startMeasured } from "./measured_cluster.ts";
import {
  type FormName,
  type ModeName,
  type ModeResult,
  type NextTries,
  type RefusalKind,
  type StepName,
  STEPS,
} from "./results.ts";
import { nextTry, timeLine } from "./time_line.ts";

/** A job of each form, with the nodes of a round that it takes. */
const FORMS: Readonly<
  Record<FormName, { readonly argv: readonly string[]; readonly at: readonly number[] }>
> = {
  "sbatch -N1": { argv: ["sbatch", "-N1"], at: [0] },
  "sbatch -N3": { argv: ["sbatch", "-N3"], at: [1, 2, 3] },
  "srun -N2": { argv: ["srun", "-N2"], at: [4, 5] },
  "salloc -N2": { argv: ["salloc", "-N2"], at: [6, 7] },
};

/** Seconds for which a job may wait for its first line, or for its next try, before the run has failed. */
const LONGEST = 400;

/**
 * Milliseconds between a job's end and the next round's jobs, more in each round: a job that waited for slurmctld's tick of
 * 30 s ended with it, and the next one would find all of the following tick before it.
 */
const PAUSE = 6_000;

/** Runs all jobs of a cluster, one after the other, and besides those that are refused, together. */
export async function measureMode(
  version: SlurmVersion,
  mode: ModeName,
  rounds: number,
  say: (line: string) => void,
): Promise<ModeResult> {
  const measured = await startMeasured(version, mode, rounds);
  const { rig } = measured.cluster;
  try {
    await Deno.writeTextFile(
      `${rig.dir}/run/say`,
      '#!/bin/sh\necho "$(date +%s.%3N) $SLURM_JOB_ID" >>"$1"\n',
      { mode: 0o755 },
    );
    const [jobs, refused] = await Promise.all([
      firstLines(measured, rounds, (line) => say(`${version} ${mode}: ${line}`)),
      refusals(measured),
    ]);
    say(`${version} ${mode}: next try ${refused.group.resumeProgram} s, ${refused.node.resumeProgram} s`);
    return { jobs, refused };
  } finally {
    await measured.cluster.close();
  }
}

async function firstLines(
  measured: MeasuredCluster,
  rounds: number,
  say: (line: string) => void,
): Promise<ModeResult["jobs"]> {
  const lines: Record<string, Record<StepName, number | null>[]> = {};
  for (let round = 0; round < rounds; round++) {
    for (const [form, { argv, at }] of Object.entries(FORMS)) {
      await new Promise((resolve) => setTimeout(resolve, round * PAUSE));
      const nodes = at.map((index) => `c${round * ROUND_NODES + index}`);
      const line = await firstLine(measured, argv, nodes);
      (lines[form] ??= []).push(line);
      say(`${form} ${line["first line"]} s`);
    }
  }
  return Object.fromEntries(
    Object.entries(lines).map(([form, found]) => [form, columns(found)]),
  ) as unknown as ModeResult["jobs"];
}

function columns(lines: readonly Record<StepName, number | null>[]): ModeResult["jobs"][FormName] {
  return Object.fromEntries(
    STEPS.map((step) => [step, lines.map((line) => line[step])]),
  ) as unknown as ModeResult["jobs"][FormName];
}

async function firstLine(
  { cluster }: MeasuredCluster,
  [program, size]: readonly string[],
  nodes: readonly string[],
): Promise<Record<StepName, number | null>> {
  const { rig } = cluster;
  const out = `${rig.dir}/run/said-${nodes[0]}`;
  const say = [`${rig.dir}/run/say`, out];
  const where = [size!, "-w", nodes.join(",")];
  const submitted = Date.now();
  const argv = program === "sbatch"
    ? ["sbatch", ...where, "--output=/dev/null", "--wrap", say.join(" ")]
    : [program!, ...where, ...say];
  const { code, stderr } = await rig.run(argv, { timeout: LONGEST });
  if (code !== 0) throw new Error(`${argv.join(" ")}: ${stderr}\n${rig.logTails()}`);
  await rig.until(`${argv.join(" ")} says something`, LONGEST, async () => (await noted(out)).length > 0);
  const [{ what: job } = { what: "" }] = await noted(out);
  return timeLine(
    { slurmctld: await slurmctldLog(rig), hooks: await Deno.readTextFile(cluster.log) },
    {
      job,
      nodes,
      submitted,
      running: new Map((await noted(`${rig.dir}/run/running`)).map(({ at, what }) => [what, at])),
      firstLine: Math.min(...(await noted(out)).map(({ at }) => at)),
    },
  );
}

/** Jobs whose first node can't be had, all at once: each has a partition of its own. */
async function refusals({ cluster: { rig }, refused }: MeasuredCluster): Promise<ModeResult["refused"]> {
  const jobs: (Refused & { readonly job: string })[] = [];
  for (const one of refused) {
    // deno-fmt-ignore
    const argv = ["sbatch", "--parsable", "-N1", "-p", one.partition, "--output=/dev/null", "--wrap", "true"];
    const { code, stdout, stderr } = await rig.run(argv);
    if (code !== 0) throw new Error(`${argv.join(" ")}: ${stderr}`);
    jobs.push({ ...one, job: stdout.trim() });
  }
  await rig.until("every refused job is tried again", LONGEST, async () => {
    const log = await slurmctldLog(rig);
    return jobs.every((one) => nextTry(log, one) !== undefined);
  });
  const log = await slurmctldLog(rig);
  const ofKind = async (kind: RefusalKind): Promise<NextTries> => {
    const found = await Promise.all(
      jobs.filter((one) => one.kind === kind).map(async (one) => ({
        ...nextTry(log, one)!,
        eligible: await eligibleTime(rig, one.job),
      })),
    );
    return {
      eligible: found.map((one) => seconds(one.eligible - one.requeued)),
      resumeProgram: found.map((one) => seconds(one.resumeProgram - one.requeued)),
    };
  };
  return { group: await ofKind("group"), node: await ofKind("node") };
}

/** Of its latest try; milliseconds since 1970 UTC. slurmctld keeps it when the job has begun. */
async function eligibleTime(rig: Rig, job: string): Promise<number> {
  const { stdout } = await rig.run(["scontrol", "-o", "show", "job", job]);
  return Date.parse(/ EligibleTime=(\S+)/.exec(stdout)?.[1] ?? "");
}

function seconds(milliseconds: number): number {
  return Math.round(milliseconds / 10) / 100;
}

async function slurmctldLog(rig: Rig): Promise<string> {
  return await Deno.readTextFile(`${rig.logDir}/slurmctld.log`);
}

/** Lines of `echo "$(date +%s.%3N) WHAT"`; milliseconds since 1970 UTC. */
async function noted(path: string): Promise<{ readonly at: number; readonly what: string }[]> {
  try {
    const lines = (await Deno.readTextFile(path)).split("\n").slice(0, -1);
    return lines.map((line) => {
      const [time, what = ""] = line.split(" ");
      return { at: Number(time) * 1_000, what };
    });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
