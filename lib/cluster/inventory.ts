import type { Ec2Api } from "../aws/ec2_api.ts";
import type { Instance, InstanceState } from "../aws/instance.ts";
import { type OwnedInstance, ownedInstances } from "../identity/node_of_instance.ts";
import { TagKey } from "../identity/tags.ts";

/**
 * Instances a page: EC2 gives up to 1000, but one such answer is 3 MB of XML that the SDK holds several times
 * over while it parses it.
 */
const PAGE_SIZE = 500;

/** States in which an instance still is somebody's node, or costs money. */
const LIVE: readonly InstanceState[] = ["pending", "running", "stopping", "stopped", "shutting-down"];

/** Every live instance of the cluster, by its tag, a page at a time. */
export async function listCluster(
  ec2: Pick<Ec2Api, "describeInstances">,
  cluster: string,
  states: readonly InstanceState[] = LIVE,
): Promise<OwnedInstance[]> {
  const found: Instance[] = [];
  let NextToken: string | undefined;
  do {
    const page = await ec2.describeInstances({
      Filters: [
        { Name: `tag:${TagKey.Cluster}`, Values: [cluster] },
        { Name: "instance-state-name", Values: states },
      ],
      MaxResults: PAGE_SIZE,
      ...(NextToken !== undefined && { NextToken }),
    });
    found.push(...page.items);
    NextToken = page.nextToken;
  } while (NextToken !== undefined);
  return ownedInstances(found, cluster);
}
