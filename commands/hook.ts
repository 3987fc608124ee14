import type { CallCounts } from "../lib/aws/call_counter.ts";
import { countCalls } from "../lib/aws/call_counter.ts";
import type { SsmApi } from "../lib/aws/ssm_api.ts";
import { errorText } from "../lib/base/error_text.ts";
import type { Log } from "../lib/base/log.ts";
import { deadlines } from "../lib/cluster/deadlines.ts";
import { slurmTimeouts } from "../lib/cluster/slurm_timeouts.ts";
import { HookState } from "../lib/cluster/hook_state.ts";
import type { HookPorts } from "../lib/cluster/ports.ts";
import type { Config } from "../lib/config/model.ts";
import type { EventSink } from "../lib/events/event.ts";
import { expandHostlist, foldHostlist } from "../lib/slurm/hostlist.ts";
import { ScontrolError } from "../lib/slurm/scontrol_api.ts";
import { type Command, CONFIG_FLAG, type Flags, JSON_FLAG, UsageError } from "./command.ts";
import { ExitCode } from "./exit_code.ts";
import type { Host } from "./host.ts";
import { loadConfig } from "./load_config.ts";
import type { Permissions } from "./permissions.ts";

/** Everything a hook works with. */
export interface Hook extends HookPorts {
  readonly config: Config;
  /** Node names that Slurm handed over. */
  readonly nodes: readonly string[];
  readonly ssm: SsmApi;
  /** Milliseconds since 1970 UTC: an instance launched later could not register before ResumeTimeout. */
  readonly launchDeadline: number;
}

/** A node's verdict as the three hooks share it: one word, and what there is to say about it. */
export interface HookVerdict {
  readonly kind: string;
  readonly reason?: string;
  readonly instanceId?: string;
}

/** What a hook did. */
export interface HookResult {
  readonly nodes: ReadonlyMap<string, HookVerdict>;
  readonly troubles: readonly string[];
}

/** Flags that the three hooks share. */
export const HOOK_FLAGS: Command["flags"] = [CONFIG_FLAG, JSON_FLAG];

/** What the three hooks may do. */
export const HOOK_PERMISSIONS: Permissions = {
  net: ["ec2", "ssm", "imds"],
  run: ["scontrol"],
  write: ["state", "log"],
  read: ["config", "aws", "state"],
  env: true,
};

/** Verdicts that mean the node is as Slurm wants it. */
const GOOD: ReadonlySet<string> = new Set([
  "assigned",
  "claimed",
  "terminated",
  "stopped",
  "no-instance",
  "not-ours",
]);

/**
 * Runs one hook: the hostlist is the last argument (Slurm may put new ones before it), results go to the log
 * and to standard output, and the exit status says whether every node got what Slurm asked for.
 */
export async function runHook(
  host: Host,
  flags: Flags,
  name: string,
  work: (hook: Hook) => Promise<HookResult>,
): Promise<ExitCode> {
  const started = host.now();
  const nodes = hostlistOf(flags, name);
  const config = loadConfig(host, flags);
  const log = await host.connect.log(config);
  const counts: CallCounts = {};
  try {
    log.info(`${name} ${foldHostlist(nodes)}`);
    const events = host.connect.events(config, (message) => log.warn(message));
    events({ kind: "asked", hook: name, nodes: foldHostlist(nodes), jobs: [] });
    const [ec2, ssm, slurm] = await Promise.all([
      host.connect.ec2(config),
      host.connect.ssm(config),
      reachSlurm(host, config, log, started),
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
    return report({ host, flags, name, log, events }, result, counts, host.now() - started);
  } catch (error) {
    log.error(`${name} failed: ${errorText(error)}`);
    throw error;
  } finally {
    log.close();
  }
}

function hostlistOf(flags: Flags, name: string): string[] {
  const text = flags.positional.at(-1);
  if (text === undefined) {
    throw new UsageError(`Command ${name} needs a hostlist, e.g. slurm-ec2 ${name} "c[0-7]"`);
  }
  try {
    return expandHostlist(text);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) {
      throw new UsageError(`Hostlist "${text}": ${error.message}`);
    }
    throw error;
  }
}

/**
 * Reads from slurmctld how long this hook may run and a node may take. Without scontrol no node could be given a
 * verdict, so nothing is launched; a slurmctld that does not answer now may do so later, and Slurm's defaults
 * are taken meanwhile.
 * @throws {ScontrolError} of kind `missing`
 */
async function reachSlurm(host: Host, config: Config, log: Log, started: number) {
  const scontrol = await host.connect.scontrol(config);
  const [global, partitions] = await Promise.all([
    orDefaults(log, () => scontrol.showConfig()),
    orDefaults(log, () => scontrol.showPartitions()),
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
  show: () => Promise<ReadonlyMap<string, V>>,
): Promise<ReadonlyMap<string, V>> {
  try {
    return await show();
  } catch (error) {
    if (!(error instanceof ScontrolError) || error.kind === "missing") throw error;
    log.warn(`slurmctld does not tell its timeouts, taking Slurm's defaults: ${error.message}`);
    return new Map();
  }
}

function report(
  { host, flags, name, log, events }: { host: Host; flags: Flags; name: string; log: Log; events: EventSink },
  { nodes, troubles }: HookResult,
  counts: CallCounts,
  milliseconds: number,
): ExitCode {
  const lines = summaryLines(nodes);
  const calls = Object.entries(counts).map(([operation, count]) => `${operation} ${count}`).join(", ") ||
    "none";
  for (const line of lines) log.info(`${name}: ${line}`);
  for (const trouble of troubles) log.error(trouble);
  writeEvents(events, name, { nodes, troubles }, counts, milliseconds);
  log.info(`${name} done in ${(milliseconds / 1000).toFixed(2)} s, calls: ${calls}`);
  if (flags.has("json")) {
    const named = [...nodes].map(([node, verdict]) => [node, verdict.kind] as const);
    host.stdout.write(`${
      JSON.stringify({
        nodes: Object.fromEntries(named),
        details: Object.fromEntries(nodes),
        calls: counts,
        troubles,
        seconds: milliseconds / 1000,
      })
    }\n`);
  } else {
    host.stdout.write([...lines, `Calls: ${calls}. ${(milliseconds / 1000).toFixed(2)} s`, ""].join("\n"));
    for (const trouble of troubles) host.stderr.write(`slurm-ec2: ${trouble}\n`);
  }
  return exitCode(nodes, troubles);
}

function writeEvents(
  events: EventSink,
  hook: string,
  { nodes, troubles }: HookResult,
  calls: CallCounts,
  milliseconds: number,
): void {
  const verdicts: Record<string, number> = {};
  for (const [verdict, reason, entries] of byVerdict(nodes)) {
    verdicts[verdict] = (verdicts[verdict] ?? 0) + entries.length;
    events({ kind: "verdict", verdict, nodes: foldHostlist(entries), ...(reason !== "" && { reason }) });
  }
  for (const message of troubles) events({ kind: "trouble", message });
  events({ kind: "done", hook, verdicts, calls, milliseconds });
}

function byVerdict(
  nodes: ReadonlyMap<string, HookVerdict>,
): [kind: string, reason: string, nodes: string[]][] {
  const groups = Map.groupBy(nodes, ([, { kind, reason }]) => JSON.stringify([kind, reason ?? ""]));
  return [...groups].map(([key, entries]) => {
    const [kind, reason] = JSON.parse(key) as [string, string];
    return [kind, reason, entries.map(([node]) => node)];
  });
}

/** One line per verdict and reason: how many nodes, which, and why. */
export function summaryLines(nodes: ReadonlyMap<string, HookVerdict>): string[] {
  return byVerdict(nodes).map(([kind, reason, entries]) => {
    const count = String(entries.length).padStart(5);
    return `${kind.padEnd(12)} ${count}  ${foldHostlist(entries)}${reason ? `  ${reason}` : ""}`;
  });
}

function exitCode(nodes: HookResult["nodes"], troubles: readonly string[]): ExitCode {
  const good = [...nodes.values()].filter(({ kind }) => GOOD.has(kind)).length;
  if (good === nodes.size && troubles.length === 0) return ExitCode.Done;
  return good === 0 ? ExitCode.Failed : ExitCode.Partly;
}
