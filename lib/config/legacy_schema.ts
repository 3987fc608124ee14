import * as v from "valibot";
import { text } from "./field.ts";

/** A key that is read so that it can be reported, and has no equivalent. */
const noted = v.optional(v.unknown());
const any = text("text", /^/);
const given = v.optional(any);

/** PyYAML, which read these files, takes the words of YAML 1.1 for truth values. */
const truth = v.pipe(
  v.string(),
  v.regex(/^(true|yes|on|false|no|off)$/i, "true or false"),
  v.transform((word) => /^(true|yes|on)$/i.test(word)),
);

const pattern = v.pipe(v.string(), v.check(isPattern, "a regular expression"));

function isPattern(source: string): boolean {
  try {
    new RegExp(source);
    return true;
  } catch {
    return false;
  }
}

/** slurm_config.json, which the legacy plugin reads at every start. */
export const SlurmConfigFile = v.strictObject({
  ClusterName: any,
  STACK_NAME: given,
  AWS_DEFAULT_REGION: given,
  region: given,
  DOMAIN: given,
  MaxStoppedDuration: given,
  SuspendAction: v.optional(v.picklist(["stop", "terminate"])),
  SLURMNODE_PROFILE_ARN: given,
  SLURM_POWER_LOG: given,
  AZInfoFile: given,
  InstanceTypesFile: given,
  InstanceTypeInfoFile: given,
  CloudWatchPeriod: noted,
  SLURMNODE_ROLE_NAME: noted,
  SlurmConfigDir: noted,
  SlurmLogsDir: noted,
  SlurmScriptsDir: noted,
  SlurmVersionFile: noted,
});

/** AZInfo.json: the zones that nodes are in. */
export const AzInfoFile = v.record(
  v.string(),
  v.strictObject({ id: any, priority: v.number(), region: any, subnet: any }),
);

/** InstanceTypes.json: the types that were configured, by region. */
export const InstanceTypesFile = v.record(v.string(), v.array(any));

/** Families that were included unless the file said otherwise. */
const INCLUDED_FAMILIES = (
  "c6a c6ad c6i c6id c6g m5zn m6a m6ad m6i m6id m6g r5 r5d r5a r5ad r6a r6i r6id r6g x2gd x2idn x2iedn x2iezn z1d"
).split(" ");
/** Families that were excluded unless the file said otherwise. */
const EXCLUDED_FAMILIES = "a1 c4 d2 g3 g3s h1 i3 i3en m4 p2 p3 p3dn r4 t2 x1 x1e".split(" ");
/** Types that were excluded unless the file said otherwise. */
const EXCLUDED_TYPES = [".+\\.(micro|nano)", ".*\\.metal"];

/**
 * The InstanceConfig section with the defaults of the legacy schema:
 * https://github.com/aws-samples/aws-eda-slurm-cluster/blob/v1.1.2/source/cdk/config_schema.py
 */
export const InstanceConfigFile = v.strictObject({
  UseSpot: v.optional(truth, "true"),
  BaseOsArchitecture: v.record(
    v.picklist(["AlmaLinux", "Amazon", "CentOS", "RedHat", "Rocky"]),
    v.record(v.string(), v.array(v.picklist(["arm64", "x86_64"]))),
  ),
  Exclude: v.optional(
    v.strictObject({
      InstanceFamilies: v.optional(v.array(pattern), EXCLUDED_FAMILIES),
      InstanceTypes: v.optional(v.array(pattern), EXCLUDED_TYPES),
    }),
    {},
  ),
  Include: v.optional(
    v.strictObject({
      MaxSizeOnly: v.optional(truth, "false"),
      InstanceFamilies: v.optional(v.array(pattern), INCLUDED_FAMILIES),
      InstanceTypes: v.optional(v.array(pattern), []),
    }),
    {},
  ),
  NodeCounts: v.optional(v.strictObject({
    DefaultMinCount: v.optional(v.number(), 0),
    DefaultMaxCount: v.number(),
    ComputeResourceCounts: noted,
  })),
  NodesPerInstanceType: v.optional(v.number()),
  DefaultPartition: given,
  Regions: noted,
  /** What AZInfo.json says, which is read instead. */
  AZs: noted,
  AlwaysOnNodes: v.optional(v.array(any), []),
  AlwaysOnPartitions: v.optional(v.array(any), []),
  OnPremComputeNodes: v.optional(v.strictObject({ ConfigFile: any, CIDR: noted, Partition: given })),
});

/** The installer's whole configuration, of which InstanceConfig is a section. */
export const InstallerFile = v.strictObject({
  slurm: v.strictObject({
    InstanceConfig: InstanceConfigFile,
    SlurmVersion: given,
    ClusterName: given,
    MungeKeySsmParameter: noted,
    SlurmCtl: noted,
    SlurmdbdPort: noted,
    SlurmDbd: noted,
    ExistingSlurmDbd: noted,
    Federation: noted,
    SlurmNodeAmis: noted,
    SubmitterSecurityGroupIds: noted,
    SubmitterInstanceTags: noted,
    ElasticSearch: noted,
    JobCompType: noted,
    JobCompLoc: noted,
    SlurmUid: noted,
    ParallelClusterConfig: noted,
    storage: v.optional(v.strictObject({
      ExtraMounts: v.optional(
        v.array(v.strictObject({
          src: any,
          dest: any,
          type: any,
          options: given,
          StorageType: noted,
          FileSystemId: noted,
          VolumeId: noted,
        })),
        [],
      ),
      mount_path: noted,
      provider: noted,
      removal_policy: noted,
      kms_key_arn: noted,
      efs: noted,
      ontap: noted,
      zfs: noted,
      ExtraMountSecurityGroups: noted,
      ExtraMountCidrs: noted,
    })),
  }),
  termination_protection: noted,
  StackName: noted,
  Region: noted,
  SshKeyPair: noted,
  VpcId: noted,
  CIDR: noted,
  SubnetId: noted,
  ErrorSnsTopicArn: noted,
  Domain: noted,
  HostedZoneId: noted,
  TimeZone: noted,
  Licenses: noted,
  AmiMap: noted,
});

/** slurm_config.json as read. */
export type SlurmConfigFile = v.InferOutput<typeof SlurmConfigFile>;
/** AZInfo.json as read. */
export type AzInfoFile = v.InferOutput<typeof AzInfoFile>;
/** InstanceTypes.json as read. */
export type InstanceTypesFile = v.InferOutput<typeof InstanceTypesFile>;
/** The InstanceConfig section as read, legacy defaults filled in. */
export type InstanceConfigFile = v.InferOutput<typeof InstanceConfigFile>;
/** The installer's configuration as read. */
export type InstallerFile = v.InferOutput<typeof InstallerFile>;
