import type { InstanceStatus } from "../aws/ec2_api.ts";
import type { Instance } from "../aws/instance.ts";
import type { Parameter } from "../aws/ssm_api.ts";
import type { Config } from "../config/model.ts";
import { type OwnedInstance, ownedInstances } from "../identity/node_of_instance.ts";
import { isTestLaunch, TagKey } from "../identity/tags.ts";
import { foldHostlist } from "../slurm/hostlist.ts";
import type { NodeState } from "../slurm/node_state.ts";
import { healthFindings } from "./drift_health.ts";
import { nodeFindings } from "./drift_nodes.ts";
import { type Discrepancy, found, MAX_UNFORCED } from "./discrepancy.ts";
import { groupOfNode } from "./node_groups.ts";
import type { Now } from "./now.ts";
import type { InstanceRecord, State } from "./state.ts";

/** What a reconcile has read; whatever is undefined could not be read. */
export interface Reading {
  readonly state: Pick<State, "instances">;
  readonly config: Config;
  readonly now: Now;
  /** Every instance with the cluster's tag, ended ones of the last hour too. */
  readonly listed: readonly Instance[] | undefined;
  /** Every node of slurmctld. */
  readonly nodes: readonly NodeState[] | undefined;
  /** The running ones with a failed status check or a planned event; absent: not read. */
  readonly health?: readonly InstanceStatus[];
  /** The values that SSM gives, by name: which image a group's instances have; absent: not read. */
  readonly parameters?: ReadonlyMap<string, Parameter>;
  /** USD an hour of an instance, where its price is known. */
  readonly usdPerHour?: (instance: Instance) => number | undefined;
}

/** What is not as it should be; or why nothing can be said. */
export type Drift =
  | { readonly kind: "findings"; readonly findings: readonly Discrepancy[] }
  /** An answer is missing or can't be right: nothing follows from what it lacks. */
  | { readonly kind: "unread"; readonly why: string };

/**
 * Holds EC2's complete listing against slurmctld's nodes and the configuration: every difference with its evidence,
 * what is done about it, and what it has cost so far. Of the instances that no request asked to end no more than a
 * tenth, or ten, end in one pass; the others are `deferred`.
 */
export function drift(reading: Reading, { force = false }: { readonly force?: boolean } = {}): Drift {
  const why = unreadable(reading);
  if (why !== undefined) return { kind: "unread", why };
  const owned = ownedInstances(reading.listed!, reading.config.cluster);
  const alive = owned.filter(({ instance }) => isAlive(instance));
  const findings = [
    ...leftoverTests(reading),
    ...strays(reading, alive),
    ...unreadableTags(reading, owned),
    ...nodeFindings(reading, alive, owned),
    ...healthFindings(reading, reading.health ?? [], alive),
  ];
  return { kind: "findings", findings: force ? findings : withCeiling(findings, alive.length) };
}

/** Why nothing may be concluded from what was read; undefined when both answers are whole. */
function unreadable({ listed, nodes, config, state }: Reading): string | undefined {
  if (nodes === undefined) return "slurmctld does not answer: see what scontrol ping says";
  if (nodes.length === 0) return "slurmctld names no node";
  const names = new Set(nodes.map(({ name }) => name));
  const missing = [...groupOfNode(config).keys()].filter((name) => !names.has(name));
  if (missing.length > 0) {
    return `slurmctld does not know ${
      foldHostlist(missing)
    } of slurm-ec2.yaml: render its configuration again, ` +
      "or ask this cluster's slurmctld";
  }
  if (listed === undefined) return "EC2 does not answer: slurm-ec2 doctor --only credentials asks it";
  const known = [...state.instances.values()].filter(({ seen, end }: InstanceRecord) => seen && end === "no");
  if (listed.length === 0 && known.length > 0) {
    return `EC2 lists no instance, although ${known.length} were there`;
  }
  return undefined;
}

/** Whether an instance costs money. */
function isAlive({ state }: Instance): boolean {
  return state !== "shutting-down" && state !== "terminated";
}

/** Milliseconds after which an instance of a test launch is left over: the test ends its own within minutes. */
const TEST_LASTS = 3_600_000;

function leftoverTests(reading: Reading): Discrepancy[] {
  const { listed, config, now } = reading;
  return listed!.filter((instance) =>
    instance.tags[TagKey.Cluster] === config.cluster && isTestLaunch(instance.tags) &&
    isAlive(instance) && now.wall - instance.launchTime > TEST_LASTS
  ).map((instance) =>
    found(reading, "test-launch", [], [instance], {
      evidence: `${instance.instanceId} was launched by a test, and was not ended`,
      action: "terminate",
    })
  );
}

/** Instances whose tags name no node, or one that the configuration does not have. */
function strays(reading: Reading, alive: readonly OwnedInstance[]): Discrepancy[] {
  const groups = groupOfNode(reading.config);
  const nodes = new Map(reading.nodes!.map((node) => [node.name, node]));
  return alive.flatMap(({ instance, nodeName, nodeGroup }): Discrepancy[] => {
    const { instanceId } = instance;
    if (nodeName === undefined) {
      const evidence = `the tags of ${instanceId} (node group ${nodeGroup}) name no node`;
      return [found(reading, "no-node", [], [instance], { evidence, action: "terminate" })];
    }
    if (groups.has(nodeName)) return [];
    const known = nodes.get(nodeName);
    const isUsed = known !== undefined && !known.flags.has("POWERED_DOWN") && known.base !== "DOWN";
    const evidence =
      `${instanceId} is ${nodeName} of node group ${nodeGroup}, which slurm-ec2.yaml does not have; ` +
      (known === undefined
        ? "neither does slurmctld"
        : `slurmctld shows ${[known.base, ...known.flags].join("+")}`);
    return [found(reading, "not-in-configuration", [nodeName], [instance], {
      evidence,
      action: isUsed ? "none" : "terminate",
    })];
  });
}

/** Instances with the cluster's tag whose other tags can't be read: whether they are nodes, a person has to find out. */
function unreadableTags(reading: Reading, owned: readonly OwnedInstance[]): Discrepancy[] {
  const known = new Set(owned.map(({ instance }) => instance.instanceId));
  return reading.listed!.filter((instance) =>
    instance.tags[TagKey.Cluster] === reading.config.cluster &&
    !isTestLaunch(instance.tags) &&
    isAlive(instance) && !known.has(instance.instanceId)
  ).map((instance) =>
    found(reading, "no-node", [], [instance], {
      evidence:
        `${instance.instanceId} has the cluster's tag, and no whole ${TagKey.Nodes}: where it is not a ` +
        `node, aws ec2 terminate-instances --instance-ids ${instance.instanceId} ends it`,
      action: "none",
    })
  );
}

/** A wrong reading must not empty a cluster: what goes beyond the ceiling waits for the next pass. */
function withCeiling(findings: readonly Discrepancy[], instances: number): Discrepancy[] {
  let left = Math.max(MAX_UNFORCED.instances, Math.ceil(instances * MAX_UNFORCED.share));
  return findings.map((finding) => {
    if (finding.action !== "terminate") return finding;
    left -= finding.instanceIds.length;
    return left < 0 ? { ...finding, deferred: true } : finding;
  });
}
