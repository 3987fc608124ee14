import * as v from "valibot";
import { partitionOf } from "../../aws/partition.ts";
import type { Actions } from "../actions.ts";
import { Refusal } from "../refusal.ts";
import type { World } from "../world.ts";

/** How requests to Service Quotas name their operation: `X-Amz-Target`. */
export const QUOTAS_TARGET = "ServiceQuotasV20190624.";

const REQUEST = v.object({
  ServiceCode: v.string(),
  MaxResults: v.optional(v.number()),
  NextToken: v.optional(v.string()),
});

/**
 * Reads the JSON of a ListServiceQuotas request.
 * @throws {Refusal} `SerializationException` or `ValidationException`.
 */
export function quotasRequest(body: string): Actions["ListServiceQuotas"]["request"] {
  let data: unknown;
  try {
    data = JSON.parse(body || "{}");
  } catch {
    throw new Refusal("SerializationException", "The request body is not JSON");
  }
  const parsed = v.safeParse(REQUEST, data);
  if (parsed.success) return parsed.output as Actions["ListServiceQuotas"]["request"];
  const [issue] = parsed.issues;
  throw new Refusal(
    "ValidationException",
    `1 validation error detected at '${v.getDotPath(issue) ?? ""}': ${issue.message}`,
  );
}

/** The JSON that Service Quotas answers ListServiceQuotas with. */
export function quotasAnswer(
  { settings: { region, account } }: World,
  { items, nextToken }: Actions["ListServiceQuotas"]["answer"],
): object {
  return {
    NextToken: nextToken,
    Quotas: items.map(({ quotaCode, quotaName, value, adjustable }) => ({
      ServiceCode: "ec2",
      ServiceName: "Amazon Elastic Compute Cloud (Amazon EC2)",
      QuotaArn: `arn:${partitionOf(region).id}:servicequotas:${region}:${account}:ec2/${quotaCode}`,
      QuotaCode: quotaCode,
      QuotaName: quotaName,
      Value: value,
      Unit: "None",
      Adjustable: adjustable,
      GlobalQuota: false,
    })),
  };
}
