import type { RunInstancesInput } from "../aws/ec2_api.ts";
import type { InstanceState } from "../aws/instance.ts";

/** Why an instance is in its state, as EC2 codes and words it. */
export interface StateReason {
  readonly code: string;
  readonly message: string;
}

/** A change of state that time will bring. */
export interface Transition {
  /** Milliseconds since 1970 UTC. */
  readonly at: number;
  readonly state: InstanceState;
  readonly reason?: StateReason;
}

/**
 * A time for which EC2 charges, milliseconds since 1970 UTC: from `pending` to the end that EC2 has accepted
 * (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html).
 */
export interface ChargedTime {
  readonly began: number;
  /** Absent: it goes on. */
  readonly ended?: number;
}

/** One simulated instance with everything that EC2 knows of it, and what only the simulator knows. */
export interface SimInstance {
  readonly instanceId: string;
  readonly reservationId: string;
  readonly amiLaunchIndex: number;
  readonly imageId: string;
  readonly instanceType: string;
  readonly architecture: string;
  readonly state: InstanceState;
  readonly stateReason?: StateReason;
  /** What DescribeInstances calls `reason`, e.g. `User initiated (2026-01-01 00:00:00 GMT)`; empty while it runs. */
  readonly stateTransitionReason: string;
  /** Milliseconds since 1970 UTC of the launch or the last start. */
  readonly launchTime: number;
  readonly availabilityZone: string;
  readonly availabilityZoneId: string;
  /** Where it is attached; absent once terminated. */
  readonly network?: SimNetworkInterface;
  readonly capacityType: "on-demand" | "spot";
  readonly spotInstanceRequestId?: string;
  /** Whether its spot request is persistent: only then can it be stopped. */
  readonly spotPersistent: boolean;
  readonly keyName?: string;
  readonly iamInstanceProfile?: { readonly arn: string; readonly id: string };
  /** Base64, as given. */
  readonly userData?: string;
  readonly clientToken?: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly volumeTags: Readonly<Record<string, string>>;
  readonly networkInterfaceTags: Readonly<Record<string, string>>;
  readonly volumeId: string;
  readonly rootDeviceName: string;
  readonly shutdownBehavior: "stop" | "terminate";
  readonly terminationProtected: boolean;
  readonly stopProtected: boolean;
  readonly ebsOptimized: boolean;
  /** Whether it has detailed monitoring. */
  readonly monitored: boolean;
  readonly autoRecovery: "default" | "disabled";
  readonly metadataOptions: Required<NonNullable<RunInstancesInput["MetadataOptions"]>>;
  readonly cores: number;
  readonly threadsPerCore: number;
  readonly placementGroup?: string;
  /** The capacity reservation that its launch was for. */
  readonly capacityReservationId?: string;
  readonly tenancy: string;
  readonly blockDeviceMappings: NonNullable<RunInstancesInput["BlockDeviceMappings"]>;
  readonly console: string;
  /** When the console last changed, milliseconds since 1970 UTC. */
  readonly consoleAt?: number;
  /** The next change that time brings by itself. */
  readonly next?: Transition;
  /** How EC2 has said that it ends this run, whatever state comes before. */
  readonly fate?: Transition;
  /** When it last became `running`, milliseconds since 1970 UTC. */
  readonly runningAt?: number;
  /** Which of its status checks fail, since when, milliseconds since 1970 UTC. */
  readonly impaired?: Impairments;
  /** Milliseconds since 1970 UTC before which Describe doesn't see it (eventual consistency). */
  readonly visibleAt: number;
  /** When the guest of this run is up, milliseconds since 1970 UTC; absent while it doesn't run and when booting fails. */
  readonly bootsAt?: number;
  /** How often it was started; a guest of an earlier run is another process. */
  readonly run: number;
  /** Every time for which EC2 charges, oldest first. */
  readonly charged: readonly ChargedTime[];
  readonly bootFails: boolean;
  /** What its metadata service says is going to happen to it. */
  readonly notices?: Notices;
  /** When a terminated instance is forgotten, milliseconds since 1970 UTC. */
  readonly vanishesAt?: number;
}

/** Kinds of status checks that fail, each with the time since when, milliseconds since 1970 UTC. */
export interface Impairments {
  /** The host. */
  readonly system?: number;
  /** The guest. */
  readonly instance?: number;
  /** A volume. */
  readonly attachedEbs?: number;
}

/** What EC2 tells an instance ahead of time; times in milliseconds since 1970 UTC. */
export interface Notices {
  /** When it takes the spot instance back. */
  readonly interruption?: number;
  /** When it saw a higher risk of that. */
  readonly rebalance?: number;
  /** What it has scheduled. */
  readonly events?: readonly ScheduledEvent[];
}

/** Something scheduled for an instance (EC2 user guide, "Scheduled events for your instances"). */
export interface ScheduledEvent {
  /** E.g. `instance-event-0123456789abcdef0`. */
  readonly eventId: string;
  readonly code:
    | "instance-reboot"
    | "system-reboot"
    | "system-maintenance"
    | "instance-retirement"
    | "instance-stop";
  /** Milliseconds since 1970 UTC. */
  readonly notBefore: number;
}

/** A network interface besides the primary one: an EFA without an address. */
export interface FurtherInterface {
  readonly networkInterfaceId: string;
  readonly networkCardIndex: number;
  readonly deviceIndex: number;
  readonly securityGroupIds: readonly string[];
  readonly macAddress: string;
}

/** An instance's primary network interface, and what it has besides. */
export interface SimNetworkInterface {
  readonly interfaceType: "interface" | "efa";
  readonly further: readonly FurtherInterface[];
  readonly networkInterfaceId: string;
  readonly subnetId: string;
  readonly vpcId: string;
  readonly securityGroupIds: readonly string[];
  /** The address taken from the subnet's range. */
  readonly allocatedAddress: string;
  /** What EC2 says the address is: the allocated one unless the world overrides it. */
  readonly privateIpAddress: string;
  readonly privateDnsName: string;
  readonly macAddress: string;
}

/** Whether an instance uses up capacity of its pool and vCPU quota in a state. */
export function holdsCapacity(state: InstanceState): boolean {
  return state === "pending" || state === "running" || state === "stopping" || state === "shutting-down";
}

/** The number that EC2 gives next to a state's name (API reference, InstanceState). */
export const STATE_CODES: Readonly<Record<InstanceState, number>> = {
  "pending": 0,
  "running": 16,
  "shutting-down": 32,
  "terminated": 48,
  "stopping": 64,
  "stopped": 80,
};
