import type { SlurmSettings } from "../config/model.ts";
import { chunk } from "../base/chunk.ts";
import { foldHostlist } from "./hostlist.ts";
import { limitedOutput } from "./limited_output.ts";
import { parseJobs } from "./job_view.ts";
import { compareNodeNames } from "./node_name_order.ts";
import { parseNodeStates, parseShowConfig, parseShowPartitions } from "./node_state.ts";
import { type NodeAddress, type ScontrolApi, ScontrolError } from "./scontrol_api.ts";

/** Names in one update of addresses, each with values of its own: more make long command lines. */
const NAMES_PER_UPDATE = 100;
/** Characters of one hostlist: well below Linux's 128 KB for one argument (MAX_ARG_STRLEN). */
const HOSTLIST_MAX = 60_000;
/** Names in one `show`: some 30 KB, well below Linux's 128 KB for one argument (MAX_ARG_STRLEN). */
const NAMES_PER_SHOW = 1000;
/** Milliseconds; a loaded slurmctld with 10,000 nodes takes many seconds, one that is down costs scontrol's retries. */
const TIME_LIMIT = 30_000;
/** Characters of a command, and of scontrol's answer, that an error repeats. */
const QUOTED_LENGTH = 300;
/**
 * The first version seen to give each node its own instance id and type. 24.11 writes the whole list to every
 * node and 22.05 knows neither; there, `slurmd --instance-id --instance-type` tells them (from 23.11).
 */
const PAIRS_INSTANCES = "26.05";

/** How {@link scontrolProcess} runs scontrol, where the defaults don't fit. */
export interface ScontrolOptions {
  /**
   * Path of slurm.conf; by default SLURM_CONF of this process, or else slurm.conf in `confDir`. Empty: scontrol looks for
   * it by itself, as on a machine that gets its configuration from slurmctld.
   */
  readonly slurmConf?: string;
  /** Milliseconds that one call may take (30,000). */
  readonly timeLimit?: number;
}

/**
 * Talks to slurmctld through the `scontrol` of `binDir`: never a shell, nothing of our environment but SLURM_CONF.
 * Several calls run one after another, for slurmctld is one. A refused update may have reached some of its nodes.
 *
 * Its methods throw ScontrolError, TypeError for values that could not arrive as one, and SyntaxError for
 * answers that make no sense.
 */
export function scontrolProcess(settings: SlurmSettings, options: ScontrolOptions = {}): ScontrolApi {
  const { slurmConf = environmentSlurmConf() ?? `${settings.confDir}/slurm.conf`, timeLimit = TIME_LIMIT } =
    options;
  const program = `${settings.binDir}/scontrol`;
  const run = (args: readonly string[]) => runScontrol(program, args, { slurmConf, timeLimit });
  const scontrol = async (...args: string[]) => {
    const answer = await run(args);
    if (answer.success) return answer.stdout;
    throw isUp(await run(["ping"])) ? refusedError(args, answer) : unreachableError(answer, slurmConf);
  };
  const updateNodes = (hostlist: string, values: Readonly<Record<string, string>>) =>
    scontrol(
      "update",
      `NodeName=${hostlist}`,
      ...Object.entries(values).map(([key, value]) => `${key}=${value}`),
    );
  const pairsInstances = (settings.version ?? "") >= PAIRS_INSTANCES;

  return {
    async updateAddresses(addresses) {
      const sorted = addresses.toSorted((a, b) => compareNodeNames(a.nodeName, b.nodeName));
      for (const some of chunk(sorted, NAMES_PER_UPDATE)) {
        await updateNodes(
          foldHostlist(some.map(({ nodeName }) => nodeName)),
          addressValues(some, pairsInstances),
        );
      }
    },
    async updateState(nodes, state, reason, resumeAfter) {
      const values = {
        State: state,
        ...(reason !== undefined && { Reason: oneLine(reason, "Reason") }),
        ...(resumeAfter !== undefined && { ResumeAfter: String(resumeAfter) }),
      };
      for (const hostlist of hostlistsOf(nodes)) await updateNodes(hostlist, values);
    },
    async showNodes(nodes) {
      if (nodes === undefined) return parseNodeStates(await scontrol("show", "nodes", "-o"));
      const states = [];
      for (const some of chunk(nodes, NAMES_PER_SHOW)) {
        states.push(...parseNodeStates(await scontrol("show", "nodes", "-o", foldHostlist(some))));
      }
      return states;
    },
    async showConfig() {
      return parseShowConfig(await scontrol("show", "config"));
    },
    async showPartitions() {
      return parseShowPartitions(await scontrol("show", "partition", "-o"));
    },
    async showJob(job) {
      if (!/^\d+(?:[_+]\d+)?$/.test(job)) {
        throw new TypeError(`Job must be a number such as 12 or 12_3, got ${job}`);
      }
      return parseJobs(await scontrol("show", "job", job));
    },
    async updateJobComment(jobIds, adminComment) {
      const ids = jobIds.map(jobIdText);
      if (ids.length === 0) return;
      await scontrol(
        "update",
        `JobId=${ids.join()}`,
        `AdminComment=${oneLine(adminComment, "Admin comment")}`,
      );
    },
    async notifyTerminal(jobId, message) {
      const id = jobIdText(jobId);
      const text = oneLine(message, "Message");
      const job = await scontrol("show", "job", "-o", id);
      // slurmctld would send a batch job's to its first node, which is not there yet.
      if (/ BatchFlag=0\b/.test(job)) await scontrol("notify", id, text);
    },
  };
}

function jobIdText(jobId: number): string {
  if (!Number.isSafeInteger(jobId)) throw new TypeError(`Job id must be an integer, got ${jobId}`);
  return String(jobId);
}

/** The names in as few hostlists as fit into one argument each: 10,000 nodes of one row are one. */
function hostlistsOf(names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const hostlist = foldHostlist(names);
  if (hostlist.length <= HOSTLIST_MAX || names.length === 1) return [hostlist];
  const middle = Math.ceil(names.length / 2);
  return [...hostlistsOf(names.slice(0, middle)), ...hostlistsOf(names.slice(middle))];
}

/** Lists of equal length, in the order of the names: slurmctld pairs them by position. */
function addressValues(addresses: readonly NodeAddress[], pairsInstances: boolean): Record<string, string> {
  const list = (key: "nodeAddr" | "nodeHostname" | "instanceId" | "instanceType") =>
    addresses.map((address) => oneOfList(address[key] ?? "", `${key} of node ${address.nodeName}`)).join(",");
  const complete = addresses.every(({ instanceId, instanceType }) => instanceId && instanceType);
  return {
    NodeAddr: list("nodeAddr"),
    NodeHostname: list("nodeHostname"),
    ...(pairsInstances && complete && { InstanceId: list("instanceId"), InstanceType: list("instanceType") }),
  };
}

function oneOfList(value: string, what: string): string {
  if (/^[\x21-\x7e]+$/.test(value) && !/[,[\]]/.test(value)) return value;
  throw new TypeError(`Can't tell Slurm the ${what}: ${JSON.stringify(value)} is not a single word`);
}

function oneLine(value: string, what: string): string {
  // deno-lint-ignore no-control-regex -- control characters are what it keeps out
  if (!/[\x00-\x1f\x7f]/.test(value)) return value;
  throw new TypeError(`${what} must be one line without control characters, got ${JSON.stringify(value)}`);
}

/** SLURM_CONF as slurmctld gives it to its hooks; unset when it is, or when we may not read it. */
function environmentSlurmConf(): string | undefined {
  try {
    return Deno.env.get("SLURM_CONF") || undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
}

/** What one scontrol said. */
interface Answer {
  readonly success: boolean;
  readonly code: number;
  readonly stdout: string;
  /** Its complaint: scontrol writes most to stderr, some to stdout. */
  readonly words: string;
}

/** Whether `scontrol ping` found a slurmctld: with a backup it may fail and still have one that is up. */
function isUp(ping: Answer): boolean {
  return ping.success || ping.stdout.includes(" is UP");
}

async function runScontrol(
  program: string,
  args: readonly string[],
  { slurmConf, timeLimit }: Required<ScontrolOptions>,
): Promise<Answer> {
  const child = spawn(program, { args: [...args], env: slurmConf === "" ? {} : { SLURM_CONF: slurmConf } });
  const ended = await limitedOutput(child, timeLimit);
  if (ended === undefined) throw timeoutError(program, args, timeLimit);
  const { status, stdout, stderr } = ended;
  return { success: status.success, code: status.code, stdout, words: stderr.trim() || stdout.trim() };
}

function spawn(program: string, options: Deno.CommandOptions): Deno.ChildProcess {
  try {
    return new Deno.Command(program, {
      ...options,
      clearEnv: true,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  } catch (error) {
    throw new ScontrolError(
      "missing",
      `Can't run ${program}: ${(error as Error).message}; check slurm.binDir in the configuration`,
      { cause: error },
    );
  }
}

function timeoutError(program: string, args: readonly string[], timeLimit: number): ScontrolError {
  return new ScontrolError(
    "timeout",
    `No answer to ${quote(args)} within ${timeLimit / 1000} s, ended: check slurmctld with ${program} ping`,
  );
}

function refusedError(args: readonly string[], { code, words }: Answer): ScontrolError {
  return new ScontrolError(
    "refused",
    `Slurm refused ${quote(args)}: ${oneLineOf(words)} (exit ${code}); check the names against slurm.conf`,
  );
}

function unreachableError({ words }: Answer, slurmConf: string): ScontrolError {
  return new ScontrolError(
    "unreachable",
    `No slurmctld answers: ${oneLineOf(words)}; check that it runs, and SlurmctldHost in ${slurmConf}`,
  );
}

function oneLineOf(words: string): string {
  return shorten(words.replaceAll(/\s*\n\s*/g, "; ")) || "no words";
}

function quote(args: readonly string[]): string {
  return JSON.stringify(shorten(["scontrol", ...args].join(" ")));
}

function shorten(text: string): string {
  return text.length <= QUOTED_LENGTH ? text : `${text.slice(0, QUOTED_LENGTH)}…`;
}
