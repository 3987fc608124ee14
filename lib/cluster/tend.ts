import { AwsError } from "../aws/aws_error.ts";
import { errorRule, isUnauthorized } from "../aws/error_codes.ts";
import type { Instance } from "../aws/instance.ts";
import { patiently } from "../aws/patiently.ts";
import { errorText } from "../base/error_text.ts";
import type { NodeState } from "../slurm/node_state.ts";
import { type OwnedInstance, ownedInstances } from "../identity/node_of_instance.ts";
import { foldHostlist } from "../slurm/hostlist.ts";
import { stopInstances, terminateInstances } from "./end_instances.ts";
import { changedHints } from "./hook_state.ts";
import type { Intent } from "./intent.ts";
import { findInstances } from "./inventory.ts";
import type { HookPorts } from "./ports.ts";
import { giveBack, isDownForUs } from "./give_back.ts";
import { tellAddresses } from "./tell_slurm.ts";
import { dueCooldowns } from "./verdict.ts";

/** An instance and the node it is. */
export interface NodeInstance {
  readonly nodeName: string;
  readonly instance: Instance;
}

/** A hook's own nodes, and whether it wants instances for them (resume) or wants them gone (stop). */
export interface OwnNodes {
  readonly nodes: ReadonlySet<string>;
  readonly wanted: boolean;
}

/** What a killed hook had launched for the nodes that this hook wants. */
export interface Inherited {
  readonly instances: readonly NodeInstance[];
  /** Intents to remove once Slurm knows of the instances. */
  readonly clientTokens: readonly string[];
}

/**
 * What every hook does first, for those that died before it: replays their launches, ends what they could not
 * end, and gives nodes back whose cooldown is over.
 */
export async function tend(ports: HookPorts, cluster: string, own: OwnNodes): Promise<Inherited> {
  const [inherited] = await Promise.all([
    replayIntents(ports, cluster, own),
    endUnended(ports, cluster),
    endCooldowns(ports),
  ]);
  return inherited;
}

async function replayIntents(ports: HookPorts, cluster: string, own: OwnNodes): Promise<Inherited> {
  const instances: NodeInstance[] = [];
  const clientTokens: string[] = [];
  for (const intent of await ports.state.orphanedIntents()) {
    const launched = await replay(ports, cluster, intent);
    if (launched === undefined) continue;
    const { mine, others } = sortByOwner(launched, own);
    await ports.state.updateHints((hints) => changedHints(hints, { added: [...mine, ...others] }));
    const settled = await settleOthers(ports, others);
    if (own.wanted && mine.length > 0) {
      instances.push(...mine);
      clientTokens.push(intent.input.ClientToken);
    } else if (settled) await ports.state.removeIntents([intent.input.ClientToken]);
  }
  return { instances, clientTokens };
}

/** Whether a refused replay leaves open if the launch once happened: it spoke of the caller or the way to AWS. */
function isOpen(code: string): boolean {
  return errorRule(code).scope === "account" || isUnauthorized(code);
}

/** The live instances of an intent; undefined when that can't be known now, so that a later hook asks again. */
async function replay(
  ports: HookPorts,
  cluster: string,
  intent: Intent,
): Promise<OwnedInstance[] | undefined> {
  const { ClientToken } = intent.input;
  const note = (outcome: string) =>
    ports.events({ kind: "replayed", clientToken: ClientToken, nodes: foldHostlist(intent.nodes), outcome });
  try {
    // A launch that was never sent must not be sent now that its nodes have long failed: only looked for.
    const age = ports.now() - intent.createdAt;
    const instances = age < ports.resumeTimeout * 1000
      ? await patiently(ports, () => ports.ec2.runInstances(intent.input))
      : (await patiently(
        ports,
        () =>
          ports.ec2.describeInstances({
            Filters: [{ Name: "client-token", Values: [ClientToken] }],
            MaxResults: 1000,
          }),
      ))
        .items;
    const live = instances.filter(({ state }) => state !== "terminated" && state !== "shutting-down");
    note(`${live.length} instances`);
    return ownedInstances(live, cluster);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    note(error.code);
    return isOpen(error.code) ? undefined : [];
  }
}

function sortByOwner(launched: readonly OwnedInstance[], own: OwnNodes) {
  const mine: NodeInstance[] = [];
  const others: NodeInstance[] = [];
  for (const { nodeName, instance } of launched) {
    if (nodeName !== undefined) (own.nodes.has(nodeName) ? mine : others).push({ nodeName, instance });
  }
  return { mine, others };
}

/** What Slurm makes of a node: waits for it, has it up (jobs may run there), or has it down. */
type NodeUse = "awaited" | "up" | "down";

function useOf({ base, flags }: NodeState): NodeUse {
  if (flags.has("POWERING_UP")) return "awaited";
  const goingDown = ["POWER_DOWN", "POWERING_DOWN", "POWERED_DOWN"].some((flag) => flags.has(flag));
  return goingDown || base === "DOWN" ? "down" : "up";
}

/**
 * Instances of nodes that this hook was not called for: Slurm still waits for some, and is told where they are;
 * some have come up by themselves and are left alone; those of nodes that are down are nobody's and end. False
 * when it could not be done.
 */
async function settleOthers(ports: HookPorts, others: readonly NodeInstance[]): Promise<boolean> {
  if (others.length === 0) return true;
  try {
    const states = await ports.scontrol.showNodes(others.map(({ nodeName }) => nodeName));
    const of = (wanted: NodeUse) =>
      new Set(states.filter((state) => useOf(state) === wanted).map(({ name }) => name));
    const [waiting, down] = [of("awaited"), of("down")];
    const awaited = others.filter(({ nodeName }) => waiting.has(nodeName));
    const nobodys = others.filter(({ nodeName }) => down.has(nodeName));
    const untold = await tellAddresses(ports.scontrol, awaited.map(addressOf));
    const ids = nobodys.map(({ instance }) => instance.instanceId);
    const unended = await terminateInstances(ports.ec2, ids, ports);
    if (ids.length > 0) {
      ports.events({
        kind: "ended",
        action: "terminate",
        instanceIds: ids,
        why: "launched by a killed hook, not awaited",
      });
    }
    return untold.length === 0 && unended.length === 0;
  } catch (error) {
    ports.log.warn(`Instances of a killed hook are left to a later one: ${errorText(error)}`);
    return false;
  }
}

/** What Slurm is told of a node's instance: its name is its hostname. */
export function addressOf({ nodeName, instance }: NodeInstance) {
  return {
    nodeName,
    nodeAddr: instance.privateIpAddress ?? nodeName,
    nodeHostname: nodeName,
    instanceId: instance.instanceId,
    instanceType: instance.instanceType,
  };
}

/** Ends the instances that an earlier hook could not end, and gives their nodes back. */
async function endUnended(ports: HookPorts, cluster: string): Promise<void> {
  const unended = await ports.state.unended();
  const nodes = Object.keys(unended);
  if (nodes.length === 0) return;
  try {
    const found = await findInstances(ports, cluster, nodes, { listOnMiss: true });
    const idle = await stillDown(ports, nodes);
    const mended: string[] = [];
    for (const action of ["terminate", "stop"] as const) {
      const due = nodes.filter((node) => unended[node]!.action === action);
      const ids = due.flatMap((node) =>
        endable(found.get(node) ?? [], idle.has(node) ? Infinity : unended[node]!.since)
      );
      const end = action === "terminate" ? terminateInstances : stopInstances;
      const failed = new Set((await end(ports.ec2, ids, ports)).map(({ item }) => item));
      if (ids.length > 0) {
        ports.events({ kind: "ended", action, instanceIds: ids, why: "an earlier hook could not" });
      }
      mended.push(
        ...due.filter((node) =>
          !(found.get(node) ?? []).some(({ instance }) => failed.has(instance.instanceId))
        ),
      );
    }
    await ports.state.updateUnended((now) =>
      Object.fromEntries(Object.entries(now).filter(([node]) => !mended.includes(node)))
    );
    await giveBack(ports, mended, "instance ended");
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    ports.log.warn(
      `Instances of ${foldHostlist(nodes)} still can't be ended: ${error.code}: ${error.message}`,
    );
  }
}

/**
 * Nodes that are down for us still: whatever runs for them is what could not be ended, even where this host's
 * clock is behind EC2's and it seems to be launched later.
 */
async function stillDown(ports: HookPorts, nodes: readonly string[]): Promise<ReadonlySet<string>> {
  try {
    return new Set((await ports.scontrol.showNodes(nodes)).filter(isDownForUs).map(({ name }) => name));
  } catch (error) {
    ports.log.warn(`slurmctld does not tell the states of ${foldHostlist(nodes)}: ${errorText(error)}`);
    return new Set();
  }
}

/** An instance launched after the node was to power down belongs to a later power-up. */
function endable(instances: readonly OwnedInstance[], since: number): string[] {
  return instances.filter(({ instance }) => instance.launchTime <= since).map(({ instance }) =>
    instance.instanceId
  );
}

/** Gives nodes back whose cooldown is over, also where no service runs: any hook will do. */
async function endCooldowns(ports: HookPorts): Promise<void> {
  const due = dueCooldowns(await ports.state.cooldowns(), { now: ports.now(), cooldown: ports.cooldown });
  if (due.length > 0) await giveBack(ports, due, "cooldown over");
}
