import { errorText } from "../../lib/base/error_text.ts";
import type { Log } from "../../lib/base/log.ts";
import type { Config } from "../../lib/config/model.ts";
import type { Fact } from "../../lib/controller/fact.ts";
import { runLoop } from "../../lib/controller_run/loop.ts";
import type { LoopEnd } from "../../lib/controller_run/loop_goal.ts";
import { requestFact } from "../../lib/controller_run/request_queue.ts";
import { beat } from "../../lib/store/heartbeat.ts";
import { WORKER_LOCK } from "../../lib/store/lock.ts";
import { waitForOldHooks } from "../../lib/store/legacy.ts";
import { retention } from "../../lib/store/history.ts";
import { StateRefusedError } from "../../lib/store/open.ts";
import { Queue } from "../../lib/store/queue.ts";
import { newRequestName, REQUEST_KINDS } from "../../lib/store/request_file.ts";
import { renewTimerStamp, timerAge } from "../../lib/store/timer_stamp.ts";
import { CommandError, CONFIG_FLAG, defineCommand, UsageError } from "../base/command.ts";
import { ExitCode } from "../base/exit_code.ts";
import type { Flag, Flags } from "../base/flag.ts";
import type { Host, LoadedConfig } from "../base/host.ts";
import { loadConfigFile } from "../base/load_config.ts";
import { type Charge, chargeQuestion } from "./charge.ts";
import { ConfigWatch } from "./config_watch.ts";
import { type Controller, openController } from "./controller.ts";
import { finishHandBack, handBack } from "./hand_back.ts";
import { giveBackRefused, giveBackUnserved } from "./give_back_unserved.ts";
import { logSettled } from "./hook_report.ts";
import { namesOf } from "./hostlist_argument.ts";
import { HOOK_PERMISSIONS } from "./hook_parts.ts";
import { readSlurmSettings, type SlurmSettings } from "./slurm_settings.ts";
import { busy, hasOtherProgram, lockKeeper, lockOf } from "./worker_lock.ts";

/** Milliseconds that a worker with nothing to do stays for the next hook: a warm one answers in a tenth of the time. */
const IDLE = 60_000;

const FLAGS = [
  CONFIG_FLAG,
  { name: "queue", value: "DIR", summary: "Where the hook puts its requests (else queue/ in stateDir)" },
  { name: "uptime", value: "SECONDS", summary: "The machine's uptime now, as /proc/uptime says it" },
  {
    name: "boot-id",
    value: "ID",
    summary: "Which start of the machine that counts from (/proc/sys/kernel/random/boot_id)",
  },
  { name: "timer", summary: "Begun by the timer: look at all nodes and instances once" },
  {
    name: "hand-back",
    summary:
      "Settle what is open and leave the rest to a release without a worker, as install --rollback does",
  },
  { name: "distrust-state", summary: "The stored state may be old: list EC2 before anything is launched" },
  { name: "program", value: "ID", summary: "What is running, to end when another release is installed" },
  {
    name: "request",
    value: "KIND",
    values: REQUEST_KINDS,
    summary: "Serve this, where the queue can't be written",
  },
  {
    name: "nodes",
    value: "HOSTLIST",
    summary: "The nodes of --request; its resume file is standard input",
  },
] as const satisfies readonly Flag[];
type Given = Flags<typeof FLAGS>;

/** `slurm-ec2 worker`: the one process a cluster that serves what the hooks ask for. */
export const worker = defineCommand({
  name: "worker",
  summary:
    "Serve what the hooks have asked for, until nothing is left to do (started by the hooks and the timer).",
  flags: FLAGS,
  examples: [{ command: "slurm-ec2 worker", says: "What the hooks start; it ends by itself" }],
  notes:
    "For a look at what it does: slurm-ec2 status. To run it manually: resume, stop, resume-fail or reconcile.",
  exits: {
    [ExitCode.Done]: "everything is as Slurm wants it",
    [ExitCode.Partly]: "ended before that: start it again",
    [ExitCode.NotKept]: "everything is as Slurm wants it, but the state could not be written",
  },
  permissions: HOOK_PERMISSIONS,
  async run(host, flags) {
    const loaded = await configOf(host, flags);
    const { config } = loaded;
    const log = await host.connect.log(config);
    const { write, close } = host.connect.events(config, (message) => log.warn(message));
    try {
      const watch = new ConfigWatch(host.files, loaded, log);
      return await serve({ host, flags, config, log, events: write, watch });
    } catch (error) {
      log.error(`worker failed: ${errorText(error)}`);
      if (!(error instanceof StateRefusedError)) throw error;
      const nodes = askedNodes(flags);
      if (nodes.length > 0) await giveBackRefused(host, nodes, config, error);
      throw new CommandError(error.message);
    } finally {
      await close();
      log.close();
    }
  },
});

interface Work {
  readonly host: Host;
  readonly flags: Given;
  readonly config: Config;
  readonly log: Log;
  readonly events: Parameters<typeof openController>[0]["events"];
  readonly watch: ConfigWatch;
}

async function serve({ host, flags, config, log, events, watch }: Work): Promise<ExitCode> {
  const stateDir = stateDirOf(flags, config, log);
  const machine = machineOf(flags);
  const request = flags.get("request");
  const lock = await lockOf(host, stateDir, log, request !== undefined);
  if (lock === "busy") return busy(host, stateDir, machine?.bootId);
  try {
    if (lock !== undefined) {
      await waitForOldHooks(stateDir, {
        sleep: host.sleep,
        say: (text) => log.warn(text),
      });
    }
    const scontrol = await host.connect.scontrol(config);
    const configNow = () => watch.config;
    const asked: { charge?: Charge | undefined } = {};
    const site = {
      ...{ host, config, configNow, stateDir, log, events, scontrol },
      scontrolNow: () => asked.charge?.scontrol() ?? scontrol,
      ...(machine && { machine }),
    };
    const [controller, slurm] = await Promise.all([
      openController(site),
      readSlurmSettings(scontrol, config, log).catch((error) => unusable(error, log)),
    ]);
    const charge = asked.charge = await chargeQuestion(site, slurm.settings);
    const facts = await factsOf({ host, flags, log, slurm }, controller);
    if (flags.has("hand-back")) {
      const handing = { host, config, stateDir, log, scontrol: site.scontrolNow(), facts, why: charge?.why };
      try {
        await handBack(controller, handing);
      } finally {
        controller.store.close();
      }
      await finishHandBack(handing);
      return ExitCode.Done;
    }
    try {
      // On a host that stands by the timer has nothing to do, and nothing to say each minute.
      if (flags.has("timer") && controller.queue.isEmpty() && await charge?.why() !== undefined) {
        return ExitCode.Done;
      }
      return await run(controller, { host, flags, stateDir, log, facts, charge, watch });
    } finally {
      controller.store.close();
    }
  } finally {
    lock?.[Symbol.dispose]();
  }
}

interface Run {
  readonly host: Host;
  readonly flags: Given;
  readonly stateDir: string;
  readonly log: Log;
  readonly facts: readonly Fact[];
  readonly charge: Charge | undefined;
  readonly watch: ConfigWatch;
}

async function run(
  controller: Controller,
  { host, flags, stateDir, log, facts, charge, watch }: Run,
): Promise<ExitCode> {
  const { ports, store, clock } = controller;
  const holdsLock = lockKeeper(`${stateDir}/${WORKER_LOCK}`);
  const isOutdated = () => hasOtherProgram(host, stateDir, flags.get("program"));
  const end = await runLoop({
    ...ports,
    beat: () => {
      const uptime = clock.uptime();
      if (flags.has("timer")) renewTimerStamp(stateDir, clock);
      beat(stateDir, {
        pid: Deno.pid,
        uptime: uptime === undefined ? undefined : uptime / 1000,
        bootId: clock.bootId,
        wall: host.now(),
        kept: store.kept,
      });
    },
    holdsLock,
    timerAge: () => timerAge(stateDir, clock),
    isOutdated,
    reconfigured: () => watch.changed(),
    isKept: () => store.kept,
    settled: (settled) => logSettled(log, settled, store.load()),
    ...(charge && { whyNotInCharge: charge.why }),
    // The timer comes again in a minute.
  }, { idle: flags.has("timer") ? 0 : IDLE, facts });
  if (end !== "state-moved") store.noteRest();
  while (store.prune(retention(host.now(), watch.config.history)) > 0) { /* a part at a time */ }
  return exitOf(end, store.kept);
}

/** What a worker begins with. */
async function factsOf(
  { host, flags, log, slurm }: Pick<Work, "host" | "flags" | "log"> & { readonly slurm: SlurmSettings },
  controller: Controller,
): Promise<Fact[]> {
  return [
    ...(flags.has("distrust-state") || flags.has("hand-back") ? [{ kind: "out-of-date" } as const] : []),
    ...(slurm.timeouts === undefined ? [] : [{ kind: "timeouts", timeouts: slurm.timeouts } as const]),
    ...await requestOfFlags(host, flags, controller, log),
  ];
}

/** Without scontrol nothing can be reported, but instances are ended all the same: they cost money. */
function unusable(error: unknown, log: Log): SlurmSettings {
  log.error(errorText(error));
  return { settings: undefined, timeouts: undefined };
}

function exitOf(end: LoopEnd, isKept: boolean): ExitCode {
  if (end === "state-moved" || end === "reconfigured") return ExitCode.Partly;
  return isKept ? ExitCode.Done : ExitCode.NotKept;
}

/** A bad configuration names no node, and yet slurmctld waits for those that were asked for. */
async function configOf(host: Host, flags: Given): Promise<LoadedConfig> {
  try {
    return loadConfigFile(host, flags);
  } catch (error) {
    const nodes = askedNodes(flags);
    if (nodes.length > 0) await giveBackUnserved(host, nodes, error);
    throw error;
  }
}

/** The nodes that resume has asked for, and which nobody serves. */
function askedNodes(flags: Given): string[] {
  return flags.get("request") === "resume" ? namesOf(flags.get("nodes") ?? "") : queuedNodes(flags);
}

function queuedNodes(flags: Given): string[] {
  const dir = flags.get("queue")?.replace(/\/queue\/*$/, "");
  if (dir === undefined) return [];
  const { requests } = new Queue(dir).take();
  return requests.filter(({ kind }) => kind === "resume").flatMap(({ hostlist }) => {
    try {
      return namesOf(hostlist);
    } catch {
      // It names no node that could be given back.
      return [];
    }
  });
}

/** The hook's queue is served, also where the configuration says another place: what was asked for lies there. */
function stateDirOf(flags: Given, config: Config, log: Log): string {
  const stateDir = flags.get("queue")?.replace(/\/queue\/*$/, "") ?? config.stateDir;
  if (stateDir !== config.stateDir) {
    log.warn(
      `The hooks use ${stateDir}, the configuration says stateDir: ${config.stateDir}; run slurm-ec2 install again`,
    );
  }
  return stateDir;
}

function machineOf(flags: Given): { readonly uptime: number; readonly bootId: string } | undefined {
  const [uptime, bootId] = [Number(flags.get("uptime") ?? NaN), flags.get("boot-id")];
  return Number.isFinite(uptime) && bootId !== undefined ? { uptime, bootId } : undefined;
}

/** The request of a hook that could not write it down. */
async function requestOfFlags(host: Host, flags: Given, { clock }: Controller, log: Log): Promise<Fact[]> {
  const kind = REQUEST_KINDS.find((known) => known === flags.get("request"));
  if (kind === undefined) return [];
  const hostlist = flags.get("nodes");
  if (hostlist === undefined) throw new UsageError("Flag --request needs --nodes HOSTLIST");
  const resumeFile = new TextDecoder().decode(await host.readStdin());
  const request = {
    id: newRequestName(kind),
    kind,
    uptime: undefined,
    bootId: undefined,
    hostlist,
    resumeFile: resumeFile.trim() === "" ? undefined : resumeFile,
  };
  return [requestFact(request, clock, (sentence) => log.warn(sentence))];
}
