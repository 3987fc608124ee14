import type { ArnScope } from "./arn.ts";
import { single, type Statement } from "./policy.ts";

/** Customer keys, and through which service they are used. */
export interface KeyUse {
  /** Beginning of the statements' names. */
  readonly sid: string;
  /** Ids, aliases (`alias/…`) or ARNs of customer keys. */
  readonly keys: readonly string[];
  readonly scope: ArnScope;
  /** E.g. `ec2.eu-west-1.amazonaws.com`, by each of its names: the keys are of no use outside it. */
  readonly services: readonly string[];
}

/**
 * What launching on volumes with customer keys needs
 * (https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html); nothing where there are none.
 */
export function keyStatements({ sid, keys, scope, services }: KeyUse): Statement[] {
  const via = { "kms:ViaService": single(services) };
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
      Condition: { ...condition, StringEquals: via },
    },
    {
      Sid: `${sid}Grant${suffix}`,
      Effect: "Allow",
      Action: "kms:CreateGrant",
      Resource: resource,
      Condition: {
        ...condition,
        StringEquals: via,
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
 * A statement's resource names keys, never aliases: those are named by a condition.
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
