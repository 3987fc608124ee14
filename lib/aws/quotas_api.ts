import type { CallOptions, Page } from "./ec2_api.ts";

/** A quota of the account in the region, with the value that applies to it. */
export interface ServiceQuota {
  /** E.g. `L-1216C47A`, the same in every account and region. */
  readonly quotaCode: string;
  /** Service Quotas' own words, e.g. `Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances`. */
  readonly quotaName: string;
  /** In the quota's own unit: vCPUs, tokens, … */
  readonly value: number;
  /** Whether AWS raises it on request. */
  readonly adjustable: boolean;
}

/** The Service Quotas operation that people's commands call; hooks never do. */
export interface QuotasApi {
  /**
   * A page of a service's quotas that have an applied value, at most 100
   * (https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_ListServiceQuotas.html).
   * Throws {@link AwsError}.
   */
  listServiceQuotas(
    input: { readonly ServiceCode: string; readonly MaxResults?: number; readonly NextToken?: string },
    options?: CallOptions,
  ): Promise<Page<ServiceQuota>>;
}
