import type { ArnScope } from "./arn.ts";
import type { Statement } from "./policy.ts";

/** Customer keys, and through which service they are used. */
export interface KeyUse {
  /** Beginning of the statements' names. */
  readonly sid: string;
  /** Ids, aliases (`alias/…`) or ARNs of customer keys. */
  readonly keys: readonly string[];
  readonly scope: ArnScope;
  /** E.g. `ec2.eu-west-1.amazonaws.com`: the keys are of no use outside it. */
  readonly service: string;
}

/**
 * What launching on volumes with customer keys needs
 * (https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html); nothing where there are none.
 */
export function keyStatements({ sid, keys, scope, service }: KeyUse): Statement[] {
  const use = [
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
  ];
  return targets(keys, scope).flatMap(({ suffix, resource, condition }): Statement[] => [
    {
      Sid: `${sid}Key${suffix}`,
      Effect: "Allow",
      Action: use,
      Resource: resource,
      Condition: { ...condition, StringEquals: { "kms:ViaService": service } },
    },
    {
      Sid: `${sid}Grant${suffix}`,
      Effect: "Allow",
      Action: "kms:CreateGrant",
      Resource: resource,
      Condition: {
        ...condition,
        StringEquals: { "kms:ViaService": service },
        Bool: { "kms:GrantIsForAWSResource": "true" },
      },
    },
  ]);
}

interface Target {
  readonly suffix: string;
  readonly resource: readonly string[];
  readonly condition: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

/**
 * A statement's resource names keys, never aliases: those are told by condition.
 * https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
 */
function targets(keys: readonly string[], { partition, region, account }: ArnScope): Target[] {
  const kinds = Map.groupBy(new Set(keys), (key) => /(^|:)alias\//.test(key) ? "alias" : "key");
  const arn = (key: string) =>
    key.startsWith("arn:") ? key : `arn:${partition}:kms:${region}:${account}:key/${key}`;
  const named = kinds.get("key")?.map(arn);
  const aliases = kinds.get("alias")?.map((alias) => alias.replace(/^arn:[^/]*:(?=alias\/)/, ""));
  return [
    ...(named ? [{ suffix: "", resource: named, condition: {} }] : []),
    ...(aliases
      ? [{
        suffix: "ByAlias",
        resource: [arn("*")],
        condition: { "ForAnyValue:StringEquals": { "kms:ResourceAliases": aliases } },
      }]
      : []),
  ];
}
