import { partitionOf } from "../../aws/partition.ts";
import { WORLD } from "../fresh_world.ts";
import type { World } from "../world.ts";

/** Who the latest call came from. */
export function principalArn(world: World): string {
  return world.caller === "user"
    ? iamArn(world, "user/simulated")
    : arn(world, "sts", { region: "", resource: `assumed-role/${WORLD.instanceProfileName}/simulated` });
}

/** ARN of an IAM resource, e.g. `role/Node`; these are of no region. */
export function iamArn(world: World, resource: string): string {
  return arn(world, "iam", { region: "", resource });
}

/**
 * ARN of an EC2 resource, e.g. `subnet/subnet-…`: all are the account's own, and images alone name no account
 * (https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html#amazonec2-resources-for-iam-policies).
 */
export function ec2Arn(world: World, resource: string): string {
  return arn(world, "ec2", { resource, ...(resource.startsWith("image/") && { account: "" }) });
}

/** ARN of an SSM parameter by name; one that begins without a slash gets it there. */
export function parameterArn(world: World, name: string): string {
  return arn(world, "ssm", { resource: `parameter${name.startsWith("/") ? "" : "/"}${name}` });
}

/** ARN of a KMS key by id. */
export function keyArn(world: World, id: string): string {
  return arn(world, "kms", { resource: `key/${id}` });
}

function arn(
  { settings }: World,
  service: string,
  { resource, region = settings.region, account = settings.account }: {
    readonly resource: string;
    readonly region?: string;
    readonly account?: string;
  },
): string {
  return `arn:${partitionOf(settings.region).id}:${service}:${region}:${account}:${resource}`;
}
