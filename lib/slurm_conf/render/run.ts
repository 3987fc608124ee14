import type { Ec2Api, InstanceTypeFacts, Page } from "../../aws/ec2_api.ts";
import { linuxPrices } from "../../aws/linux_prices.ts";
import { collectPages } from "../../aws/paginate.ts";
import type { PricingApi } from "../../aws/pricing_api.ts";
import { chunk } from "../../base/chunk.ts";
import type { Config } from "../../config/model.ts";
import type { TypeFacts } from "./render_input.ts";
import type { PriceList } from "./weight.ts";

/** Values that EC2 takes in one filter. */
const FILTER_VALUES = 200;

/**
 * The facts of a configuration's instance types as EC2 has them today. Types are asked for by filter: a type that
 * the region does not have is then absent from the answer, where asking by name would fail the whole call.
 */
export async function fetchTypeFacts(ec2: Ec2Api, config: Config): Promise<TypeFacts> {
  const names = [...new Set(config.nodeGroups.flatMap((group) => group.instanceTypes))];
  const found = await describeAll(
    names,
    (values, NextToken) =>
      ec2.describeInstanceTypes({ Filters: [{ Name: "instance-type", Values: values }], NextToken }),
  );
  return {
    origin: `EC2 DescribeInstanceTypes in ${config.region}`,
    types: new Map<string, InstanceTypeFacts>(found.map((facts) => [facts.instanceType, facts])),
  };
}

/** The availability zone of every subnet of a configuration that EC2 knows, by subnet id. */
export async function fetchZones(ec2: Ec2Api, config: Config): Promise<ReadonlyMap<string, string>> {
  const ids = [...new Set(config.nodeGroups.flatMap((group) => group.subnets))];
  const found = await describeAll(
    ids,
    (values, NextToken) =>
      ec2.describeSubnets({ Filters: [{ Name: "subnet-id", Values: values }], NextToken }),
  );
  return new Map(found.map(({ subnetId, availabilityZone }) => [subnetId, availabilityZone]));
}

/** Prices of the types that groups prefer, groups with a weight of their own left out. */
export async function fetchPrices(pricing: PricingApi, config: Config): Promise<PriceList> {
  const preferred = config.nodeGroups.filter(({ weight }) => weight === undefined)
    .map(({ instanceTypes }) => instanceTypes[0]!);
  const prices = await linuxPrices(pricing, config.region, preferred);
  return {
    origin: `AWS's price list (Linux, on demand, ${config.region})`,
    prices: new Map([...prices].map(([type, onDemand]) => [type, { onDemand }])),
  };
}

async function describeAll<T>(
  values: readonly string[],
  describe: (values: readonly string[], nextToken: string | undefined) => Promise<Page<T>>,
): Promise<T[]> {
  const found: T[] = [];
  for (const some of chunk(values, FILTER_VALUES)) {
    found.push(...await collectPages((token) => describe(some, token)));
  }
  return found;
}
