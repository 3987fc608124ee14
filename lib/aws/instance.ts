/** What an EC2 instance is doing; the names are EC2's (API reference, `InstanceState`). */
export type InstanceState = "pending" | "running" | "shutting-down" | "terminated" | "stopping" | "stopped";

/**
 * One EC2 instance, strict and read-only: converted once at the border, so that nothing further in sees an
 * SDK shape. Field meanings: EC2 API reference, `Instance`.
 */
export interface Instance {
  /** Its id, e.g. `i-0123456789abcdef0`. */
  readonly instanceId: string;
  /** What it is doing. */
  readonly state: InstanceState;
  /** Place of this instance among those launched by the same RunInstances call, counted from 0; -1 if EC2 did not say. */
  readonly amiLaunchIndex: number;
  /** Name of its type. */
  readonly instanceType: string;
  /** Id of its image. */
  readonly imageId: string;
  /** Empty once the instance is terminated. */
  readonly subnetId: string;
  /** Name of its zone. */
  readonly availabilityZone: string;
  /** Primary private IPv4 address: that of device 0 on network card 0. Absent after termination. */
  readonly privateIpAddress?: string;
  /** When EC2 launched it or last started it, milliseconds since 1970 UTC. */
  readonly launchTime: number;
  /** How its capacity is bought. */
  readonly capacityType: "on-demand" | "spot";
  /** Idempotency token of the RunInstances call that made it. */
  readonly clientToken?: string;
  /** Why it is in its state, e.g. `Server.InsufficientInstanceCapacity`. */
  readonly stateReasonCode?: string;
  /** Values by key. */
  readonly tags: Readonly<Record<string, string>>;
}
