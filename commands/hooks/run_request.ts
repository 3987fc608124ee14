import type { CallCounts } from "../../lib/aws/call_counter.ts";
import { errorText } from "../../lib/base/error_text.ts";
import { deadlines } from "../../lib/cluster/deadlines.ts";
import { DEFAULT_TIMEOUTS } from "../../lib/cluster/slurm_timeouts.ts";
import type { Config } from "../../lib/config/model.ts";
import type { Fact } from "../../lib/controller/fact.ts";
import type { RequestKind, RequestRecord } from "../../lib/controller/state.ts";
import { runLoop } from "../../lib/controller_run/loop.ts";
import { isFollowedUp } from "../../lib/controller_run/one_shot.ts";
import { requestFact } from "../../lib/controller_run/request_queue.ts";
import { foldHostlist } from "../../lib/slurm/hostlist.ts";
import { waitForOldHooks } from "../../lib/store/legacy.ts";
import type { HeldLock } from "../../lib/store/lock.ts";
import { StateRefusedError } from "../../lib/store/open.ts";
import { Queue } from "../../lib/store/queue.ts";
import { newRequestName, type QueuedRequest } from "../../lib/store/request_file.ts";
import { CommandError } from "../base/command.ts";
import type { ExitCode } from "../base/exit_code.ts";
import type { Host } from "../base/host.ts";
import { loadConfig } from "../base/load_config.ts";
import { type Charge, chargeQuestion, refuseUnlessInCharge } from "./charge.ts";
import { type ControllerSite, openController } from "./controller.ts";
import { followRequest } from "./follow.ts";
import { giveBackRefused, giveBackUnserved } from "./give_back_unserved.ts";
import { type HookVerdict, logSettled, reportHook } from "./hook_report.ts";
import type { HookFlags } from "./hook_parts.ts";
import { hostlistArgument } from "./hostlist_argument.ts";
import { showPlan } from "./show_plan.ts";
import { readSlurmSettings, type SlurmSettings } from "./slurm_settings.ts";

/** What a request has besides its nodes. */
export interface RequestOptions {
  /** Text of slurmctld's SLURM_RESUME_FILE. */
  readonly resumeFile?: string | undefined;
  /** Why that text is of no use. */
  readonly warning?: string;
  /** Called before anything is changed; throws where a person does not agree. */
  readonly confirm?: (site: ControllerSite, nodes: readonly string[]) => Promise<void>;
}

/**
 * Serves one request manually: it is put into the queue; where no worker lives, this process is the worker until the
 * request is settled, and else it follows what the worker does. Results go to the log and to standard output, and
 * the exit status says whether every node got what was asked for.
 */
export async function runRequest(
  host: Host,
  flags: HookFlags,
  kind: RequestKind,
  { resumeFile, warning, confirm }: RequestOptions = {},
): Promise<ExitCode> {
  const started = host.now();
  const nodes = hostlistArgument(flags, kind);
  const config = await configOf(host, flags, kind, nodes);
  const log = await host.connect.log(config);
  const { write: events, close } = host.connect.events(config, (message) => log.warn(message));
  try {
    if (warning !== undefined) log.warn(warning);
    const scontrol = await host.connect.scontrol(config);
    const site = { host, config, stateDir: config.stateDir, log, events, scontrol };
    if (flags.has("dry-run")) return await showPlan(host, flags, site, { kind, nodes, resumeFile });
    await confirm?.(site, nodes);
    // What a person takes to answer is not the request's.
    const begun = confirm === undefined ? started : host.now();
    const served = await serve(site, kind, nodes, resumeFile, begun);
    const result = resultOf(served, nodes, config);
    return await reportHook({ host, flags, name: kind, log }, result, served.counts, host.now() - started);
  } catch (error) {
    log.error(`${kind} failed: ${errorText(error)}`);
    if (!(error instanceof StateRefusedError)) throw error;
    if (kind === "resume") await giveBackRefused(host, nodes, config, error);
    throw new CommandError(error.message);
  } finally {
    await close();
    log.close();
  }
}

/** What came of a request. */
interface Served {
  readonly request: RequestRecord | undefined;
  readonly counts: CallCounts;
  /** What was refused on the way. */
  readonly refusals: readonly string[];
  /** Seconds that it was waited for. */
  readonly waited: number;
}

async function configOf(
  host: Host,
  flags: HookFlags,
  kind: RequestKind,
  nodes: readonly string[],
): Promise<Config> {
  try {
    return loadConfig(host, flags);
  } catch (error) {
    if (kind === "resume") await giveBackUnserved(host, nodes, error);
    throw error;
  }
}

async function serve(
  site: ControllerSite,
  kind: RequestKind,
  nodes: readonly string[],
  resumeFile: string | undefined,
  started: number,
): Promise<Served> {
  const { host, config, log, scontrol, stateDir } = site;
  const slurm = await slurmOf(kind, () => readSlurmSettings(scontrol, config, log));
  const charge = await chargeQuestion(site, slurm.settings);
  await refuseUnlessInCharge(charge);
  const limit = deadlines(slurm.timeouts ?? DEFAULT_TIMEOUTS, config.limits.expectedBootSeconds).verdict;
  const until = started + limit * 1000;
  const request = {
    kind,
    uptime: undefined,
    bootId: undefined,
    hostlist: foldHostlist(nodes),
    resumeFile,
  };
  const id = enqueue(site, request);
  if (id === undefined) {
    return await beWorker(site, slurm, {
      until,
      request: { ...request, id: newRequestName(kind) },
      isQueued: false,
      charge,
    });
  }
  const followed = await followRequest(host, { stateDir, cluster: config.cluster, id, until });
  if (followed.kind === "lock") {
    return await beWorker(site, slurm, {
      until,
      request: { ...request, id },
      isQueued: true,
      lock: followed.lock,
      charge,
    });
  }
  return { request: followed.request, counts: {}, refusals: [], waited: limit };
}

/** Without scontrol no node could be given a verdict, so nothing is launched; instances are ended all the same. */
async function slurmOf(kind: RequestKind, read: () => Promise<SlurmSettings>): Promise<SlurmSettings> {
  try {
    return await read();
  } catch (error) {
    if (kind === "resume") throw error;
    return { settings: undefined, timeouts: undefined };
  }
}

/** Undefined where nothing can be written: the request is served from memory then. */
function enqueue(
  { stateDir, config, log }: ControllerSite,
  request: Omit<QueuedRequest, "id"> & { readonly kind: RequestKind },
): string | undefined {
  const queue = new Queue(stateDir);
  try {
    const id = queue.add(request);
    refuseRoot(queue, stateDir, id, config);
    return id;
  } catch (error) {
    if (error instanceof CommandError) throw error;
    log.warn(`Can't write to ${stateDir}/queue, going on in memory: ${errorText(error)}`);
    return undefined;
  }
}

/**
 * Files that root makes in SlurmUser's directory are not SlurmUser's: its hooks could not write them any more.
 * @throws {CommandError} with the command to type instead
 */
function refuseRoot(queue: Queue, stateDir: string, id: string, { slurm }: Config): void {
  const [own, directory] = [`${stateDir}/queue/${id}`, stateDir].map((path) => Deno.lstatSync(path).uid);
  if (own !== 0 || directory === 0) return;
  queue.forget([id]);
  throw new CommandError(
    `${stateDir} is ${slurm.user}'s, and files that root makes there would stop the hooks: ` +
      `setpriv --reuid=${slurm.user} --regid=$(id -g ${slurm.user}) --init-groups slurm-ec2 …`,
  );
}

interface Task {
  /** {@link Host.now} until which the request is waited for. */
  readonly until: number;
  readonly request: QueuedRequest & { readonly kind: RequestKind };
  readonly isQueued: boolean;
  readonly lock?: HeldLock;
  readonly charge: Charge | undefined;
}

/** Is the worker until the request is settled, and what follows from it. */
async function beWorker(site: ControllerSite, slurm: SlurmSettings, task: Task): Promise<Served> {
  using _lock = task.lock;
  const { host, log } = site;
  const started = host.now();
  if (task.lock !== undefined) {
    await waitForOldHooks(site.stateDir, { sleep: host.sleep, say: (text) => log.warn(text) });
  }
  const { ports, store, clock, counts } = await openController({
    ...site,
    scontrolNow: () => task.charge?.scontrol() ?? site.scontrol,
  });
  const refusals = new Set<string>();
  const { id } = task.request;
  try {
    const facts: Fact[] = slurm.timeouts === undefined
      ? []
      : [{ kind: "timeouts", timeouts: slurm.timeouts }];
    if (!task.isQueued) facts.push(requestFact(task.request, clock, (sentence) => log.warn(sentence)));
    let state = store.load();
    const { charge } = task;
    const end = await runLoop({
      ...ports,
      ...(charge && { whyNotInCharge: async () => said(await charge.why(), refusals) }),
      refused: (message) => void refusals.add(message),
      settled: (request) => logSettled(log, request, state),
    }, {
      facts,
      limit: Math.max(0, task.until - host.now()),
      reached(result) {
        state = result.state;
        return isFollowedUp(result, id, clock.now().clock);
      },
    });
    if (end !== "state-moved") store.noteRest();
    const waited = (task.until - started) / 1000;
    return { request: state.requests.get(id), counts, refusals: [...refusals], waited };
  } finally {
    store.close();
  }
}

/** Why nothing is done is what a person reads, too. */
function said(why: string | undefined, refusals: Set<string>): string | undefined {
  if (why !== undefined) refusals.add(`Nothing is changed from here: ${why}`);
  return why;
}

/** A verdict for every node, as it is printed. */
function resultOf({ request, refusals, waited }: Served, nodes: readonly string[], { stateDir }: Config) {
  const found = new Map<string, HookVerdict>();
  const reason = `not settled within ${waited.toFixed(0)} s: slurm-ec2 status shows what goes on`;
  for (const node of nodes) found.set(node, request?.outcomes[node] ?? { kind: "unsettled", reason });
  const troubles = request?.settledAt === undefined ? [...refusals] : [];
  const failed = Map.groupBy(found, ([, { kind, reason }]) => kind === "failed" ? reason : undefined);
  for (const [why, entries] of failed) {
    if (why === undefined) continue;
    troubles.push(
      `Nodes ${foldHostlist(entries.map(([node]) => node))} may still have running instances: ${why}`,
    );
  }
  if (request === undefined) troubles.push(`No worker has taken the request from ${stateDir}/queue`);
  return { nodes: found, troubles };
}
