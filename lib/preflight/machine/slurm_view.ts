import type { Config } from "../../config/model.ts";
import { type NodeDetails, parseNodeDetails } from "../../slurm/node_details.ts";
import { parseShowConfig } from "../../slurm/node_state.ts";
import type { CheckResult } from "../check_result.ts";
import { lookAt } from "./file_facts.ts";
import type { Machine, Ran, Unanswered } from "./machine.ts";
import { type About, cannotTell, found } from "./unanswered.ts";

/** Why slurmctld did not answer. */
export type NoSlurm =
  /** It, or munge, does not believe us. */
  | { readonly kind: "unauthenticated"; readonly words: string }
  /** No credential could be made here to begin with. */
  | { readonly kind: "no-munge"; readonly words: string }
  | { readonly kind: "unreachable"; readonly words: string }
  | { readonly kind: "refused"; readonly words: string }
  /** Slurm's commands would wait a minute for the file. */
  | { readonly kind: "no-conf"; readonly places: readonly string[] }
  | Unanswered;

/** What slurmctld says of itself, asked through scontrol. */
export interface SlurmView {
  /** Path of slurm.conf here, where there is one. */
  readonly conf?: string;
  /** `scontrol show config`; without an answer, slurm.conf's own settings as far as it can be read. */
  readonly settings: ReadonlyMap<string, string>;
  readonly trouble?: NoSlurm;
  readonly nodes: readonly NodeDetails[];
  /** Milliseconds by which this machine's clock is ahead of slurmctld's; precise to a second. */
  readonly ahead?: number;
  /** What `scontrol ping` printed, one line a controller. */
  readonly ping: readonly string[];
}

/** How slurmctld is asked. */
export interface SlurmQuestion {
  readonly machine: Machine;
  readonly config: Pick<Config, "slurm">;
  /** SLURM_CONF of this process. */
  readonly slurmConf?: string | undefined;
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number;
  /** What slurm.conf says, for when slurmctld says nothing. */
  readonly readConf: (path: string) => Promise<ReadonlyMap<string, string>>;
}

/** Seconds; scontrol tries again for a MessageTimeout of 10, and first waits for names that do not resolve. */
const CONFIG_LIMIT = 15;
/** Seconds; a slurmctld with 10,000 nodes takes many. */
const NODES_LIMIT = 30;

/** Where slurmd puts what slurmctld sends it: https://slurm.schedmd.com/configless_slurm.html */
const CONFIGLESS = "/run/slurm/conf/slurm.conf";

/** Asks slurmctld all that the checks need, once. */
export async function askSlurm(question: SlurmQuestion): Promise<SlurmView> {
  const { machine, config, now } = question;
  const places = [question.slurmConf ?? `${config.slurm.confDir}/slurm.conf`, CONFIGLESS];
  const conf = await firstThere(machine, places);
  if (typeof conf !== "string") return { settings: new Map(), nodes: [], ping: [], trouble: conf };
  const scontrol = (limit: number, ...args: readonly string[]) =>
    machine.run([`${config.slurm.binDir}/scontrol`, ...args], {
      limit,
      env: { SLURM_CONF: conf, TZ: "UTC" },
    });
  const began = now();
  const shown = await scontrol(CONFIG_LIMIT, "show", "config");
  const middle = (began + now()) / 2;
  const trouble = troubleOf(shown);
  if (trouble !== undefined || shown.kind !== "ended") {
    return {
      conf,
      settings: await question.readConf(conf),
      nodes: [],
      ping: [],
      ...(trouble && { trouble }),
    };
  }
  const [nodes, ping] = await Promise.all([
    scontrol(NODES_LIMIT, "show", "nodes", "-o"),
    scontrol(CONFIG_LIMIT, "ping"),
  ]);
  const said = /^Configuration data as of (\S+)$/m.exec(shown.stdout)?.[1];
  // In whole seconds, cut off.
  const at = said === undefined ? NaN : Date.parse(`${said}Z`) + 500;
  return {
    conf,
    settings: parseShowConfig(shown.stdout),
    nodes: nodesOf(nodes),
    ping: ping.kind === "ended" ? ping.stdout.split("\n").filter((line) => line !== "") : [],
    ...(!Number.isNaN(at) && { ahead: Math.round(middle - at) }),
  };
}

/** The first path that is there; where one can't be looked at, why, for its place is taken. */
async function firstThere(machine: Machine, places: readonly string[]): Promise<string | NoSlurm> {
  for (const path of places) {
    const look = await lookAt(machine, path);
    if (look.kind === "there") return path;
    if (look.kind === "cut" || look.kind === "denied" || look.kind === "missing") return look;
    if (look.kind === "stale") return { kind: "refused", words: `${path}: stale file handle` };
  }
  return { kind: "no-conf", places };
}

function nodesOf(ran: Ran): readonly NodeDetails[] {
  if (ran.kind !== "ended" || ran.code !== 0) return [];
  try {
    return parseNodeDetails(ran.stdout);
  } catch {
    return []; // half a list must not pass for a whole one
  }
}

/** What scontrol says without munged, with another key, and without slurmctld (22.05, 24.11 and 26.05 tried). */
const NO_MUNGE = /Munge encode failed: (.*)/;
const UNAUTHENTICATED =
  /Zero Bytes were transmitted|Protocol authentication error|Invalid authentication credential/;
const UNREACHABLE = /Unable to contact slurm controller/;

function troubleOf(ran: Ran): NoSlurm | undefined {
  if (ran.kind !== "ended") return ran;
  if (ran.code === 0) return undefined;
  const said = ran.stderr.trim() || ran.stdout.trim();
  const noMunge = NO_MUNGE.exec(said)?.[1];
  if (noMunge !== undefined) return { kind: "no-munge", words: noMunge };
  const words = said.replaceAll(/\s*\n\s*/g, "; ").slice(0, 300);
  if (UNAUTHENTICATED.test(words)) return { kind: "unauthenticated", words };
  return { kind: UNREACHABLE.test(words) ? "unreachable" : "refused", words };
}

/** That what slurmctld would have to say is not known, and why. */
export function slurmUnknown(about: About, trouble: NoSlurm): CheckResult {
  switch (trouble.kind) {
    case "no-munge":
      return {
        ...found(about, "can't tell", "slurmctld can't be asked: munged makes no credential here"),
        code: "Slurm",
        fix: "fix what the section munge says, then run doctor again",
      };
    case "unauthenticated":
    case "unreachable":
    case "refused":
      return {
        ...found(about, "can't tell", `slurmctld does not say: ${trouble.words}`),
        code: "Slurm",
        fix: "fix what the sections ports and munge say of slurmctld, then run doctor again",
      };
    case "no-conf":
      return {
        ...found(about, "can't tell", `no slurm.conf at ${trouble.places.join(" or ")}`),
        code: "Slurm",
        fix: "say where it is: slurm.confDir in slurm-ec2.yaml, or the variable SLURM_CONF",
      };
    default:
      return cannotTell(about, trouble);
  }
}
