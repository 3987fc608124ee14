import type { SlurmVersion } from "../../e2e/rig.ts";
import { randomFrom } from "../../lib/slurm_conf/fuzz.ts";
import {
  faultsIn,
  type Moment,
  neverLaunched,
  type Problem,
  problemsAtRest,
  problemsAtWork,
  unfinishedJobs,
} from "./judge.ts";
import { cause, startSlurmctld, type Undo, undoPersons } from "./mishaps.ts";
import { type MishapKind, planMishaps } from "./plan.ts";
import { differences, type HistoryRecord } from "./record.ts";
import {
  type ChaosSite,
  INSTANCE_TYPES,
  look,
  markedJobs,
  NODES,
  openChaosSite,
  POOLS,
  submitJob,
} from "./site.ts";

/** A run of the soak; times in seconds. */
export interface ChaosRun {
  readonly version: SlurmVersion;
  readonly seed: number;
  /** For how long mishaps happen. */
  readonly chaos: number;
  /** Of those planned, mishaps that happen even where a slow machine takes longer for them; none unless given. */
  readonly least?: number;
  /** For how long it may take until all has come to rest. */
  readonly settle: number;
  /** Between two calls of the timer. */
  readonly timer: number;
  /** The built file; of this checkout unless given. */
  readonly file?: string;
  /** Where logs and events go to when there are problems; nowhere unless given. */
  readonly keep?: string;
  readonly say?: (line: string) => void;
}

/** What came of a run. */
export interface ChaosReport {
  readonly problems: readonly Problem[];
  readonly mishaps: Readonly<Partial<Record<MishapKind, number>>>;
  readonly jobs: number;
  /** Times that a job was begun again. */
  readonly restarts: number;
  readonly instances: number;
  /** Calls of EC2 and SSM by action. */
  readonly calls: Readonly<Record<string, number>>;
  /** How long it took until all had come to rest. */
  readonly settledSeconds: number;
  /** Ends of all logs where there are problems. */
  readonly logs?: string;
}

/** Lets a cluster work among mishaps, ends them, and says what has not come right. */
export async function runChaos(run: ChaosRun): Promise<ChaosReport> {
  const site = await openChaosSite(run.version, run.file);
  const chores = new AbortController();
  try {
    const timer = everySecond(run.timer, chores.signal, () => callTimer(site));
    const jobs = new AbortController();
    const submitting = submitJobs(site, run, jobs.signal);
    const mishaps = await causeMishaps(site, run);
    jobs.abort();
    await submitting;
    const began = Date.now();
    const problems = await settle(site, run);
    const settledSeconds = Math.round((Date.now() - began) / 1_000);
    chores.abort();
    await timer;
    const records = problems.length > 0 ? [] : await compare(site, mishaps);
    const done = await report(site, { problems: [...problems, ...records], mishaps, settledSeconds });
    if (run.keep !== undefined && done.problems.length > 0) await keepLogs(site, run.keep);
    return done;
  } finally {
    chores.abort();
    await site.cluster.close();
  }
}

async function report(
  site: ChaosSite,
  { problems, ...rest }: Pick<ChaosReport, "problems" | "mishaps" | "settledSeconds">,
): Promise<ChaosReport> {
  const { cluster } = site;
  const { jobs = [] } = await look(site) ?? {};
  const all = [...problems, ...faultsIn(await Deno.readTextFile(cluster.log))];
  return {
    problems: all,
    ...rest,
    jobs: jobs.length,
    restarts: jobs.reduce((sum, { restarts }) => sum + restarts, 0),
    instances: (await cluster.instances()).length,
    calls: await cluster.calls(),
    ...(all.length > 0 && { logs: cluster.rig.logTails() }),
  };
}

/** Logs of slurmctld, the hooks and the nodes, and what the controller remembers. */
async function keepLogs({ cluster: { rig, site, command }, run }: ChaosSite, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  await run("cp", "-r", `${rig.logDir}/.`, `${site}/state/events.jsonl`, `${site}/state/state.db`, to);
  await Deno.writeTextFile(`${to}/status.json`, (await command("status", "--json")).stdout);
  await Deno.writeTextFile(`${to}/reconcile.json`, (await command("reconcile", "--json")).stdout);
}

/** What the timer's unit does: nothing waits for it. */
function callTimer({ cluster: { rig, site } }: ChaosSite): Promise<void> {
  const script = '"$1" --timer </dev/null >/dev/null 2>&1 &';
  return rig.run(["setsid", "sh", "-c", script, "sh", `${site}/bin/supervisor`], { user: "slurm" })
    .then(() => {});
}

/**
 * Mishaps by which a worker ends without a note of its calls, another process calls AWS, or the client repeats a call that
 * got no answer.
 */
const LOSSES: readonly MishapKind[] = ["kill-worker", "kill-hooks", "lose-answers", "reconcile"];
/** USD/h of every instance: high enough that half a minute is some cents. */
const PRICE = 10;

/** Where the run's own history says something else than the simulator, once nothing of the run goes on. */
async function compare(site: ChaosSite, mishaps: ChaosReport["mishaps"]): Promise<Problem[]> {
  const { cluster } = site;
  await workersEnd(site);
  const [calls, refusals, instances] = [
    await cluster.calls(),
    await cluster.refusals(),
    await cluster.instances(),
  ];
  const prices = `${cluster.site}/etc/prices.yaml`;
  await Deno.writeTextFile(
    prices,
    INSTANCE_TYPES.map((type) => `${type}: { on-demand: ${PRICE}, spot: ${PRICE} }\n`).join(""),
  );
  const said = async (...argv: readonly string[]) => {
    const { code, stdout, stderr } = await cluster.command(...argv, "--json", "--prices", prices);
    if (code !== 0) throw new Error(`slurm-ec2 ${argv.join(" ")}: ${stderr}`);
    return JSON.parse(stdout);
  };
  const history = { report: await said("report"), cost: await said("cost", "--by", "type") } as HistoryRecord;
  const happened = (kind: MishapKind) => (mishaps[kind] ?? 0) > 0;
  const rules = { losses: LOSSES.some(happened), fullDisk: happened("fill-disk"), price: PRICE };
  return differences({ instances, calls, refusals }, history, rules);
}

/** Waits until no process of the product runs: what it has called is in its history then. */
async function workersEnd({ cluster: { site }, run }: ChaosSite): Promise<void> {
  for (;;) {
    const { ok, text } = await run("ps", "-eo", "args=");
    const isOurs = (line: string) =>
      line.includes(`${site}/bin/`) || line.includes(`--queue ${site}/state/queue`);
    if (ok && !text.split("\n").some(isOurs)) return;
    await pause(500);
  }
}

async function everySecond(seconds: number, signal: AbortSignal, act: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    await act();
    await pause(seconds * 1_000, signal);
  }
}

/** Waits for milliseconds, or until the signal. */
function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timeout);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timeout = setTimeout(done, milliseconds);
    signal?.addEventListener("abort", done);
  });
}

/** Jobs of one node, of two, and arrays, some seconds each. */
async function submitJobs(site: ChaosSite, { seed }: ChaosRun, signal: AbortSignal): Promise<void> {
  const random = randomFrom(seed + 1);
  while (!signal.aborted) {
    const kind = random();
    const shape = kind < 0.6
      ? ["--exclusive", "-N1"]
      : kind < 0.85
      ? ["--exclusive", "-N2"]
      : ["-N1", "-c2", "--array=0-2"];
    await submitJob(site, 1 + Math.floor(random() * 6), ...shape);
    await pause(2_000 + random() * 4_000, signal);
  }
}

async function causeMishaps(
  site: ChaosSite,
  { seed, chaos, least = 0, say }: ChaosRun,
): Promise<ChaosReport["mishaps"]> {
  const began = Date.now();
  const elapsed = () => (Date.now() - began) / 1_000;
  const counts: Partial<Record<MishapKind, number>> = {};
  /** What lasts, by kind: one of a kind at a time. */
  const open = new Map<MishapKind, { readonly until: number; readonly undo: Undo }>();
  const undoDue = async (now: number) => {
    for (const [kind, { until, undo }] of [...open]) {
      if (until > now) continue;
      open.delete(kind);
      await undo();
    }
  };
  for (const mishap of planMishaps(randomFrom(seed), chaos)) {
    do {
      await undoDue(elapsed());
      await pause(100);
    } while (elapsed() < mishap.at);
    const happened = Object.values(counts).reduce((sum, count) => sum + count, 0);
    if (elapsed() > chaos && happened >= least) break;
    if (open.has(mishap.kind)) continue;
    say?.(`${elapsed().toFixed(1).padStart(6)} ${mishap.kind}`);
    const undo = await cause(site, mishap);
    counts[mishap.kind] = (counts[mishap.kind] ?? 0) + 1;
    if (undo) open.set(mishap.kind, { until: elapsed() + mishap.seconds, undo });
    if (mishap.rolls[1] < 0.2) await undoPersons(site);
  }
  await undoDue(Infinity);
  return counts;
}

/** Ends all that was caused, and waits until jobs have run, every node works, and all is powered down. */
async function settle(site: ChaosSite, { settle: limit, say }: ChaosRun): Promise<readonly Problem[]> {
  const { cluster } = site;
  const deadline = Date.now() + limit * 1_000;
  await cluster.tell("faults", []);
  await cluster.tell("capacity", Object.fromEntries(POOLS.map((pool) => [pool, null])));
  await cluster.tell("settings", { credentials: "valid", invisibleMs: 0, latencyMs: 0 });
  if (!await site.scontrol("ping")) await startSlurmctld(site);

  /** When a job was first seen to run without having begun. */
  const lostSince = new Map<string, number>();
  const none = async (what: string, judge: (moment: Moment) => Problem[]): Promise<Problem[]> => {
    let problems: Problem[] = [{ kind: "node", text: `slurmctld did not answer: ${what}` }];
    while (Date.now() < deadline) {
      const moment = await look(site);
      problems = moment === undefined ? problems : judge(moment);
      if (moment !== undefined && problems.length === 0) break;
      await undoPersons(site);
      await startAtOnce(site, moment);
      if (moment !== undefined) await requeueLost(site, moment, lostSince);
      await pause(1_000);
    }
    say?.(`${what}: ${problems.length === 0 ? "yes" : problems.map(({ text }) => text).join("; ")}`);
    return problems;
  };
  const jobs = await none("all jobs have run", unfinishedJobs);
  if (jobs.length > 0) return [...jobs, ...await atRest(site)];
  await submitJob(site, 8, "--exclusive", `-N${NODES.length}`);
  // Between two answers the job may end: both are asked for until they are of the same moment.
  const work = await none("every node works, with one instance", (moment) => {
    const job = moment.jobs.at(-1)!;
    const isOver = job.state === "COMPLETED";
    if (job.state === "RUNNING") return problemsAtWork(moment);
    return [{ kind: "node", text: isOver ? "the last job was not seen" : `the last job is ${job.state}` }];
  });
  if (work.length > 0) return [...work, ...await atRest(site)];
  return [
    ...await none("the last job has run", unfinishedJobs),
    ...await none("all is at rest", problemsAtRest),
  ];
}

/** What is wrong at the end of a run that has not settled, as far as it can be said. */
async function atRest(site: ChaosSite): Promise<Problem[]> {
  const moment = await look(site);
  return moment === undefined ? [] : problemsAtRest(moment);
}

/** slurmctld lets a requeued job wait for two minutes, which a person can take back; and a person releases what is held. */
async function startAtOnce({ scontrol }: ChaosSite, moment: Moment | undefined): Promise<void> {
  for (const { id, state, reason } of moment?.jobs ?? []) {
    if (state === "PENDING" && reason === "BeginTime") {
      await scontrol("update", `JobId=${id}`, "StartTime=now");
    }
  }
}

/** Milliseconds after which a job that runs without having begun is lost: BatchStartTimeout of these clusters. */
const LOST = 60_000;

async function requeueLost(site: ChaosSite, moment: Moment, since: Map<string, number>): Promise<void> {
  const lost = new Set(neverLaunched(moment, markedJobs(site, "start")));
  for (const id of since.keys()) if (!lost.has(id)) since.delete(id);
  for (const id of lost) {
    if (!since.has(id)) since.set(id, Date.now());
    if (Date.now() - since.get(id)! > LOST) await site.scontrol("requeue", id);
  }
}
