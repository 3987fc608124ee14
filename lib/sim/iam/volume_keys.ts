import { partitionOf } from "../../aws/partition.ts";
import type { RunInstancesRequest } from "../run_instances_request.ts";
import type { World } from "../world.ts";
import { keyArn } from "./arns.ts";
import { evaluate } from "./evaluate.ts";
import { policiesOf } from "./policies_of.ts";
import type { Context } from "./statement.ts";

/**
 * Whether the caller may use the customer keys of a launch's volumes. EC2 asks KMS in the caller's name once the
 * instance is there: an instance whose volume can't be had dies while pending
 * (https://repost.aws/knowledge-center/kms-iam-ec2-permission).
 */
export function mayUseKeys(world: World, { BlockDeviceMappings = [] }: RunInstancesRequest): boolean {
  const policies = policiesOf(world);
  if (policies === undefined) return true;
  return BlockDeviceMappings.flatMap(({ Ebs }) => Ebs?.KmsKeyId ?? []).every((key) => {
    const { resource, context } = keyQuestion(world, key);
    return USES.every((action) => {
      const grant = action === "kms:CreateGrant" ? { "kms:GrantIsForAWSResource": "true" } : {};
      return evaluate(policies, { action, resource, context: { ...context, ...grant } }) === "allowed";
    });
  });
}

/** https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html */
const USES = [
  "kms:CreateGrant",
  "kms:Decrypt",
  "kms:DescribeKey",
  "kms:GenerateDataKeyWithoutPlaintext",
  "kms:ReEncryptFrom",
  "kms:ReEncryptTo",
];

/** Every key exists; an alias is that of a key whose id nobody else has. */
function keyQuestion(
  world: World,
  key: string,
): { readonly resource: string; readonly context: Context } {
  const { region, account } = world.settings;
  const alias = /(?:^|:)(alias\/.*)$/.exec(key)?.[1];
  const resource = alias !== undefined
    ? keyArn(world, "00000000-0000-0000-0000-000000000000")
    : key.startsWith("arn:")
    ? key
    : keyArn(world, key);
  return {
    resource,
    context: {
      "aws:PrincipalAccount": account,
      "aws:RequestedRegion": region,
      "kms:ViaService": `ec2.${region}.${partitionOf(region).dnsSuffix}`,
      ...(alias !== undefined && { "kms:ResourceAliases": [alias] }),
    },
  };
}
