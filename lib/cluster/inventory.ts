import type { Ec2Api, Filter } from "../aws/ec2_api.ts";
import type { Instance, InstanceState } from "../aws/instance.ts";
import { collectPages } from "../aws/paginate.ts";
import { type Patience, patiently } from "../aws/patiently.ts";
import { type OwnedInstance, ownedInstances } from "../identity/node_of_instance.ts";
import { TagKey } from "../identity/tags.ts";

/**
 * Instances a page: EC2 gives up to 1000, but one such answer is 3 MB of XML that the SDK holds several times
 * over while it parses it.
 */
const PAGE_SIZE = 500;

/** States in which an instance still is somebody's node, or costs money. */
const LIVE: readonly InstanceState[] = ["pending", "running", "stopping", "stopped", "shutting-down"];

/** What listing takes. */
export interface InventoryPorts extends Patience {
  readonly ec2: Pick<Ec2Api, "describeInstances">;
}

/** Every live instance of the cluster, by its tag, a page at a time. */
export async function listCluster(
  ports: InventoryPorts,
  cluster: string,
): Promise<OwnedInstance[]> {
  return ownedInstances(await pages(ports, ownFilters(cluster)), cluster);
}

function ownFilters(cluster: string): Filter[] {
  return [
    { Name: `tag:${TagKey.Cluster}`, Values: [cluster] },
    { Name: "instance-state-name", Values: LIVE },
  ];
}

function pages(
  ports: InventoryPorts,
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
