import type { Instance, InstanceState } from "./instance.ts";

/** A tag as EC2 takes it: key at most 128 characters, value at most 256. */
export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

/** One filter of a Describe call; EC2 takes at most 200 values in one filter. */
export interface Filter {
  readonly Name: string;
  readonly Values: readonly string[];
}

/** Tags for one kind of resource made by a call. */
export interface TagSpecification {
  readonly ResourceType: "instance" | "volume" | "network-interface" | "spot-instances-request";
  readonly Tags: readonly Tag[];
}

/** The part of RunInstances' request that we use; names and meanings are the EC2 API reference's. */
export interface RunInstancesInput {
  readonly ImageId: string;
  readonly InstanceType: string;
  readonly MinCount: number;
  readonly MaxCount: number;
  /** At most 64 ASCII characters. The same token with the same request answers with the same instances. */
  readonly ClientToken: string;
  readonly KeyName?: string;
  readonly SubnetId?: string;
  readonly SecurityGroupIds?: readonly string[];
  /** Base64; at most 16 KB before encoding. */
  readonly UserData?: string;
  readonly IamInstanceProfile?: { readonly Arn?: string; readonly Name?: string };
  readonly InstanceInitiatedShutdownBehavior?: "stop" | "terminate";
  readonly InstanceMarketOptions?: {
    readonly MarketType: "spot";
    readonly SpotOptions?: {
      readonly SpotInstanceType?: "one-time" | "persistent";
      readonly InstanceInterruptionBehavior?: "hibernate" | "stop" | "terminate";
      readonly MaxPrice?: string;
    };
  };
  readonly MetadataOptions?: {
    readonly HttpTokens?: "optional" | "required";
    readonly HttpEndpoint?: "enabled" | "disabled";
    readonly HttpPutResponseHopLimit?: number;
    readonly InstanceMetadataTags?: "enabled" | "disabled";
  };
  readonly CpuOptions?: { readonly CoreCount?: number; readonly ThreadsPerCore?: number };
  readonly Placement?: { readonly GroupName?: string; readonly Tenancy?: "default" | "dedicated" | "host" };
  readonly CapacityReservationSpecification?: {
    readonly CapacityReservationPreference?: "open" | "none" | "capacity-reservations-only";
    readonly CapacityReservationTarget?: { readonly CapacityReservationId?: string };
  };
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
  readonly TagSpecifications?: readonly TagSpecification[];
  readonly DryRun?: boolean;
}

/** Which instances to describe. `InstanceIds` cannot be combined with `MaxResults` (EC2's rule). */
export interface DescribeInstancesInput {
  readonly Filters?: readonly Filter[];
  readonly InstanceIds?: readonly string[];
  /** 5 to 1000 instances a page. */
  readonly MaxResults?: number;
  readonly NextToken?: string;
}

/** A page of an answer; `nextToken` is absent on the last page. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextToken?: string;
}

/** What Start, Stop and TerminateInstances say of each instance. */
export interface InstanceStateChange {
  readonly instanceId: string;
  readonly previousState: InstanceState;
  readonly currentState: InstanceState;
}

/** A subnet, of what a launch needs to know. */
export interface Subnet {
  readonly subnetId: string;
  readonly vpcId: string;
  readonly availabilityZone: string;
  readonly availabilityZoneId: string;
  readonly cidrBlock: string;
  readonly availableIpAddressCount: number;
}

/** A machine image, of what validation needs to know. */
export interface Image {
  readonly imageId: string;
  readonly name: string;
  readonly architecture: "x86_64" | "arm64" | "i386" | "x86_64_mac" | "arm64_mac";
  readonly state: string;
  readonly ownerId: string;
  readonly bootMode?: string;
  readonly rootDeviceName?: string;
  readonly rootDeviceType?: string;
  /** ISO 8601; absent when the image is not deprecated. */
  readonly deprecationTime?: string;
}

/** One rule of a security group: what may come in (or go out) and from (to) where. */
export interface SecurityGroupRule {
  /** `tcp`, `udp`, `icmp`, a protocol number, or `-1` for all. */
  readonly ipProtocol: string;
  readonly fromPort?: number;
  readonly toPort?: number;
  readonly cidrs: readonly string[];
  readonly groupIds: readonly string[];
}

/** A security group with its rules. */
export interface SecurityGroup {
  readonly groupId: string;
  readonly groupName: string;
  readonly vpcId: string;
  readonly ingress: readonly SecurityGroupRule[];
  readonly egress: readonly SecurityGroupRule[];
}

/** The public facts of an instance type that rendering and planning need. */
export interface InstanceTypeFacts {
  readonly instanceType: string;
  readonly architectures: readonly string[];
  readonly defaultVCpus: number;
  readonly defaultCores: number;
  readonly defaultThreadsPerCore: number;
  /** MiB. */
  readonly memoryMiB: number;
  readonly bareMetal: boolean;
  readonly currentGeneration: boolean;
  readonly supportedUsageClasses: readonly string[];
  /** `count`: devices that the system sees (a fraction of a GPU counts 1); `memoryMiB`: of one device. */
  readonly gpus: readonly {
    readonly name: string;
    readonly manufacturer: string;
    readonly count: number;
    readonly memoryMiB: number;
  }[];
}

/** Named resources to describe: by id or name, or by filter, a page at a time. */
export interface DescribeInput {
  readonly Filters?: readonly Filter[];
  readonly MaxResults?: number;
  readonly NextToken?: string;
}

/** Per-call options: the time budget. */
export interface CallOptions {
  readonly signal?: AbortSignal;
}

/**
 * The EC2 operations that we call, named as EC2 names them, and no others: the IAM policy is checked against
 * this list. Every method throws {@link AwsError} when EC2 refuses the whole call.
 */
export interface Ec2Api {
  /** Launches between MinCount and MaxCount instances, or throws and launches none. */
  runInstances(input: RunInstancesInput, options?: CallOptions): Promise<readonly Instance[]>;
  describeInstances(input: DescribeInstancesInput, options?: CallOptions): Promise<Page<Instance>>;
  startInstances(
    input: { readonly InstanceIds: readonly string[] },
    options?: CallOptions,
  ): Promise<readonly InstanceStateChange[]>;
  stopInstances(
    input: { readonly InstanceIds: readonly string[] },
    options?: CallOptions,
  ): Promise<readonly InstanceStateChange[]>;
  /** At most 1000 ids; one bad id fails the whole call and terminates nothing. */
  terminateInstances(
    input: { readonly InstanceIds: readonly string[]; readonly DryRun?: boolean },
    options?: CallOptions,
  ): Promise<readonly InstanceStateChange[]>;
  createTags(
    input: { readonly Resources: readonly string[]; readonly Tags: readonly Tag[] },
    options?: CallOptions,
  ): Promise<void>;
  /** The console's last output as text; empty when EC2 has none yet. */
  getConsoleOutput(
    input: { readonly InstanceId: string; readonly Latest?: boolean },
    options?: CallOptions,
  ): Promise<{ readonly output: string; readonly timestamp?: number }>;
  describeSubnets(
    input: DescribeInput & { readonly SubnetIds?: readonly string[] },
    options?: CallOptions,
  ): Promise<Page<Subnet>>;
  describeImages(
    input: DescribeInput & { readonly ImageIds?: readonly string[] },
    options?: CallOptions,
  ): Promise<Page<Image>>;
  describeKeyPairs(
    input: { readonly KeyNames?: readonly string[]; readonly Filters?: readonly Filter[] },
    options?: CallOptions,
  ): Promise<readonly { readonly keyName: string; readonly keyPairId: string }[]>;
  describeSecurityGroups(
    input: DescribeInput & { readonly GroupIds?: readonly string[] },
    options?: CallOptions,
  ): Promise<Page<SecurityGroup>>;
  describeInstanceTypes(
    input: DescribeInput & { readonly InstanceTypes?: readonly string[] },
    options?: CallOptions,
  ): Promise<Page<InstanceTypeFacts>>;
}
