/** What is different in a partition of AWS; the rest of the program asks here, and nowhere else knows it. */
export interface Partition {
  /** As ARNs have it, e.g. `aws-cn`. */
  readonly id: string;
  /** Beginning of its Regions' names; empty for `aws`, which has all others. */
  readonly prefix: string;
  /** What an endpoint's name ends with. */
  readonly dnsSuffix: string;
  /** The same for endpoints that speak IPv6 as well. */
  readonly dualStackSuffix: string;
  /** EC2's service principal, as a role must trust it: IAM refuses one that the partition does not have. */
  readonly ec2Principal: string;
}

/** EC2's principal in most partitions, whatever their endpoints are called. */
const EC2_PRINCIPAL = "ec2.amazonaws.com";

/**
 * AWS's partitions. Regions and suffixes: https://docs.aws.amazon.com/general/latest/gr/rande.html and the SDKs' own
 * data, which a test holds this to. EC2's principal follows the suffix in three partitions only
 * (https://github.com/eksctl-io/eksctl/blob/main/pkg/apis/eksctl.io/v1alpha5/partitions.go); in `aws-eusc` IAM refuses
 * ec2.amazonaws.eu.
 */
export const PARTITIONS: readonly Partition[] = [
  partition("aws-cn", "cn-", {
    dnsSuffix: "amazonaws.com.cn",
    dualStackSuffix: "api.amazonwebservices.com.cn",
    ec2Principal: "ec2.amazonaws.com.cn",
  }),
  partition("aws-us-gov", "us-gov-", { dnsSuffix: "amazonaws.com", dualStackSuffix: "api.aws" }),
  partition("aws-eusc", "eusc-", { dnsSuffix: "amazonaws.eu", dualStackSuffix: "api.amazonwebservices.eu" }),
  partition("aws-iso", "us-iso-", {
    dnsSuffix: "c2s.ic.gov",
    dualStackSuffix: "api.aws.ic.gov",
    ec2Principal: "ec2.c2s.ic.gov",
  }),
  partition("aws-iso-b", "us-isob-", {
    dnsSuffix: "sc2s.sgov.gov",
    dualStackSuffix: "api.aws.scloud",
    ec2Principal: "ec2.sc2s.sgov.gov",
  }),
  partition("aws-iso-e", "eu-isoe-", {
    dnsSuffix: "cloud.adc-e.uk",
    dualStackSuffix: "api.cloud-aws.adc-e.uk",
  }),
  partition("aws-iso-f", "us-isof-", { dnsSuffix: "csp.hci.ic.gov", dualStackSuffix: "api.aws.hci.ic.gov" }),
  partition("aws", "", { dnsSuffix: "amazonaws.com", dualStackSuffix: "api.aws" }),
];

function partition(
  id: string,
  prefix: string,
  domains: Pick<Partition, "dnsSuffix" | "dualStackSuffix"> & Partial<Pick<Partition, "ec2Principal">>,
): Partition {
  return { ec2Principal: EC2_PRINCIPAL, ...domains, id, prefix };
}

/** The partition of a Region; one that nobody knows yet is in `aws`. */
export function partitionOf(region: string): Partition {
  return PARTITIONS.find(({ prefix }) => region.startsWith(prefix))!;
}

/**
 * What `iam:PassedToService` may be when a launch hands EC2 a role: EC2's name everywhere, and the partition's own. In
 * China it is the latter (https://github.com/aws/karpenter-provider-aws/issues/6843).
 */
export function passedToEc2(region: string): string[] {
  const { ec2Principal, dnsSuffix } = partitionOf(region);
  return [...new Set([EC2_PRINCIPAL, ec2Principal, `ec2.${dnsSuffix}`])];
}

/**
 * What `kms:ViaService` may be when a service uses a key for a caller
 * (https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service).
 * @param service Its short name, e.g. `ssm`.
 */
export function viaService(service: string, region: string): string[] {
  return [...new Set(["amazonaws.com", partitionOf(region).dnsSuffix])].map((suffix) =>
    `${service}.${region}.${suffix}`
  );
}
