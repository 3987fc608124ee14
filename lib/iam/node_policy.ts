import type { Config } from "../config/model.ts";
import { viaService } from "../aws/partition.ts";
import { type ArnScope, parameterArn } from "./arn.ts";
import { type PolicyDocument, policyDocument, single } from "./policy.ts";

/** What the nodes' policy depends on besides the configuration. */
export interface NodePolicyOptions {
  readonly scope: ArnScope;
  /** Names of the SecureStrings that hold munge keys: below the prefix, or `ssm:/NAME`; at least one. */
  readonly mungeKey: string | readonly string[];
  /** Id or ARN of the customer key that it is encrypted with; absent: the account's own `aws/ssm`. */
  readonly kmsKey?: string;
}

/**
 * What a node may do: read the munge key, where it comes from SSM. It calls no other AWS API, and must not:
 * where the site opens the metadata service to users (METADATA=all), every job has the role's credentials.
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/ps-restrict-decryption.html
 */
export function nodePolicy(
  { region, ssm }: Pick<Config, "region" | "ssm">,
  { scope, mungeKey, kmsKey }: NodePolicyOptions,
): PolicyDocument {
  const { partition, account } = scope;
  const names = [mungeKey].flat().map((name) =>
    parameterArn(
      scope,
      name.startsWith("ssm:/") ? name.slice(4) : `/${ssm.prefix}/${name.replace(/^\//, "")}`,
    )
  );
  return policyDocument([
    {
      Sid: "ReadMungeKey",
      Effect: "Allow",
      Action: "ssm:GetParameter",
      Resource: names.length === 1 ? names[0]! : names,
    },
    kmsKey === undefined ? undefined : {
      Sid: "DecryptMungeKey",
      Effect: "Allow",
      Action: "kms:Decrypt",
      Resource: kmsKey.startsWith("arn:")
        ? kmsKey
        : `arn:${partition}:kms:${region}:${account}:key/${kmsKey}`,
      Condition: { StringEquals: { "kms:ViaService": single(viaService("ssm", region)) } },
    },
  ]);
}
