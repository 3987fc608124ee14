import type { Ec2Api, Filter } from "../aws/ec2_api.ts";
import type { Instance, InstanceState } from "../aws/instance.ts";
import { collectPages } from "../aws/paginate.ts";
import { type Patience, patiently } from "../aws/patiently.ts";
import { chunk } from "../base/chunk.ts";
import { type OwnedInstance, ownedInstances } from "../identity/node_of_instance.ts";
import { TagKey } from "../identity/tags.ts";
import type { HookState } from "./hook_state.ts";

/**
 * Instances a page: EC2 gives up to 1000, but one such answer is 3 MB of XML that the SDK holds several times
 * over while it parses it.
 */
const PAGE_SIZE = 500;

/**
 * Values that one filter takes.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html
 */
export const FILTER_VALUES_MAX = 200;

/** States in which an instance still is somebody's node, or costs money. */
const LIVE: readonly InstanceState[] = ["pending", "running", "stopping", "stopped", "shutting-down"];

/** What finding instances needs. */
export interface InventoryPorts extends Patience {
  readonly ec2: Pick<Ec2Api, "describeInstances">;
  readonly state: Pick<HookState, "hints" | "updateHints">;
}

/**
 * The live instances of some nodes. Hints name the instances to ask for, so that one node among 10,000 costs
 * one small call; the cluster is listed only when the hints are not whole, when that takes fewer calls, or when
 * `listOnMiss` and a node's instance is not where its hint says. A node without a hint has no instance.
 */
export async function findInstances(
  ports: InventoryPorts,
  cluster: string,
  nodes: readonly string[],
  options: { readonly listOnMiss: boolean },
): Promise<Map<string, OwnedInstance[]>> {
  if (nodes.length === 0) return new Map();
  const hints = await ports.state.hints();
  const ids = nodes.flatMap((node) => hints.instanceIds[node] ?? []);
  const pages = Math.ceil(Object.keys(hints.instanceIds).length / PAGE_SIZE);
  if (!hints.complete || Math.ceil(ids.length / FILTER_VALUES_MAX) > pages) {
    return await listAll(ports, cluster, nodes);
  }
  const found = byNode(await describeIds(ports, cluster, ids), nodes);
  const missed = options.listOnMiss && nodes.some((node) => node in hints.instanceIds && !found.has(node));
  return missed ? await listAll(ports, cluster, nodes) : found;
}

/** Every live instance of the cluster, by its tag, a page at a time. */
export async function listCluster(
  ports: Pick<InventoryPorts, "ec2" | keyof Patience>,
  cluster: string,
): Promise<OwnedInstance[]> {
  return ownedInstances(await pages(ports, ownFilters(cluster)), cluster);
}

/** Instances by id, as far as they are alive and the cluster's own. */
async function describeIds(
  ports: Pick<InventoryPorts, "ec2" | keyof Patience>,
  cluster: string,
  ids: readonly string[],
): Promise<OwnedInstance[]> {
  const answers = await Promise.all(
    chunk([...new Set(ids)], FILTER_VALUES_MAX)
      .map((Values) => pages(ports, [...ownFilters(cluster), { Name: "instance-id", Values }])),
  );
  return ownedInstances(answers.flat(), cluster);
}

async function listAll(
  ports: InventoryPorts,
  cluster: string,
  nodes: readonly string[],
): Promise<Map<string, OwnedInstance[]>> {
  const before = await ports.state.hints();
  const all = await listCluster(ports, cluster);
  const listed: Record<string, string> = {};
  for (const { nodeName, instance } of all) {
    if (nodeName !== undefined && instance.state !== "shutting-down") listed[nodeName] = instance.instanceId;
  }
  // Of the hints, only those written since the listing began are newer than it.
  await ports.state.updateHints(({ instanceIds }) => ({
    complete: true,
    instanceIds: { ...listed, ...changedSince(before.instanceIds, instanceIds) },
  }));
  return byNode(all, nodes);
}

function changedSince(
  before: Readonly<Record<string, string>>,
  now: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(Object.entries(now).filter(([node, id]) => before[node] !== id));
}

function ownFilters(cluster: string): Filter[] {
  return [
    { Name: `tag:${TagKey.Cluster}`, Values: [cluster] },
    { Name: "instance-state-name", Values: LIVE },
  ];
}

function pages(
  ports: Pick<InventoryPorts, "ec2" | keyof Patience>,
  Filters: readonly Filter[],
): Promise<Instance[]> {
  return collectPages((NextToken) =>
    patiently(
      ports,
      () =>
        ports.ec2.describeInstances({
          Filters,
          MaxResults: PAGE_SIZE,
          ...(NextToken !== undefined && { NextToken }),
        }),
    )
  );
}

function byNode(instances: readonly OwnedInstance[], nodes: readonly string[]): Map<string, OwnedInstance[]> {
  const wanted = new Set(nodes);
  const named = instances.filter(({ nodeName }) => nodeName !== undefined && wanted.has(nodeName));
  return Map.groupBy(named, ({ nodeName }) => nodeName!);
}
