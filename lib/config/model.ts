/** Linux distributions a node image may carry; the spelling is that of the SSM parameter paths. */
export type OsDistribution = "AlmaLinux" | "Amazon" | "CentOS" | "RedHat" | "Rocky";
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
  readonly profile?: string;
  /** Absolute path of a shared credentials file. */
  readonly credentialsFile?: string;
  /** Absolute path of a shared config file. */
  readonly configFile?: string;
  /** Endpoint URLs by service, for private endpoints and simulators. */
  readonly endpoints: Readonly<Partial<Record<"ec2" | "ssm" | "sts" | "pricing", string>>>;
}

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
}

/** A file system that nodes mount at the same path as the site does. */
export interface FileSystem {
  readonly source: string;
  readonly mount: string;
  readonly type: string;
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
  readonly deviceName?: string;
  /** GiB. */
  readonly size?: number;
  readonly type?: "gp2" | "gp3" | "io1" | "io2";
  readonly encrypted?: boolean;
  readonly kmsKeyId?: string;
}

/** Instance metadata service options (EC2 API reference, InstanceMetadataOptionsRequest). */
export interface MetadataOptions {
  readonly httpTokens: "required" | "optional";
  readonly httpPutResponseHopLimit: number;
}

/** What a node group takes over from `defaults` unless it says otherwise. */
export interface NodeDefaults {
  readonly os: { readonly distribution: OsDistribution; readonly version: string };
  readonly architecture: Architecture;
  /** Name of an EC2 key pair; absent: read from SSM. `none`: no key pair. */
  readonly keyPair?: string;
  /** Ids; absent: read from SSM. */
  readonly securityGroups?: readonly string[];
  /** Image id; absent: read from SSM. */
  readonly imageId?: string;
  /** Name or ARN of an instance profile. */
  readonly instanceProfile?: string;
  readonly rootVolume?: RootVolume;
  readonly metadataOptions: MetadataOptions;
  readonly tags: Readonly<Record<string, string>>;
  /** Key=value settings handed to the boot script; never a secret. */
  readonly userData: Readonly<Record<string, string>>;
}

/** Our unit of configuration: nodes of one shape. Renders to NodeName lines and a NodeSet. */
export interface NodeGroup extends NodeDefaults {
  readonly name: string;
  /** Hostlist of the group's node names, e.g. `c7i-[0-999]`. */
  readonly nodes: string;
  /** EC2 instance types of the same shape, in order of preference; at least one. */
  readonly instanceTypes: readonly string[];
  /** Subnet ids, in order of preference; at least one. */
  readonly subnets: readonly string[];
  readonly capacityType: CapacityType;
  readonly capacityReservation?: string;
  readonly placementGroup?: string;
  /** 1 turns simultaneous multithreading off; absent: the type's default. */
  readonly threadsPerCore?: 1 | 2;
  readonly powerDownAction: PowerDownAction;
  /** Seconds a stopped instance is kept before it is terminated. */
  readonly maxStoppedDuration?: number;
  readonly strategy: Strategy;
  readonly features: readonly string[];
  readonly weight?: number;
  readonly gres?: string;
}

/** A Slurm partition over node groups. */
export interface Partition {
  readonly name: string;
  /** Names of node groups. */
  readonly nodeGroups: readonly string[];
  /** Any other slurm.conf partition key, by Slurm's spelling. */
  readonly options: Readonly<Record<string, string>>;
}

/** Ceilings and time limits. Durations in seconds. */
export interface Limits {
  /** Instances of this cluster at any time; absent: no ceiling. */
  readonly maxNodes?: number;
  /** USD/h of everything running; absent: no ceiling. */
  readonly maxHourlyCost?: number;
  /** Largest MaxCount of one RunInstances call (500). */
  readonly launchBatch: number;
  /** Seconds from launch to a registered slurmd (180). */
  readonly expectedBootSeconds: number;
  /** Seconds for which nodes stay down when their capacity pool is exhausted (300); twice that where a person must act. */
  readonly cooldown: number;
  /** Seconds after a launch at which the hook looks whether the instances live; 0: it does not (15). */
  readonly birthCheckSeconds: number;
  /** Seconds after which a node without slurmd powers itself off (600). */
  readonly bootLimit: number;
  /** Seconds without slurmctld after which an idle node powers itself off (1800). */
  readonly orphanLimit: number;
}

/** The whole of slurm-ec2.yaml, defaults filled in and references resolved. */
export interface Config {
  readonly cluster: string;
  readonly region: string;
  readonly aws: AwsSettings;
  readonly slurm: SlurmSettings;
  readonly fileSystems: readonly FileSystem[];
  readonly dns: { readonly domain?: string; readonly hosts: readonly string[] };
  readonly ssm: SsmSettings;
  readonly nodeGroups: readonly NodeGroup[];
  readonly partitions: readonly Partition[];
  readonly limits: Limits;
  /** Directory of the state shared by concurrent hooks. */
  readonly stateDir: string;
  /** The hooks' log file. */
  readonly logFile: string;
}
