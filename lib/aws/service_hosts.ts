import type { AwsService } from "./client_settings.ts";
import { partitionOf } from "./partition.ts";

/**
 * AWS's Regions of all public partitions
 * (https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html): what a program that is
 * built for any site may have to reach. A newer one is added by building for a configuration that names it.
 */
export const REGIONS: readonly string[] = [
  ...["us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "ca-west-1", "mx-central-1"],
  ...["sa-east-1", "sa-west-1", "af-south-1", "il-central-1", "me-central-1", "me-south-1", "me-west-1"],
  ...["eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2"],
  ...["eu-west-1", "eu-west-2", "eu-west-3"],
  ...["ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3"],
  ...["ap-south-1", "ap-south-2", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3"],
  ...["ap-southeast-4", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7"],
  ...["cn-north-1", "cn-northwest-1", "us-gov-east-1", "us-gov-west-1", "eusc-de-east-1"],
];

/**
 * The metadata service of an EC2 instance, over IPv4 and IPv6
 * (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html).
 */
export const METADATA_HOSTS: readonly string[] = ["169.254.169.254:80", "[fd00:ec2::254]:80"];

/** Regions with FIPS endpoints (https://aws.amazon.com/compliance/fips/), which AWS_USE_FIPS_ENDPOINT chooses. */
const FIPS_REGION = /^(?:us|ca)-/;

/** First part of an endpoint's name where it is not the service's short name. */
const ENDPOINT_NAMES: Readonly<Partial<Record<AwsService, string>>> = {
  pricing: "api.pricing",
  quotas: "servicequotas",
};

/** Where the SDK may reach a service for a Region, each as `host:port`. */
export function serviceHosts(service: AwsService, region: string): string[] {
  const at = service === "pricing" ? pricingRegion(region) : region;
  const { dnsSuffix, dualStackSuffix } = partitionOf(at);
  const name = ENDPOINT_NAMES[service] ?? service;
  const names = FIPS_REGION.test(at) && service !== "pricing" ? [name, `${name}-fips`] : [name];
  return names.flatMap((name) => [
    `${name}.${at}.${dnsSuffix}:443`,
    `${name}.${at}.${dualStackSuffix}:443`,
  ]);
}

/**
 * The Region whose price list endpoint serves a Region: only a few have one, each with the prices of all of its
 * partition (https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-price-list-query-api.html).
 */
export function pricingRegion(region: string): string {
  if (region.startsWith("cn-")) return "cn-northwest-1";
  return "us-east-1";
}
