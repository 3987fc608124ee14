import { AwsError } from "../../lib/aws/aws_error.ts";
import type { InstanceTypeFacts, InstanceTypeOffering } from "../../lib/aws/ec2_api.ts";
import { snapshotInstanceTypes } from "../../lib/aws/instance_type_snapshot.ts";
import { listCluster } from "../../lib/cluster/inventory.ts";
import type { Config } from "../../lib/config/model.ts";
import type { OwnedInstance } from "../../lib/identity/node_of_instance.ts";
import { gatherOfferings } from "../../lib/preflight/parameters/run.ts";
import { fetchTypeFacts } from "../../lib/slurm_conf/render/run.ts";
import type { AwsQuestions } from "./aws.ts";

/** The facts of the configuration's instance types: EC2's, or where it gives none, those that we carry. */
export async function typesOf(
  { ec2 }: Pick<AwsQuestions, "ec2">,
  config: Config,
): Promise<ReadonlyMap<string, InstanceTypeFacts>> {
  const carried = await snapshotInstanceTypes();
  try {
    const { types } = await fetchTypeFacts(ec2, config);
    return new Map([...carried, ...types]);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return carried;
  }
}

/** Which zones have which of the configuration's instance types; undefined where EC2 does not say. */
export async function offeringsOf(
  { ec2, patience }: Pick<AwsQuestions, "ec2" | "patience">,
  config: Config,
): Promise<readonly InstanceTypeOffering[] | undefined> {
  try {
    return await gatherOfferings({ ec2, ...patience }, config);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return undefined;
  }
}

/** The cluster's live instances; undefined where EC2 does not say. */
export async function instancesOf(
  { ec2, patience }: Pick<AwsQuestions, "ec2" | "patience">,
  { cluster }: Config,
): Promise<readonly OwnedInstance[] | undefined> {
  try {
    return await listCluster({ ec2, ...patience }, cluster);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return undefined;
  }
}
