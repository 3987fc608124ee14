import type { Image, InstanceTypeFacts, SecurityGroup } from "../aws/ec2_api.ts";
import type { Fault } from "./faults.ts";
import type { Statement } from "./iam/statement.ts";
import type { SimInstance } from "./instances.ts";
import type { Parameter } from "../aws/ssm_api.ts";
import type { Bucket } from "../aws/token_bucket.ts";

/** Everything that the simulated AWS is at one moment: read-only data, replaced as a whole by every step. */
export interface World {
  readonly settings: WorldSettings;
  readonly network: WorldNetwork;
  /** All statements of the user's policies; absent: everything is allowed. */
  readonly policies?: readonly Statement[];
  /** The same of the instances' role. */
  readonly nodePolicies?: readonly Statement[];
  /** Who made the latest call. */
  readonly caller: Caller;
  readonly images: ReadonlyMap<string, Image>;
  readonly keyPairs: ReadonlyMap<string, KeyPair>;
  readonly instanceProfiles: ReadonlyMap<string, InstanceProfile>;
  readonly instanceTypes: ReadonlyMap<string, InstanceTypeFacts>;
  /** Names of the placement groups that exist. */
  readonly placementGroups: readonly string[];
  /** Ids of the capacity reservations that exist. */
  readonly capacityReservations: readonly string[];
  /** In the order of their launch. */
  readonly instances: ReadonlyMap<string, SimInstance>;
  /** What each idempotency token launched, by token and scope. */
  readonly launches: ReadonlyMap<string, Launch>;
  /** Versions of each SSM parameter, oldest first. */
  readonly parameters: ReadonlyMap<string, readonly ParameterVersion[]>;
  /** How many instances each capacity pool (see poolKey) holds at most; a pool that is not listed never runs out. */
  readonly capacity: Readonly<Record<string, number>>;
  /** How many addresses others leave in a subnet, by its id; absent: all. */
  readonly addresses: Readonly<Record<string, number>>;
  readonly faults: readonly Fault[];
  readonly buckets: Readonly<Record<string, Bucket>>;
  /** Requests received by action, refused ones included. */
  readonly calls: Readonly<Record<string, number>>;
  /** Number of the next resource. */
  readonly counter: number;
  /** Number of the next request. */
  readonly requests: number;
  /** Where the search for a free address begins, by subnet: a freed address is not handed out again at once. */
  readonly addressCursors: Readonly<Record<string, number>>;
  /** When something next happens by itself, milliseconds since 1970 UTC; Infinity when nothing will. */
  readonly due: number;
}

/** Who calls: the user of the access keys that people and slurmctld have, or an instance in its role. */
export type Caller = "user" | "node";

/** What stays the same unless a control call changes it. Durations in milliseconds. */
export interface WorldSettings {
  readonly region: string;
  readonly account: string;
  /** Makes ids repeatable. */
  readonly seed: number;
  /** From launch or start to `running`. */
  readonly pendingMs: number;
  /** From `running` to a guest that is up. */
  readonly bootMs: number;
  /** From `running` to the first result of its status checks; AWS runs them every minute. */
  readonly statusCheckMs: number;
  readonly stoppingMs: number;
  readonly shuttingDownMs: number;
  /** How long a terminated instance is still described: about an hour (API reference, TerminateInstances). */
  readonly terminatedMs: number;
  /** How long after its launch an instance is invisible to every other call. */
  readonly invisibleMs: number;
  /** Whether EC2's request token buckets apply (Amazon EC2 developer guide, "Request throttling"), and Parameter Store's. */
  readonly requestTokens: boolean;
  /** Whether EC2's resource token buckets apply, one token per instance touched. */
  readonly resourceTokens: boolean;
  /**
   * Whether a request whose MaxCount exceeds the subnet's free addresses or the vCPU quota is refused as a whole;
   * AWS documents partial answers for capacity only (API reference, RunInstances).
   */
  readonly wholeCallLimits: boolean;
  /** vCPUs of each quota of instance families, on-demand and spot; absent: no quota. */
  readonly vcpuQuota?: number;
  /** vCPUs of single quotas by their code, e.g. `L-1216C47A`; the others are `vcpuQuota`. */
  readonly quotas?: Readonly<Record<string, number>>;
  /** Limits of the account besides vCPU quotas; absent: none. */
  readonly accountLimits?: AccountLimits;
  /**
   * Whether the account lacks the service-linked role for spot instances and its callers may not make it: then every
   * spot launch is refused (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/service-linked-roles-spot-instance-requests.html).
   */
  readonly lacksSpotRole: boolean;
  /** Instance types that a zone doesn't offer. */
  readonly unsupported: readonly { readonly instanceType: string; readonly availabilityZone: string }[];
  /** What every instance says its private address is, for nodes that all live on one host. */
  readonly instanceAddress?: string;
  /** What every instance says its private DNS name is. */
  readonly instanceDnsName?: string;
  /** Whether callers' credentials are good. */
  readonly credentials: Credentials;
}

/**
 * Limits of an account besides vCPU quotas; absent: none
 * (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html names what each is refused with).
 */
export interface AccountLimits {
  /** Instances of one type that run at once: `InstanceLimitExceeded` beyond. */
  readonly instances?: number;
  /** Network interfaces that exist at once: `NetworkInterfaceLimitExceeded` beyond. */
  readonly networkInterfaces?: number;
  /** GiB of all volumes: an instance beyond ends while pending, with `Client.VolumeLimitExceeded`. */
  readonly volumeGiB?: number;
}

/** State of a caller's credentials. */
export type Credentials = "valid" | "expired" | "invalid";

/** How large a parameter may be, and what it costs (Systems Manager user guide, "Managing parameter tiers"). */
export type ParameterTier = "Standard" | "Advanced";

/** One version of an SSM parameter. */
export interface ParameterVersion extends Parameter {
  /** E.g. `text`, `aws:ec2:image`. */
  readonly dataType: string;
  readonly tier: ParameterTier;
  /** Of a SecureString: the KMS key that it is encrypted with. */
  readonly keyId?: string;
  /** Milliseconds since 1970 UTC. */
  readonly lastModified: number;
}

/** A VPC, its subnets and its security groups. */
export interface WorldNetwork {
  readonly vpcId: string;
  readonly cidrBlock: string;
  readonly zones: readonly Zone[];
  readonly subnets: ReadonlyMap<string, SimSubnet>;
  readonly securityGroups: ReadonlyMap<string, SecurityGroup>;
}

/** An availability zone of the region. */
export interface Zone {
  readonly zoneName: string;
  readonly zoneId: string;
}

/** A subnet of the world; its free addresses are counted, not stored. */
export interface SimSubnet {
  readonly subnetId: string;
  readonly vpcId: string;
  readonly availabilityZone: string;
  readonly availabilityZoneId: string;
  readonly cidrBlock: string;
}

/** A key pair of the world. */
export interface KeyPair {
  readonly keyName: string;
  readonly keyPairId: string;
  /** As `authorized_keys` has it. */
  readonly publicKey: string;
}

/** An IAM instance profile of the world. */
export interface InstanceProfile {
  readonly name: string;
  readonly arn: string;
  readonly id: string;
}

/** What a RunInstances call with an idempotency token did. */
export interface Launch {
  /** The request in canonical form. */
  readonly request: string;
  readonly reservationId: string;
  readonly instanceIds: readonly string[];
}
