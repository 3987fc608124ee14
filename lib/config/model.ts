import type { BucketLimits } from "../aws/token_bucket.ts";

/** Linux distributions a node image may carry; the spelling is that of the SSM parameter paths. */
export type OsDistribution = "AlmaLinux" | "Amazon" | "CentOS" | "RedHat" | "Rocky" | "Ubuntu";
/** CPU architectures as EC2 names them. */
export type Architecture = "arm64" | "x86_64";
/** How capacity is bought. */
export type CapacityType = "on-demand" | "spot" | "spot-then-on-demand";
/** What powering a node down does to its instance. */
export type PowerDownAction = "terminate" | "stop";
/** Whether a multi-node job's nodes are launched together or not at all. */
export type Strategy = "all-or-nothing" | "best-effort";

/** How to reach AWS; what is absent follows the SDK's own rules (environment, files, instance role). */
export interface AwsSettings {
  /** Name of a profile in the credentials or config file. */
  readonly profile?: string;
  /** Absolute path of a shared credentials file. */
  readonly credentialsFile?: string;
  /** Absolute path of a shared config file. */
  readonly configFile?: string;
  /** Endpoint URLs by service, for private endpoints and simulators. */
  readonly endpoints: Readonly<Partial<Record<"ec2" | "ssm" | "sts" | "pricing" | "quotas", string>>>;
}

/**
 * Whether `bin/ready` is rendered as PrologSlurmctld, so that a job starts as soon as its nodes are up. `auto`: unless
 * the site has a PrologSlurmctld of its own and a Slurm before 24.05, which runs one only.
 */
export type Ready = "auto" | "on" | "off";

/** What we know of the site's Slurm. */
export interface SlurmSettings {
  /** Target version such as `24.05`; absent: any supported one. */
  readonly version?: string;
  /** Directory of slurm.conf. */
  readonly confDir: string;
  /** Directory of scontrol, absolute: hooks have no PATH. */
  readonly binDir: string;
  /** The user that slurmctld runs as (SlurmUser). */
  readonly user: string;
  /** Slurm keys set on every partition that we render. */
  readonly partitionOptions: Readonly<Record<string, string>>;
  /** File with the site's own nodes, included by the rendered configuration. */
  readonly onPremConf?: string;
  /** Whether jobs wait for their nodes in a PrologSlurmctld of ours. */
  readonly ready: Ready;
}

/** A file system that nodes mount at the same path as the site does. */
export interface FileSystem {
  /** What is mounted, e.g. `nas1:/export/home`. */
  readonly source: string;
  /** Absolute path at which it is mounted. */
  readonly mount: string;
  /** As mount(8) takes it, e.g. `nfs4`. */
  readonly type: string;
  /** As mount(8) takes them. */
  readonly options?: string;
}

/** Where SSM parameters are looked up: `/<prefix>/<spelling>/…`. */
export interface SsmSettings {
  /** Without slashes at the ends; the cluster's name by default. */
  readonly prefix: string;
  /** The documented `SlurmNodeAmi`, or the legacy stack's `SlurmNodeAmis`. */
  readonly spelling: "SlurmNodeAmi" | "SlurmNodeAmis";
}

/** The root volume of a node. */
export interface RootVolume {
  /** Device of the image's root volume; absent: the distribution's own. */
  readonly deviceName?: string;
  /** GiB. */
  readonly size?: number;
  /** EBS volume type. */
  readonly type?: "gp2" | "gp3" | "io1" | "io2";
  /** Provisioned input and output operations a second; of gp3, io1 and io2. */
  readonly iops?: number;
  /** MiB/s; of gp3. */
  readonly throughput?: number;
  /** Whether the volume is encrypted; absent: as the image or the account says. */
  readonly encrypted?: boolean;
  /** KMS key of an encrypted volume; absent: the account's default. */
  readonly kmsKeyId?: string;
}

/** A volume besides the root volume: attached empty, without a file system, and deleted with its instance. */
export interface Volume extends Omit<RootVolume, "type"> {
  /** Where it is attached, e.g. `/dev/sdb`; with NVMe the system has it under another name. */
  readonly deviceName: string;
  /** GiB. */
  readonly size: number;
  /** EBS volume type; absent: EC2's default. */
  readonly type?: RootVolume["type"] | "st1" | "sc1";
}

/** Instance metadata service options (EC2 API reference, InstanceMetadataOptionsRequest). */
export interface MetadataOptions {
  /** `required`: IMDSv2 only. */
  readonly httpTokens: "required" | "optional";
  /** Network hops a token may travel, 1 to 64. */
  readonly httpPutResponseHopLimit: number;
}

/** What a node group takes over from `defaults` unless it says otherwise. */
export interface NodeDefaults {
  /** Linux distribution and its major version. */
  readonly os: { readonly distribution: OsDistribution; readonly version: string };
  /** CPU architecture of image and instance types. */
  readonly architecture: Architecture;
  /** Name of an EC2 key pair; absent: read from SSM. `none`: no key pair. */
  readonly keyPair?: string;
  /** Ids; absent: read from SSM. */
  readonly securityGroups?: readonly string[];
  /** Image id; absent: read from SSM. */
  readonly imageId?: string;
  /** Name or ARN of an instance profile. */
  readonly instanceProfile?: string;
  /** Root volume; absent: the image's own. */
  readonly rootVolume?: RootVolume;
  /** Volumes besides the root volume. */
  readonly volumes?: readonly Volume[];
  /** Instance metadata service options. */
  readonly metadataOptions: MetadataOptions;
  /** The site's own tags on instances, volumes and network interfaces. */
  readonly tags: Readonly<Record<string, string>>;
  /** Key=value settings handed to the boot script; never a secret. */
  readonly userData: Readonly<Record<string, string>>;
}

/** Our unit of configuration: nodes of one shape. Renders to NodeName lines and a NodeSet. */
export interface NodeGroup extends NodeDefaults {
  /** Unique; letters, digits, `-`, `_` and `.`. */
  readonly name: string;
  /** Hostlist of the group's node names, e.g. `c7i-[0-999]`. */
  readonly nodes: string;
  /** EC2 instance types of the same shape, in order of preference; at least one. */
  readonly instanceTypes: readonly string[];
  /** Subnet ids, in order of preference; at least one. */
  readonly subnets: readonly string[];
  /** How capacity is bought. */
  readonly capacityType: CapacityType;
  /** With spot-then-on-demand: seconds for which spot capacity has been out before on-demand is asked for; absent: 0. */
  readonly spotTimeLimit?: number;
  /** Id of an On-Demand Capacity Reservation to launch into. */
  readonly capacityReservation?: string;
  /** Name of an EC2 placement group. */
  readonly placementGroup?: string;
  /** Whether instances have as many Elastic Fabric Adapters as their type takes. */
  readonly efa: boolean;
  /** 1 turns simultaneous multithreading off; absent: the type's default. */
  readonly threadsPerCore?: 1 | 2;
  /** What powering a node of the group down does to its instance. */
  readonly powerDownAction: PowerDownAction;
  /** Seconds a stopped instance is kept before it is terminated. */
  readonly maxStoppedDuration?: number;
  /** Whether a job's nodes come together or not at all. */
  readonly strategy: Strategy;
  /** Slurm features of the nodes, besides those that rendering adds. */
  readonly features: readonly string[];
  /** Slurm's Weight; absent: by price, or by size. */
  readonly weight?: number;
  /** Slurm's Gres; absent: from the instance types' GPUs. */
  readonly gres?: string;
}

/** A Slurm partition over node groups. */
export interface Partition {
  /** Unique; letters, digits, `-`, `_` and `.`. */
  readonly name: string;
  /** Names of node groups. */
  readonly nodeGroups: readonly string[];
  /** Any other slurm.conf partition key, by Slurm's spelling. */
  readonly options: Readonly<Record<string, string>>;
}

/** USD per hour of one instance type, by how it is bought. */
export interface Price {
  /** On demand, Linux. */
  readonly onDemand?: number;
  /** As spot instance. */
  readonly spot?: number;
}

/** Ceilings and time limits. Durations in seconds. */
export interface Limits {
  /** Instances of this cluster at any time; absent: no ceiling. */
  readonly maxNodes?: number;
  /** USD/h of everything running; absent: no ceiling. */
  readonly maxHourlyCost?: number;
  /** USD that a day (UTC) may have cost for anything to be launched; absent: no ceiling. */
  readonly maxDailyCost?: number;
  /** The account's own buckets of RunInstances, where AWS has raised them; absent: AWS's defaults. */
  readonly apiQuota?: { readonly requests?: BucketLimits; readonly instances?: BucketLimits };
  /** Largest MaxCount of one RunInstances call (500). */
  readonly launchBatch: number;
  /** Seconds from launch to a registered slurmd (180). */
  readonly expectedBootSeconds: number;
  /** Seconds for which nodes stay down when their capacity pool is exhausted (300); twice that where a person must act. */
  readonly cooldown: number;
  /** Seconds after a launch at which the hook looks whether the instances live; 0: it does not (15). */
  readonly launchCheckSeconds: number;
  /** Seconds after which a node without slurmd powers itself off (600). */
  readonly bootLimit: number;
  /** Seconds without slurmctld after which an idle node powers itself off (1800). */
  readonly orphanLimit: number;
}

/** How much of the controller's history is kept; what is older or more goes when a worker ends. */
export interface HistorySettings {
  /** Days that events are kept (100). */
  readonly days: number;
  /** MiB that the state's file may hold before its oldest events go (512). */
  readonly megabytes: number;
}

/** Who is to know what has happened. */
export interface NotifySettings {
  /** Absolute path of a program that `slurm-ec2 notify` runs; absent: none is. */
  readonly command?: string;
  /** Minutes for which it is not run again for the same event (15). */
  readonly minutes: number;
}

/**
 * What a node does with its jobs when EC2 takes its spot instance back: `requeue` puts each batch job that may be
 * requeued back into the queue, `drain` lets them run on for the two minutes that are left.
 */
export type OnNotice = "requeue" | "drain";

/** The whole of slurm-ec2.yaml, defaults filled in and references resolved. */
export interface Config {
  /** Slurm's ClusterName; owner tag of every instance. */
  readonly cluster: string;
  /** AWS region, one a configuration. */
  readonly region: string;
  /** How to reach AWS. */
  readonly aws: AwsSettings;
  /** What we know of the site's Slurm. */
  readonly slurm: SlurmSettings;
  /** What nodes mount. */
  readonly fileSystems: readonly FileSystem[];
  /** Domain of the nodes, and hosts that nodes must be able to resolve. */
  readonly dns: { readonly domain?: string; readonly hosts: readonly string[] };
  /** Where SSM parameters are looked up. */
  readonly ssm: SsmSettings;
  /** Node groups, defaults filled in; at least one. */
  readonly nodeGroups: readonly NodeGroup[];
  /** Slurm partitions over the node groups. */
  readonly partitions: readonly Partition[];
  /** What spot instances do about their interruption. */
  readonly spot: { readonly onNotice: OnNotice };
  /** Names or ids of the zones in which nothing is launched. */
  readonly zones: { readonly avoid: readonly string[] };
  /** Ceilings and time limits. */
  readonly limits: Limits;
  /** How much of the history is kept. */
  readonly history: HistorySettings;
  /** What is run when something happened that a person should know. */
  readonly notify: NotifySettings;
  /** Directory of the state shared by concurrent hooks. */
  readonly stateDir: string;
  /** The hooks' log file. */
  readonly logFile: string;
}
