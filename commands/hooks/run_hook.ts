import type { CallCounts } from "../../lib/aws/call_counter.ts";
import { countCalls } from "../../lib/aws/call_counter.ts";
import type { SsmApi } from "../../lib/aws/ssm_api.ts";
import { errorText } from "../../lib/base/error_text.ts";
import type { Log } from "../../lib/base/log.ts";
import { deadlines } from "../../lib/cluster/deadlines.ts";
import { slurmTimeouts } from "../../lib/cluster/slurm_timeouts.ts";
import { tellVerdicts } from "../../lib/cluster/tell_slurm.ts";
import { tryAgain } from "../../lib/cluster/verdict.ts";
import { HookState } from "../../lib/cluster/hook_state.ts";
import type { HookPorts } from "../../lib/cluster/ports.ts";
import type { Config } from "../../lib/config/model.ts";
import { expandHostlist, foldHostlist } from "../../lib/slurm/hostlist.ts";
import { ScontrolError } from "../../lib/slurm/scontrol_api.ts";
import { type Command, CONFIG_FLAG, JSON_FLAG, UsageError } from "../base/command.ts";
import type { Flags } from "../base/flag.ts";
import { ExitCode } from "../base/exit_code.ts";
import type { Host } from "../base/host.ts";
import { type HookResult, reportHook } from "./hook_report.ts";
import { loadConfig } from "../base/load_config.ts";
import type { Permissions } from "../base/permissions.ts";

/** Everything a hook works with. */
export interface Hook extends HookPorts {
  readonly config: Config;
  /** Node names that Slurm handed over. */
  readonly nodes: readonly string[];
  readonly ssm: SsmApi;
  /** Milliseconds since 1970 UTC: an instance launched later could not register before ResumeTimeout. */
  readonly launchDeadline: number;
}

/** Flags that the three hooks share. */
export const HOOK_FLAGS = [CONFIG_FLAG, JSON_FLAG] as const;

/** The flags of a hook, as it was given them. */
export type HookFlags = Flags<typeof HOOK_FLAGS>;

/** What the exit statuses of the three hooks mean; slurmctld writes them to its log and does no more. */
export const HOOK_EXITS: Command["exits"] = {
  [ExitCode.Done]: "every node is as Slurm wants it",
  [ExitCode.Failed]: "no node is, and each has a reason",
  [ExitCode.Partly]: "some nodes are, the others have a reason",
};

/** What the three hooks may do. */
export const HOOK_PERMISSIONS: Permissions = {
  net: ["ec2", "ssm", "sts", "imds"],
  run: ["scontrol"],
  write: ["state", "log"],
  read: ["config", "aws", "state"],
  env: true,
};

/**
 * Runs one hook: the hostlist is the last argument (Slurm may put new ones before it), results go to the log
 * and to standard output, and the exit status says whether every node got what Slurm asked for.
 */
export async function runHook(
  host: Host,
  flags: HookFlags,
  name: "resume" | "stop" | "resume-fail",
  work: (hook: Hook) => Promise<HookResult>,
  jobs: readonly number[] = [],
): Promise<ExitCode> {
  const started = host.now();
  const nodes = hostlistOf(flags, name);
  const config = await configOf(host, flags, name, nodes);
  const log = await host.connect.log(config);
  const counts: CallCounts = {};
  const { write: events, close } = host.connect.events(config, (message) => log.warn(message));
  try {
    log.info(`${name} ${foldHostlist(nodes)}`);
    events({ kind: "asked", hook: name, nodes: foldHostlist(nodes), jobs });
    // scontrol first: it asks slurmctld while the SDK's clients load.
    const [slurm, ec2, ssm] = await Promise.all([
      reachSlurm({ host, config, log, name, started }),
      host.connect.ec2(config),
      host.connect.ssm(config),
    ]);
    const result = await work({
      config,
      nodes,
      ec2: countCalls(ec2, counts),
      ssm: countCalls(ssm, counts),
      ...slurm,
      log,
      events,
      state: new HookState(config.stateDir, config.cluster, log),
      now: host.now,
      sleep: (milliseconds) => host.sleep(milliseconds, host.interrupted),
      random: Math.random,
    });
    return await reportHook({ host, flags, name, log, events }, result, counts, host.now() - started);
  } catch (error) {
    log.error(`${name} failed: ${errorText(error)}`);
    throw error;
  } finally {
    await close();
    log.close();
  }
}

/**
 * The configuration. Without one nobody can tell which nodes are ours, but slurmctld has asked ResumeProgram for
 * them: they are given back with the reason, so that jobs requeue now and `sinfo -R` says what to mend.
 */
async function configOf(
  host: Host,
  flags: HookFlags,
  name: string,
  nodes: readonly string[],
): Promise<Config> {
  try {
    return loadConfig(host, flags);
  } catch (error) {
    if (name === "resume") await giveBackUnserved(host, nodes, error);
    throw error;
  }
}

/** Where scontrol is when no configuration says so; the permissions that hooks have name it too. */
const FALLBACK_SLURM = {
  binDir: "/usr/bin",
  confDir: "/etc/slurm",
  user: "slurm",
  partitionOptions: {},
  ready: "off",
} as const;

async function giveBackUnserved(host: Host, nodes: readonly string[], error: unknown): Promise<void> {
  const [problem] = errorText(error).split("\n");
  const verdict = tryAgain({ code: "Configuration", message: problem! });
  try {
    const scontrol = await host.connect.scontrol({ slurm: FALLBACK_SLURM });
    // Only those that wait for this hook: a person's mistyped --config must not take running nodes away.
    const waiting = (await scontrol.showNodes(nodes)).filter(({ flags }) => flags.has("POWERING_UP"));
    const untold = await tellVerdicts(scontrol, new Map(waiting.map(({ name }) => [name, verdict])));
    if (untold.length > 0) throw untold[0]!.error;
  } catch (failure) {
    host.stderr.write(
      `slurm-ec2: nodes ${foldHostlist(nodes)} wait for ResumeTimeout, slurmctld was not told: ${
        errorText(failure)
      }\n`,
    );
  }
}

function hostlistOf(flags: HookFlags, name: string): string[] {
  const text = flags.positional.at(-1) ?? "";
  const nodes = namesOf(text);
  if (nodes.length > 0) return nodes;
  throw new UsageError(`Command ${name} needs a hostlist, e.g. slurm-ec2 ${name} "c[0-7]"`);
}

/** Longest hostlist that a message repeats whole, in characters. */
const QUOTED_MAX = 200;

function namesOf(text: string): string[] {
  try {
    return expandHostlist(text);
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
    const shown = text.length <= QUOTED_MAX ? text : `${text.slice(0, QUOTED_MAX)}…`;
    throw new UsageError(`Hostlist "${shown}": ${error.message}`);
  }
}

/**
 * Reads from slurmctld how long this hook may run and a node may take. Without scontrol no node could be given a
 * verdict, so nothing is launched; instances are ended all the same, they cost money. A slurmctld that does not
 * answer now may do so later, and Slurm's defaults are taken meanwhile.
 * @throws {ScontrolError} of kind `missing`, for resume
 */
async function reachSlurm(
  { host, config, log, name, started }: {
    readonly host: Host;
    readonly config: Config;
    readonly log: Log;
    readonly name: string;
    readonly started: number;
  },
) {
  const scontrol = await host.connect.scontrol(config);
  const [global, partitions] = await Promise.all([
    orDefaults(log, name, () => scontrol.showConfig()),
    orDefaults(log, name, () => scontrol.showPartitions()),
  ]);
  const timeouts = slurmTimeouts(config, global, partitions);
  const limits = deadlines(timeouts, config.limits.expectedBootSeconds);
  return {
    scontrol,
    cooldown: config.limits.cooldown,
    resumeTimeout: timeouts.resume,
    deadline: started + limits.verdict * 1000,
    launchDeadline: started + limits.launch * 1000,
  };
}

async function orDefaults<V>(
  log: Log,
  name: string,
  show: () => Promise<ReadonlyMap<string, V>>,
): Promise<ReadonlyMap<string, V>> {
  try {
    return await show();
  } catch (error) {
    if (!(error instanceof ScontrolError) || (error.kind === "missing" && name === "resume")) throw error;
    log.warn(`slurmctld does not tell its timeouts, taking Slurm's defaults: ${error.message}`);
    return new Map();
  }
}
