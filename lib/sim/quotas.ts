import type { Page } from "../aws/ec2_api.ts";
import type { ServiceQuota } from "../aws/quotas_api.ts";
import { page } from "./paging.ts";
import { Refusal } from "./refusal.ts";
import { requestBucket } from "./token_buckets.ts";
import type { World } from "./world.ts";

/** Request of ListServiceQuotas. */
export interface ListServiceQuotasRequest {
  readonly ServiceCode: string;
  readonly MaxResults?: number;
  readonly NextToken?: string;
}

/**
 * vCPU quotas by code (https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html,
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-spot-limits.html).
 */
export const VCPU_QUOTAS: readonly (readonly [code: string, name: string])[] = [
  ["L-1216C47A", "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances"],
  ["L-DB2E81BA", "Running On-Demand G and VT instances"],
  ["L-417A185B", "Running On-Demand P instances"],
  ["L-74FC7D96", "Running On-Demand F instances"],
  ["L-7295265B", "Running On-Demand X instances"],
  ["L-1945791B", "Running On-Demand Inf instances"],
  ["L-2C3B7624", "Running On-Demand Trn instances"],
  ["L-6E869C2A", "Running On-Demand DL instances"],
  ["L-F7808C92", "Running On-Demand HPC instances"],
  ["L-43DA4232", "Running On-Demand High Memory instances"],
  ["L-34B43A08", "All Standard (A, C, D, H, I, M, R, T, Z) Spot Instance Requests"],
  ["L-3819A6DF", "All G and VT Spot Instance Requests"],
  ["L-7212CCBC", "All P4, P3 and P2 Spot Instance Requests"],
  ["L-C4BD4855", "All P5 Spot Instance Requests"],
  ["L-88CF9481", "All F Spot Instance Requests"],
  ["L-E3A00192", "All X Spot Instance Requests"],
  ["L-B5D1601B", "All Inf Spot Instance Requests"],
  ["L-6B0D517C", "All Trn Spot Instance Requests"],
  ["L-85EED4F7", "All DL Spot Instance Requests"],
];

/** What a world without a vCPU quota says it has: more than anybody asks for. */
const UNLIMITED_VCPUS = 1_000_000;

/**
 * ListServiceQuotas, of EC2: the world's vCPU quota of every set of families, and the request bucket of RunInstances.
 * @throws {Refusal} for another service, or a page that can't be.
 */
export function listServiceQuotas(world: World, request: ListServiceQuotasRequest): Page<ServiceQuota> {
  if (request.ServiceCode !== "ec2") {
    throw new Refusal("NoSuchResourceException", `The service ${request.ServiceCode} has no quotas here`);
  }
  const { vcpuQuota = UNLIMITED_VCPUS, quotas = {} } = world.settings;
  const bucket = requestBucket("RunInstances", false).limits;
  const all: readonly ServiceQuota[] = [
    ...VCPU_QUOTAS.map(([quotaCode, quotaName]) => ({
      quotaCode,
      quotaName,
      value: quotas[quotaCode] ?? vcpuQuota,
      adjustable: true,
    })),
    {
      quotaCode: "L-8EEB235C",
      quotaName: "RunInstances request bucket maximum capacity",
      value: bucket.size,
      adjustable: false,
    },
    {
      quotaCode: "L-A2D70E6C",
      quotaName: "RunInstances request bucket refill rate",
      value: bucket.refill,
      adjustable: false,
    },
  ];
  const { items, ...rest } = page(all.map((quota, number) => ({ quota, number })), request, {
    bounds: { min: 1, max: 100 },
    numberOf: ({ number }) => number,
  });
  return { items: items.map(({ quota }) => quota), ...rest };
}
