import type { RunInstancesRequest } from "../../../lib/sim/run_instances_request.ts";
import { WORLD } from "../../../lib/sim/fresh_world.ts";
import { resourceId } from "../../../lib/sim/unique_id.ts";

/** Name of the cluster whose nodes are measured. */
export const CLUSTER = "bench";
/** What every program launches. */
export const INSTANCE_TYPE = "c7i.large";
/** The second choice of a fleet request; as large as the first. */
export const SECOND_INSTANCE_TYPE = "c6i.large";
/** A subnet of the bench's own, next to those of every simulated world: they are too small for 10,000 nodes. */
export const WIDE_SUBNET = { availabilityZone: `${WORLD.region}a`, cidrBlock: "10.0.128.0/18" };
/** Its id. */
export const SUBNET = resourceId("subnet", 1, WORLD.subnetIds.length + 1);

/**
 * What ParallelCluster's launch template of a compute resource comes to, but for the user data, which travel in no
 * request and no answer (https://github.com/aws/aws-parallelcluster: cli/src/pcluster/templates/queue_group_stack.py).
 */
export const LAUNCH_TEMPLATE = {
  ImageId: WORLD.imageIds.x86_64,
  InstanceType: INSTANCE_TYPE,
  KeyName: WORLD.keyName,
  SubnetId: SUBNET,
  SecurityGroupIds: [WORLD.securityGroupId],
  IamInstanceProfile: { Name: WORLD.instanceProfileName },
  InstanceInitiatedShutdownBehavior: "terminate",
  MetadataOptions: { HttpTokens: "required", HttpPutResponseHopLimit: 1 },
  TagSpecifications: (["instance", "volume"] as const).map((ResourceType) => ({
    ResourceType,
    Tags: [
      { Key: "parallelcluster:cluster-name", Value: CLUSTER },
      { Key: "parallelcluster:node-type", Value: "Compute" },
      { Key: "parallelcluster:queue-name", Value: "bench" },
      { Key: "parallelcluster:compute-resource-name", Value: "c7i" },
      { Key: "parallelcluster:attributes", Value: "alinux2023, slurm, 3.0.0, x86_64" },
      { Key: "Name", Value: "Compute" },
    ],
  })),
} satisfies Omit<RunInstancesRequest, "MinCount" | "MaxCount">;
