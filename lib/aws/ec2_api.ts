import type { Instance, InstanceState } from "./instance.ts";

/** A tag as EC2 takes it: key at most 128 characters, value at most 256. */
export interface Tag {
  /** Name of the tag; `aws:` in front is reserved. */
  readonly Key: string;
  /** May be empty. */
  readonly Value: string;
}

/** One filter of a Describe call; EC2 takes at most 200 values in one filter. */
export interface Filter {
  /** Name of the filter, e.g. `tag:Name` or `instance-state-name`. */
  readonly Name: string;
  /** Any of them matches; `*` and `?` are wildcards. */
  readonly Values: readonly string[];
}

/** Tags for one kind of resource made by a call. */
export interface TagSpecification {
  /** What gets the tags. */
  readonly ResourceType: "instance" | "volume" | "network-interface" | "spot-instances-request";
  /** The tags, at most 50. */
  readonly Tags: readonly Tag[];
}

/**
 * A network interface that a launch makes
 * (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceNetworkInterfaceSpecification.html).
 */
export interface NetworkInterfaceSpecification {
  /** 0 is the primary interface's card. */
  readonly NetworkCardIndex: number;
  /** Place among the card's interfaces; the primary interface's is 0. */
  readonly DeviceIndex: number;
  /** `efa`: an EFA that has an address, too; `efa-only`: one without. */
  readonly InterfaceType: "interface" | "efa" | "efa-only";
  /** Where it gets its address. */
  readonly SubnetId: string;
  /** Ids of its security groups; absent: the VPC's default group. */
  readonly Groups?: readonly string[];
  /** Whether it goes with its instance. */
  readonly DeleteOnTermination: boolean;
}

/** The part of RunInstances' request that we use; names and meanings are the EC2 API reference's. */
export interface RunInstancesInput extends DryRunInput {
  /** Id of the machine image. */
  readonly ImageId: string;
  /** Name of the instance type. */
  readonly InstanceType: string;
  /** Launch this number, or none. */
  readonly MinCount: number;
  /** Launch no more than these. */
  readonly MaxCount: number;
  /** At most 64 ASCII characters. The same token with the same request answers with the same instances. */
  readonly ClientToken: string;
  /** Name of the key pair for logging in. */
  readonly KeyName?: string;
  /** Where the instances get their addresses, and so their zone. */
  readonly SubnetId?: string;
  /** Ids; absent: the VPC's default group. */
  readonly SecurityGroupIds?: readonly string[];
  /** Each with its subnet and groups, which the instance then has none of itself; absent: one ordinary interface. */
  readonly NetworkInterfaces?: readonly NetworkInterfaceSpecification[];
  /** Base64; at most 16 KB before encoding. */
  readonly UserData?: string;
  /** Role of the instances; one of both. */
  readonly IamInstanceProfile?: { readonly Arn?: string; readonly Name?: string };
  /** What an instance that powers itself off becomes. */
  readonly InstanceInitiatedShutdownBehavior?: "stop" | "terminate";
  /** Present for spot instances. */
  readonly InstanceMarketOptions?: {
    readonly MarketType: "spot";
    readonly SpotOptions?: {
      readonly SpotInstanceType?: "one-time" | "persistent";
      readonly InstanceInterruptionBehavior?: "hibernate" | "stop" | "terminate";
      readonly MaxPrice?: string;
    };
  };
  /** Rules of the metadata service. */
  readonly MetadataOptions?: {
    readonly HttpTokens?: "optional" | "required";
    readonly HttpEndpoint?: "enabled" | "disabled";
    readonly HttpPutResponseHopLimit?: number;
    readonly InstanceMetadataTags?: "enabled" | "disabled";
  };
  /** Cores and threads; one thread a core turns simultaneous multithreading off. */
  readonly CpuOptions?: { readonly CoreCount?: number; readonly ThreadsPerCore?: number };
  /** Placement group and tenancy. */
  readonly Placement?: { readonly GroupName?: string; readonly Tenancy?: "default" | "dedicated" | "host" };
  /** Which capacity reservation to launch into. */
  readonly CapacityReservationSpecification?: {
    readonly CapacityReservationPreference?: "open" | "none" | "capacity-reservations-only";
    readonly CapacityReservationTarget?: { readonly CapacityReservationId?: string };
  };
  /** Volumes; the root device's name overrides the image's root volume. */
  readonly BlockDeviceMappings?: readonly {
    readonly DeviceName: string;
    readonly Ebs?: {
      readonly VolumeSize?: number;
      readonly VolumeType?: "gp2" | "gp3" | "io1" | "io2" | "st1" | "sc1" | "standard";
      readonly Encrypted?: boolean;
      readonly KmsKeyId?: string;
      readonly Iops?: number;
      readonly Throughput?: number;
      readonly DeleteOnTermination?: boolean;
    };
  }[];
  /** Tags that exist from the first moment. */
  readonly TagSpecifications?: readonly TagSpecification[];
}

/** What every action takes: a question about permission only. */
export interface DryRunInput {
  /**
   * Ask whether the call is allowed, and carry nothing out: it fails with `DryRunOperation`, or with
   * `UnauthorizedOperation` (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/CommonParameters.html).
   */
  readonly DryRun?: boolean;
}

/** Which instances to describe. `InstanceIds` cannot be combined with `MaxResults` (EC2's rule). */
export interface DescribeInstancesInput extends DryRunInput {
  /** All must match. */
  readonly Filters?: readonly Filter[];
  /** One that does not exist fails the whole call. */
  readonly InstanceIds?: readonly string[];
  /** 5 to 1000 instances a page. */
  readonly MaxResults?: number;
  /** From the page before. */
  readonly NextToken?: string;
}

/** A page of an answer; `nextToken` is absent on the last page. */
export interface Page<T> {
  /** May be empty although more pages follow. */
  readonly items: readonly T[];
  /** For the next page. */
  readonly nextToken?: string;
}

/** What Start, Stop and TerminateInstances say of each instance. */
export interface InstanceStateChange {
  /** Which instance. */
  readonly instanceId: string;
  /** What it was doing. */
  readonly previousState: InstanceState;
  /** What it is doing now. */
  readonly currentState: InstanceState;
}

/** Which instances' status to describe. `InstanceIds` cannot be combined with `MaxResults` (EC2's rule). */
export interface DescribeInstanceStatusInput extends DryRunInput {
  /** All must match. */
  readonly Filters?: readonly Filter[];
  /** At most 100; one that does not exist fails the whole call. */
  readonly InstanceIds?: readonly string[];
  /** Instances in every state; absent or false: running ones only. */
  readonly IncludeAllInstances?: boolean;
  /** 5 to 1000 instances a page. */
  readonly MaxResults?: number;
  /** From the page before. */
  readonly NextToken?: string;
}

/**
 * What a kind of status check found; `not-applicable` for an instance that doesn't run
 * (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceStatusSummary.html).
 */
export interface StatusCheck {
  /** `impaired`: the newest check failed. */
  readonly status: "ok" | "impaired" | "insufficient-data" | "not-applicable" | "initializing";
  /** Since when, milliseconds since 1970 UTC; absent unless it is impaired and EC2 says so. */
  readonly impairedSince?: number;
}

/** Something that EC2 has scheduled for an instance. */
export interface InstanceEvent {
  /** Its id, e.g. `instance-event-0123456789abcdef0`. */
  readonly eventId: string;
  /** What is going to happen: `instance-reboot`, `system-reboot`, `system-maintenance`, `instance-retirement`, `instance-stop`. */
  readonly code: string;
  /** EC2's words, with `[Completed]` or `[Canceled]` in front of one that is over. */
  readonly description: string;
  /** Not before, milliseconds since 1970 UTC; absent where EC2 does not say. */
  readonly notBefore?: number;
}

/** What EC2's status checks say of an instance, and what is scheduled for it. */
export interface InstanceStatus {
  /** Its id. */
  readonly instanceId: string;
  /** What it is doing. */
  readonly state: InstanceState;
  /** Name of its zone. */
  readonly availabilityZone: string;
  /** Of the host: power, network, hardware. AWS has to repair it, or the instance must move. */
  readonly system: StatusCheck;
  /** Of the guest: it does not answer, e.g. after a kernel panic or without memory. */
  readonly instance: StatusCheck;
  /** Of its EBS volumes; absent where EC2 does not check them. */
  readonly attachedEbs?: StatusCheck;
  /** Empty as a rule; events that are over stay for up to a week. */
  readonly events: readonly InstanceEvent[];
}

/** A subnet, of what a launch needs to know. */
export interface Subnet {
  /** Its id. */
  readonly subnetId: string;
  /** The VPC that it is part of. */
  readonly vpcId: string;
  /** Name of its zone, e.g. `us-east-1a`: another zone for each account. */
  readonly availabilityZone: string;
  /** Id of its zone, e.g. `use1-az1`: the same for every account. */
  readonly availabilityZoneId: string;
  /** Its IPv4 addresses. */
  readonly cidrBlock: string;
  /** Free addresses; stopped instances keep theirs. */
  readonly availableIpAddressCount: number;
}

/** A machine image, of what validation needs to know. */
export interface Image {
  /** Its id. */
  readonly imageId: string;
  /** Its name. */
  readonly name: string;
  /** CPU architecture that it boots on. */
  readonly architecture: "x86_64" | "arm64" | "i386" | "x86_64_mac" | "arm64_mac";
  /** `available` when it can be launched. */
  readonly state: string;
  /** Account that owns it. */
  readonly ownerId: string;
  /** `uefi`, `legacy-bios` or `uefi-preferred`. */
  readonly bootMode?: string;
  /** E.g. `/dev/xvda`. */
  readonly rootDeviceName?: string;
  /** `ebs` or `instance-store`. */
  readonly rootDeviceType?: string;
  /** ISO 8601; absent when the image is not deprecated. */
  readonly deprecationTime?: string;
  /** Snapshot of the root device where it is encrypted: a launch needs its key. */
  readonly encryptedSnapshotId?: string;
}

/** One rule of a security group: what may come in (or go out) and from (to) where. */
export interface SecurityGroupRule {
  /** `tcp`, `udp`, `icmp`, a protocol number, or `-1` for all. */
  readonly ipProtocol: string;
  /** First port, or ICMP type; absent: all. */
  readonly fromPort?: number;
  /** Last port, or ICMP code; absent: all. */
  readonly toPort?: number;
  /** IPv4 and IPv6 blocks. */
  readonly cidrs: readonly string[];
  /** Security groups whose members are meant. */
  readonly groupIds: readonly string[];
}

/** A security group with its rules. */
export interface SecurityGroup {
  /** Its id. */
  readonly groupId: string;
  /** Its name. */
  readonly groupName: string;
  /** The VPC that it is part of. */
  readonly vpcId: string;
  /** What may come in. */
  readonly ingress: readonly SecurityGroupRule[];
  /** What may go out. */
  readonly egress: readonly SecurityGroupRule[];
}

/** What an instance type takes of Elastic Fabric Adapters. */
export interface EfaFacts {
  /** Most of them on one instance. */
  readonly interfaces: number;
  /** Network cards. */
  readonly cards: number;
  /** Network interfaces that card 0 takes, of any kind. */
  readonly primaryInterfaces: number;
  /** Whether card 0 takes an EFA; every further card does. */
  readonly onPrimary: boolean;
}

/** The public facts of an instance type that rendering and planning need. */
export interface InstanceTypeFacts {
  /** Its name, e.g. `c7i.large`. */
  readonly instanceType: string;
  /** E.g. `x86_64`, `arm64`. */
  readonly architectures: readonly string[];
  /** Hardware threads, unless CpuOptions say otherwise. */
  readonly defaultVCpus: number;
  /** Cores, unless CpuOptions say otherwise. */
  readonly defaultCores: number;
  /** 1 or 2. */
  readonly defaultThreadsPerCore: number;
  /** MiB. */
  readonly memoryMiB: number;
  /** No hypervisor: boots slowly. */
  readonly bareMetal: boolean;
  /** False for types that AWS has replaced. */
  readonly currentGeneration: boolean;
  /** E.g. `on-demand`, `spot`, `capacity-block`. */
  readonly supportedUsageClasses: readonly string[];
  /** `legacy-bios`, `uefi`; absent where they are not known. */
  readonly supportedBootModes?: readonly string[];
  /** Its Elastic Fabric Adapters; absent: it takes none. */
  readonly efa?: EfaFacts;
  /** `count`: devices that the system sees (a fraction of a GPU counts 1); `memoryMiB`: of one device. */
  readonly gpus: readonly {
    readonly name: string;
    readonly manufacturer: string;
    readonly count: number;
    readonly memoryMiB: number;
  }[];
}

/** That a zone has an instance type. */
export interface InstanceTypeOffering {
  /** Its name, e.g. `c7i.large`. */
  readonly instanceType: string;
  /** Name of the zone, e.g. `us-east-1a`. */
  readonly location: string;
}

/** Named resources to describe: by id or name, or by filter, a page at a time. */
export interface DescribeInput extends DryRunInput {
  /** All must match. */
  readonly Filters?: readonly Filter[];
  /** Page size; bounds differ by operation. */
  readonly MaxResults?: number;
  /** From the page before. */
  readonly NextToken?: string;
}

/** Per-call options: the time budget. */
export interface CallOptions {
  /** Ends the call: it then fails with code `RequestAborted`. */
  readonly signal?: AbortSignal;
}

/**
 * The EC2 operations that we call, named as EC2 names them, and no others: the IAM policy is checked against
 * this list. Every method throws {@link AwsError} when EC2 refuses the whole call.
 */
export interface Ec2Api {
  /** Launches between MinCount and MaxCount instances, or throws and launches none. */
  runInstances(input: RunInstancesInput, options?: CallOptions): Promise<readonly Instance[]>;
  /** A page of instances, terminated ones included for about an hour. */
  describeInstances(input: DescribeInstancesInput, options?: CallOptions): Promise<Page<Instance>>;
  /** A page of the status checks and scheduled events of instances, of running ones unless asked for all. */
  describeInstanceStatus(
    input: DescribeInstanceStatusInput,
    options?: CallOptions,
  ): Promise<Page<InstanceStatus>>;
  /** Starts stopped instances; needs capacity like a launch. */
  startInstances(
    input: { readonly InstanceIds: readonly string[] } & DryRunInput,
    options?: CallOptions,
  ): Promise<readonly InstanceStateChange[]>;
  /** Stops running instances; they keep their volumes and addresses. */
  stopInstances(
    input: { readonly InstanceIds: readonly string[] } & DryRunInput,
    options?: CallOptions,
  ): Promise<readonly InstanceStateChange[]>;
  /** At most 1000 ids; one bad id fails the whole call and terminates nothing. */
  terminateInstances(
    input: { readonly InstanceIds: readonly string[] } & DryRunInput,
    options?: CallOptions,
  ): Promise<readonly InstanceStateChange[]>;
  /** Adds tags, or replaces their values; at most 1000 resources. */
  createTags(
    input: { readonly Resources: readonly string[]; readonly Tags: readonly Tag[] } & DryRunInput,
    options?: CallOptions,
  ): Promise<void>;
  /** The console's last output as text; empty when EC2 has none yet. */
  getConsoleOutput(
    input: { readonly InstanceId: string; readonly Latest?: boolean } & DryRunInput,
    options?: CallOptions,
  ): Promise<{ readonly output: string; readonly timestamp?: number }>;
  /** A page of subnets; an unknown id fails the call. */
  describeSubnets(
    input: DescribeInput & { readonly SubnetIds?: readonly string[] },
    options?: CallOptions,
  ): Promise<Page<Subnet>>;
  /** A page of images; an unknown id fails the call. */
  describeImages(
    input: DescribeInput & { readonly ImageIds?: readonly string[] },
    options?: CallOptions,
  ): Promise<Page<Image>>;
  /** Key pairs; an unknown name fails the call. */
  describeKeyPairs(
    input: { readonly KeyNames?: readonly string[]; readonly Filters?: readonly Filter[] } & DryRunInput,
    options?: CallOptions,
  ): Promise<readonly { readonly keyName: string; readonly keyPairId: string }[]>;
  /** A page of security groups; an unknown id fails the call. */
  describeSecurityGroups(
    input: DescribeInput & { readonly GroupIds?: readonly string[] },
    options?: CallOptions,
  ): Promise<Page<SecurityGroup>>;
  /** A page of instance types; an unknown name fails the call. */
  describeInstanceTypes(
    input: DescribeInput & { readonly InstanceTypes?: readonly string[] },
    options?: CallOptions,
  ): Promise<Page<InstanceTypeFacts>>;
  /** A page of which zones have which instance types; 5 to 1000 a page. */
  describeInstanceTypeOfferings(
    input: DescribeInput & { readonly LocationType: "availability-zone" },
    options?: CallOptions,
  ): Promise<Page<InstanceTypeOffering>>;
}
