import type { Rig, SlurmVersion } from "../../e2e/rig.ts";
import {
  type MeasuredCluster,
  type Refused,
  ROUND_NODES,
  startMeasured,
  startWithoutLaunches,
} from "./measured_cluster.ts";
import {
  type FormName,
  type ModeName,
  type ModeResult,
  type NextTries,
  type StepName,
  STEPS,
  type WithoutLaunches,
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

/** Milliseconds between jobs whose launch comes too late: slurmctld's looks come every 30 s, and are met at any time then. */
const APART = 3_000;

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

/** Runs jobs whose launch comes too late, as rendered: first EC2's throttle's fault, then that of its quota. */
export async function measureWithoutLaunches(
  version: SlurmVersion,
  rounds: number,
  say: (line: string) => void,
): Promise<WithoutLaunches> {
  const measured = await startWithoutLaunches(version, Math.min(rounds, 5));
  try {
    const jobs = await triedAgain(measured, APART);
    const log = await Deno.readTextFile(measured.cluster.log);
    for (const code of ["RequestLimitExceeded", "LaunchDeadline"]) {
      if (!log.includes(code)) throw new Error(`No launch was refused with ${code}:\n${log}`);
    }
    const { rig } = measured.cluster;
    const found = {
      throttle: await nextTries(rig, jobs.filter(({ kind }) => kind === "throttle")),
      deadline: await nextTries(rig, jobs.filter(({ kind }) => kind === "deadline")),
    };
    say(
      `${version} rendered: next try ${found.throttle.resumeProgram} s, ${found.deadline.resumeProgram} s`,
    );
    return found;
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

async function refusals(measured: MeasuredCluster): Promise<ModeResult["refused"]> {
  const jobs = await triedAgain(measured);
  const { rig } = measured.cluster;
  return {
    group: await nextTries(rig, jobs.filter(({ kind }) => kind === "group")),
    node: await nextTries(rig, jobs.filter(({ kind }) => kind === "node")),
  };
}

/** A refused job, and when its first next try may be scheduled, milliseconds since 1970 UTC, where that was looked for. */
type RefusedJob = Refused & { readonly job: string; eligible?: number | undefined };

/**
 * Jobs whose first nodes can't be had, each in a partition of its own; waits until all are tried again.
 * @param apart milliseconds between two of them; given, their next tries are refused at once, too, so that the time at which
 * one may be scheduled is looked for while it waits
 */
async function triedAgain(
  { cluster: { rig }, refused }: MeasuredCluster,
  apart?: number,
): Promise<RefusedJob[]> {
  const jobs: RefusedJob[] = [];
  const areTried = async () => {
    const times = apart === undefined ? new Map<string, number>() : await eligibleTimes(rig);
    // What was asked before the next try is of this one.
    const log = await slurmctldLog(rig);
    const waiting = jobs.filter((one) => nextTry(log, one) === undefined);
    for (const one of waiting) one.eligible = times.get(one.job);
    return waiting.length === 0;
  };
  for (const one of refused) {
    const size = `-N${one.nodes.length / 2}`;
    // deno-fmt-ignore
    const argv = ["sbatch", "--parsable", size, "-p", one.partition, "--output=/dev/null", "--wrap", "true"];
    const { code, stdout, stderr } = await rig.run(argv);
    if (code !== 0) throw new Error(`${argv.join(" ")}: ${stderr}`);
    jobs.push({ ...one, job: stdout.trim() });
    if (apart === undefined) continue;
    const next = Date.now() + apart;
    await rig.until("it is the next one's turn", LONGEST, async () => {
      await areTried();
      return Date.now() >= next;
    });
  }
  await rig.until("every refused job is tried again", LONGEST, areTried);
  return jobs;
}

async function nextTries(rig: Rig, jobs: readonly RefusedJob[]): Promise<NextTries> {
  const [log, times] = [await slurmctldLog(rig), await eligibleTimes(rig)];
  const found = jobs.map((one) => ({
    ...nextTry(log, one)!,
    eligible: one.eligible ?? times.get(one.job) ?? NaN,
  }));
  return {
    eligible: found.map((one) => seconds(one.eligible - one.requeued)),
    resumeProgram: found.map((one) => seconds(one.resumeProgram - one.requeued)),
  };
}

/** Of each job's latest try, by id; milliseconds since 1970 UTC. slurmctld keeps it when the job has begun. */
async function eligibleTimes(rig: Rig): Promise<ReadonlyMap<string, number>> {
  const { stdout } = await rig.run(["scontrol", "-o", "show", "job"]);
  return new Map(
    [...stdout.matchAll(/^JobId=(\d+) .* EligibleTime=(\S+)/gm)].map(([, job, time]) =>
      [job!, Date.parse(time!)] as const
    ),
  );
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
