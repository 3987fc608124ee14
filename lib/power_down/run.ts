import { AwsError } from "../aws/aws_error.ts";
import { errorText } from "../base/error_text.ts";
import { clearBootFailures, countBootFailures } from "../cluster/boot_failures.ts";
import { stopInstances, terminateInstances } from "../cluster/end_instances.ts";
import { type GroupedNodes, groupNodes } from "../cluster/group.ts";
import { changedHints, ForeignStateError } from "../cluster/hook_state.ts";
import { findInstances } from "../cluster/inventory.ts";
import type { HookPorts } from "../cluster/ports.ts";
import { tellVerdicts } from "../cluster/tell_slurm.ts";
import { type NodeInstance, tend } from "../cluster/tend.ts";
import { troubleLines } from "../cluster/troubles.ts";
import { formatReason } from "../cluster/reason.ts";
import type { FailureVerdict } from "../cluster/verdict.ts";
import type { Config } from "../config/model.ts";
import type { OwnedInstance } from "../identity/node_of_instance.ts";
import { withoutClockSkew } from "./clock_skew.ts";
import { bootTail } from "./console.ts";
import { planPowerDown, type PowerDownPlan } from "./plan.ts";
import { type PowerDownResult, Summary } from "./summary.ts";

/** Powers nodes down, as SuspendProgram: terminates or stops what is theirs, as their node group says. */
export async function powerDown(
  ports: HookPorts,
  config: Config,
  nodes: readonly string[],
): Promise<PowerDownResult> {
  return await endNodes(ports, config, nodes, async ({ groups, found, result, decidedAt }) => {
    const plan = planPowerDown(groups, await withoutClockSkew(ports, found, decidedAt), decidedAt);
    await end(ports, plan, result, "powered down");
    await forgetBootFailures(ports, groups, plan);
  });
}

/**
 * Ends the instances of nodes that did not register in time, as ResumeFailProgram: slurmctld does not call
 * SuspendProgram for them, so whoever does not terminate here leaks. Their consoles are kept first.
 * https://slurm.schedmd.com/slurm.conf.html#OPT_ResumeFailProgram
 */
export async function resumeFail(
  ports: HookPorts,
  config: Config,
  nodes: readonly string[],
): Promise<PowerDownResult> {
  return await endNodes(ports, config, nodes, async ({ groups, found, result }) => {
    const wanted = groups.flatMap((grouped) => grouped.nodes);
    const own = wanted.flatMap((nodeName) =>
      (found.get(nodeName) ?? []).map(({ instance }) => ({ nodeName, instance }))
    );
    const tails = await keepConsoles(ports, own);
    const without = wanted.filter((node) => !found.has(node));
    await end(ports, { terminate: own, stop: [], stopped: [], without }, result, "did not register in time");
    await countFailedBoots(ports, groups, own);
    await giveBackFailed(ports, result, tails);
  });
}

/** Nodes whose instances EC2 has named, on their way to a verdict each. */
interface Ending {
  readonly groups: readonly GroupedNodes[];
  readonly found: ReadonlyMap<string, readonly OwnedInstance[]>;
  readonly result: Summary;
  /** Milliseconds since 1970 UTC. */
  readonly decidedAt: number;
}

/** Finds the nodes' instances, ends them as `work` does, and keeps what could not be ended for later hooks. */
async function endNodes(
  ports: HookPorts,
  config: Config,
  nodes: readonly string[],
  work: (ending: Ending) => Promise<void>,
): Promise<PowerDownResult> {
  const decidedAt = ports.now();
  const { groups, foreign } = groupNodes(config, nodes);
  const result = new Summary(foreign);
  const found = await inventory(ports, config, groups, result);
  if (found !== undefined) await work({ groups, found, result, decidedAt });
  await settle(ports, groups, result, decidedAt);
  return result;
}

/** The nodes' instances; undefined when EC2 can't say, and then every node has its verdict already. */
async function inventory(
  ports: HookPorts,
  config: Config,
  groups: readonly GroupedNodes[],
  result: Summary,
): Promise<Map<string, OwnedInstance[]> | undefined> {
  const nodes = groups.flatMap((grouped) => grouped.nodes);
  try {
    await ports.state.open();
    await tend(ports, config.cluster, { nodes: new Set(nodes), wanted: false });
    return await findInstances(ports, config.cluster, nodes, { listOnMiss: true });
  } catch (error) {
    for (const nodeName of nodes) result.failed(nodeName, error);
    const ours = !(error instanceof AwsError || error instanceof ForeignStateError);
    if (ours) {
      result.trouble(`Internal fault, please report it: ${error instanceof Error ? error.stack : error}`);
    }
    return undefined;
  }
}

async function end(ports: HookPorts, plan: PowerDownPlan, result: Summary, why: string): Promise<void> {
  for (const nodeName of plan.without) result.nodes.set(nodeName, { kind: "no-instance" });
  const ids = (ended: readonly NodeInstance[]) => ended.map(({ instance }) => instance.instanceId);
  const [notTerminated, notStopped] = await Promise.all([
    terminateInstances(ports.ec2, ids(plan.terminate), ports),
    stopInstances(ports.ec2, ids(plan.stop), ports),
  ]);
  result.ended("terminated", plan.terminate, notTerminated);
  result.ended("stopped", [...plan.stop, ...plan.stopped], notStopped);
  if (plan.terminate.length > 0) {
    ports.events({ kind: "ended", action: "terminate", instanceIds: ids(plan.terminate), why });
  }
  if (plan.stop.length > 0) ports.events({ kind: "ended", action: "stop", instanceIds: ids(plan.stop), why });
}

/** What is over leaves the hints; what could not be ended is kept for every later hook, and its node set down. */
async function settle(
  ports: HookPorts,
  groups: readonly GroupedNodes[],
  result: Summary,
  decidedAt: number,
): Promise<void> {
  const gone = result.named("terminated");
  if (gone.length > 0) await ports.state.updateHints((hints) => changedHints(hints, { endedNodes: gone }));
  const failures = result.failures({ now: ports.now(), cooldown: ports.cooldown });
  if (failures.size === 0) return;
  const actions = new Map(
    groups.flatMap(({ group, nodes }) => nodes.map((node) => [node, group.powerDownAction] as const)),
  );
  const unended = [...failures.keys()].map((node) =>
    [node, { action: actions.get(node)!, since: decidedAt }] as const
  );
  await ports.state.updateUnended((before) => ({ ...before, ...Object.fromEntries(unended) }));
  const untold = (await tellVerdicts(ports.scontrol, failures)).map(({ item, error }) => ({
    name: item,
    error,
  }));
  result.trouble(...troubleLines(untold, (names, error) => `Nodes ${names} could not be set down: ${error}`));
}

/** Consoles read in one run of the hook, and the milliseconds for all of them: then termination goes ahead regardless. */
const CONSOLES = { instances: 10, milliseconds: 5_000 };

/** Keeps the last console lines of instances that never registered: the evidence is gone once they are. */
async function keepConsoles(ports: HookPorts, own: readonly NodeInstance[]): Promise<Map<string, string>> {
  const signal = AbortSignal.timeout(CONSOLES.milliseconds);
  const tails = new Map<string, string>();
  await Promise.all(
    own.slice(0, CONSOLES.instances).map(async ({ nodeName, instance: { instanceId } }) => {
      try {
        const { output } = await ports.ec2.getConsoleOutput({ InstanceId: instanceId }, { signal });
        const { lines, failure } = bootTail(output);
        ports.events({ kind: "console", node: nodeName, instanceId, tail: lines });
        ports.log.info(`Console of ${nodeName} (${instanceId}) ends: ${JSON.stringify(lines)}`);
        if (failure !== undefined) tails.set(nodeName, failure);
      } catch (error) {
        ports.log.warn(`No console output of ${nodeName} (${instanceId}): ${errorText(error)}`);
      }
    }),
  );
  return tails;
}

async function countFailedBoots(
  ports: HookPorts,
  groups: readonly GroupedNodes[],
  own: readonly NodeInstance[],
): Promise<void> {
  for (const [key, boots] of bootsByImage(groups, own)) {
    await ports.state.updateBootFailures((counts) => countBootFailures(counts, key, boots));
  }
}

/** Slurm suspends nodes that were up: their image boots. */
async function forgetBootFailures(
  ports: HookPorts,
  groups: readonly GroupedNodes[],
  plan: PowerDownPlan,
): Promise<void> {
  const before = await ports.state.bootFailures();
  if (Object.keys(before).length === 0) return;
  for (const [key] of bootsByImage(groups, [...plan.terminate, ...plan.stop])) {
    await ports.state.updateBootFailures((counts) => clearBootFailures(counts, key));
  }
}

function bootsByImage(groups: readonly GroupedNodes[], own: readonly NodeInstance[]) {
  const groupOf = new Map(
    groups.flatMap(({ group, nodes }) => nodes.map((node) => [node, group.name] as const)),
  );
  const boots = Map.groupBy(own, ({ nodeName, instance }) => `${groupOf.get(nodeName)} ${instance.imageId}`);
  return [...boots.values()].map((some) =>
    [{ nodeGroup: groupOf.get(some[0]!.nodeName)!, imageId: some[0]!.instance.imageId }, some.length] as const
  );
}

/** After ResumeTimeout a node stays down until somebody acts: its instance is gone, so it may be scheduled again. */
async function giveBackFailed(
  ports: HookPorts,
  result: Summary,
  tails: ReadonlyMap<string, string>,
): Promise<void> {
  const verdicts = new Map<string, FailureVerdict>();
  for (const nodeName of [...result.named("terminated"), ...result.named("no-instance")]) {
    const said = tails.get(nodeName);
    const message = `the node did not register in time${said ? `: ${said}` : ""}`;
    const reason = formatReason({ code: "ResumeTimeout", message });
    verdicts.set(nodeName, { kind: "powered-down", reason });
  }
  const untold = (await tellVerdicts(ports.scontrol, verdicts)).map(({ item, error }) => ({
    name: item,
    error,
  }));
  const mend = (names: string) => `scontrol update NodeName=${names} State=POWER_DOWN_FORCE`;
  result.trouble(
    ...troubleLines(
      untold,
      (names, error) => `Nodes ${names} could not be given back: ${error}; try ${mend(names)}`,
    ),
  );
}
