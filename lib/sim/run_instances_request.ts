import type { Image, InstanceTypeFacts, RunInstancesInput, TagSpecification } from "../aws/ec2_api.ts";
import type { InstanceProfile, SimSubnet } from "./world.ts";

/** RunInstances as the simulator takes it: the port's request, and what other callers of EC2 commonly add. */
export interface RunInstancesRequest extends Omit<RunInstancesInput, "ClientToken" | "Placement"> {
  readonly ClientToken?: string;
  readonly Placement?: RunInstancesInput["Placement"] & { readonly AvailabilityZone?: string };
  /** Names of security groups, besides or instead of their ids. */
  readonly SecurityGroups?: readonly string[];
  readonly DisableApiTermination?: boolean;
  readonly DisableApiStop?: boolean;
  readonly EbsOptimized?: boolean;
  readonly Monitoring?: { readonly Enabled?: boolean };
  readonly MaintenanceOptions?: { readonly AutoRecovery?: "default" | "disabled" };
}

/** A request that passed every check, with its references resolved. */
export interface ResolvedLaunch {
  readonly image: Image;
  readonly type: InstanceTypeFacts;
  /** Where to try, in this order; one subnet unless the request leaves it to EC2. */
  readonly subnets: readonly SimSubnet[];
  readonly securityGroupIds: readonly string[];
  readonly instanceProfile?: InstanceProfile;
  readonly tags: Readonly<Record<TagSpecification["ResourceType"], Readonly<Record<string, string>>>>;
  readonly capacityType: "on-demand" | "spot";
  readonly capacityReservationId?: string;
  /** Network interfaces of each instance. */
  readonly interfaces: number;
  readonly cores: number;
  readonly threadsPerCore: number;
}
