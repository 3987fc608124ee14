import type { EfaFacts } from "../aws/ec2_api.ts";
import type { Config, NodeGroup } from "../config/model.ts";
import { NODES_TAG_CHARACTERS_MAX } from "../identity/tags.ts";
import { formatUserData, USER_DATA_BYTES_MAX } from "../identity/user_data.ts";
import type { LaunchSettings } from "../cluster/ssm_parameters.ts";
import { expandHostlist, foldHostlist } from "../slurm/hostlist.ts";
import type { Offering } from "../capacity/offering.ts";

/** One RunInstances call to come: which nodes, of which offering, with which settings. */
export interface LaunchPlan {
  /** The nodes' node group. */
  readonly group: NodeGroup;
  /** What EC2 is asked for. */
  readonly offering: Offering;
  /** Image, key pair and security groups. */
  readonly settings: LaunchSettings;
  /** In launch-index order: the order in which {@link hostlist} expands. */
  readonly nodes: readonly string[];
  /** The nodes, folded; goes into tags and user data. */
  readonly hostlist: string;
  /** Before encoding. */
  readonly userData: string;
  /** All of it or nothing: EC2 launches every node of the plan or none. */
  readonly whole: boolean;
  /** Cores of the instance type, where the group chooses its threads per core. */
  readonly cores?: number;
  /** What the instance type takes of EFAs, where the group wants them. */
  readonly efa?: EfaFacts;
}

/** The parts of the configuration that planning reads. */
export type LaunchConfig = Pick<Config, "cluster" | "region" | "fileSystems" | "dns" | "limits" | "spot">;

/** What is asked for: nodes of one group, of one offering. */
export interface LaunchRequest {
  /** The nodes' node group. */
  readonly group: NodeGroup;
  /** Node names, each once. */
  readonly nodes: readonly string[];
  /** What EC2 is asked for. */
  readonly offering: Offering;
  /** Image, key pair and security groups. */
  readonly settings: LaunchSettings;
  /** Launch all of it or nothing; honoured up to {@link WHOLE_MAX} nodes. */
  readonly whole: boolean;
  /** Cores of the instance type, where the group chooses its threads per core. */
  readonly cores?: number;
  /** What the instance type takes of EFAs, where the group wants them. */
  readonly efa?: EfaFacts;
}

/**
 * Most nodes launched all or nothing, in one call: the RunInstances resource bucket holds 1000.
 * https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
 */
export const WHOLE_MAX = 1000;

/**
 * Splits a request into calls of at most `limits.launchBatch` nodes whose hostlist fits into user data and
 * tags. AWS advises several smaller calls over one large one:
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html
 */
export function planLaunches(
  config: LaunchConfig,
  request: LaunchRequest,
): LaunchPlan[] {
  const ordered = expandHostlist(foldHostlist(request.nodes));
  const whole = request.whole && ordered.length <= WHOLE_MAX;
  const calls = whole ? 1 : Math.ceil(ordered.length / config.limits.launchBatch);
  const size = Math.ceil(ordered.length / calls);
  return Array.from({ length: calls }, (_, i) => ordered.slice(i * size, (i + 1) * size))
    .flatMap((nodes) => fitting(config, { ...request, whole }, nodes));
}

/** One plan, or its halves where the hostlist would not fit. */
function fitting(
  config: LaunchConfig,
  request: LaunchRequest,
  nodes: readonly string[],
): LaunchPlan[] {
  if (nodes.length === 0) return [];
  const plan = launchPlan(config, request, nodes);
  const fits = plan.hostlist.length <= NODES_TAG_CHARACTERS_MAX &&
    new TextEncoder().encode(plan.userData).length <= USER_DATA_BYTES_MAX;
  if (fits || nodes.length === 1) return [plan];
  return halves(nodes).flatMap((half) => fitting(config, { ...request, whole: false }, half));
}

function halves(nodes: readonly string[]): (readonly string[])[] {
  const middle = Math.ceil(nodes.length / 2);
  return [nodes.slice(0, middle), nodes.slice(middle)];
}

function launchPlan(
  config: LaunchConfig,
  { group, offering, settings, whole, cores, efa }: Omit<LaunchRequest, "nodes">,
  unordered: readonly string[],
): LaunchPlan {
  const hostlist = foldHostlist(unordered);
  const userData = formatUserData({
    cluster: config.cluster,
    nodeGroup: group.name,
    nodes: hostlist,
    region: config.region,
    bootLimit: config.limits.bootLimit,
    orphanLimit: config.limits.orphanLimit,
    onNotice: config.spot.onNotice,
    domain: config.dns.domain,
    fileSystems: config.fileSystems,
    hosts: config.dns.hosts,
    settings: group.userData,
  });
  const nodes = expandHostlist(hostlist);
  return {
    group,
    offering,
    settings,
    nodes,
    hostlist,
    userData,
    whole,
    ...(cores !== undefined && { cores }),
    ...(efa !== undefined && { efa }),
  };
}
