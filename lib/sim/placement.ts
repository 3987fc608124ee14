import { freeInstances, freeInterfaces } from "./account_limits.ts";
import { freeAddresses } from "./addresses.ts";
import { freeCapacity, freeVcpus, offers, type Pool } from "./pools.ts";
import { Refusal } from "./refusal.ts";
import type { ResolvedLaunch, RunInstancesRequest } from "./run_instances_request.ts";
import type { SimSubnet, World } from "./world.ts";

/** The first subnet that can take MinCount, and how many it takes. */
export function place(
  world: World,
  request: RunInstancesRequest,
  resolved: ResolvedLaunch,
): { subnet: SimSubnet; count: number } {
  let refusal: Refusal | undefined;
  for (const subnet of resolved.subnets) {
    if (!offers(world, resolved.type.instanceType, subnet.availabilityZone)) continue;
    try {
      return { subnet, count: countIn(world, request, { resolved, subnet }) };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refusal ??= error;
    }
  }
  throw refusal ?? new Refusal("InsufficientInstanceCapacity", "Insufficient capacity.");
}

/** What limits a launch: how many instances it leaves room for, and EC2's words where they are too few. */
interface Bound {
  readonly room: number;
  readonly refusal: () => Refusal;
}

function countIn(
  world: World,
  { MinCount, MaxCount, Placement }: RunInstancesRequest,
  { resolved, subnet }: { readonly resolved: ResolvedLaunch; readonly subnet: SimSubnet },
): number {
  const { type, capacityType, capacityReservationId } = resolved;
  const needed = world.settings.wholeCallLimits ? MaxCount : MinCount;
  const bounds = accountBounds(world, { resolved, subnet, asked: MaxCount });
  for (const { room, refusal } of bounds) if (room < needed) throw refusal();
  const pool = {
    instanceType: type.instanceType,
    availabilityZone: subnet.availabilityZone,
    capacityType,
    placementGroup: Placement?.GroupName,
    capacityReservationId,
  };
  const byCapacity = freeCapacity(world, pool);
  if (byCapacity < MinCount) throw noCapacity(world, pool);
  return Math.min(MaxCount, byCapacity, ...bounds.map(({ room }) => room));
}

function accountBounds(
  world: World,
  { resolved: { type, capacityType, interfaces }, subnet, asked }: {
    readonly resolved: ResolvedLaunch;
    readonly subnet: SimSubnet;
    readonly asked: number;
  },
): readonly Bound[] {
  const vcpus = freeVcpus(world, type.instanceType, capacityType);
  const { instances, networkInterfaces } = world.settings.accountLimits ?? {};
  return [
    {
      room: Math.floor(vcpus.free / type.defaultVCpus),
      refusal: () => quotaExceeded(capacityType, vcpus.limit),
    },
    {
      room: freeInstances(world, type.instanceType),
      refusal: () =>
        new Refusal(
          "InstanceLimitExceeded",
          `You have requested more instances (${asked}) than your current instance limit of ${instances} allows for the specified instance type. Please visit http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit.`,
        ),
    },
    {
      room: Math.floor(freeInterfaces(world) / interfaces),
      refusal: () =>
        new Refusal(
          "NetworkInterfaceLimitExceeded",
          `The maximum number of network interfaces has been reached: ${networkInterfaces}`,
        ),
    },
    {
      room: freeAddresses(world, subnet),
      refusal: () =>
        new Refusal(
          "InsufficientFreeAddressesInSubnet",
          `There are not enough free addresses in subnet '${subnet.subnetId}' to satisfy the requested number of instances.`,
        ),
    },
  ];
}

/** EC2's words where a start or a launch needs more vCPUs than the quota of its families leaves. */
export function quotaExceeded(capacityType: Pool["capacityType"], limit: number): Refusal {
  if (capacityType === "spot") {
    return new Refusal("MaxSpotInstanceCountExceeded", "Max spot instance count exceeded");
  }
  return new Refusal(
    "VcpuLimitExceeded",
    `You have requested more vCPU capacity than your current vCPU limit of ${limit} allows for the instance bucket that the specified instance type belongs to. Please visit http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit.`,
  );
}

/** EC2's words for a pool that has run out, with the zones that still have some. */
export function noCapacity(world: World, pool: Pool): Refusal {
  if (pool.capacityReservationId !== undefined) {
    return new Refusal(
      "ReservationCapacityExceeded",
      "The targeted Capacity Reservation does not have enough available instance capacity to fulfill your request. Either increase the instance quantity of the targeted Capacity Reservation or target a different Capacity Reservation.",
    );
  }
  if (pool.capacityType === "spot") {
    return new Refusal(
      "InsufficientInstanceCapacity",
      "There is no Spot capacity available that matches your request.",
    );
  }
  const { instanceType, availabilityZone } = pool;
  const others = world.network.zones.map(({ zoneName }) => zoneName).filter((zone) =>
    zone !== availabilityZone && offers(world, instanceType, zone) &&
    freeCapacity(world, { ...pool, availabilityZone: zone }) > 0
  );
  return new Refusal(
    "InsufficientInstanceCapacity",
    `We currently do not have sufficient ${instanceType} capacity in the Availability Zone you requested (${availabilityZone}). Our system will be working on provisioning additional capacity. You can currently get ${instanceType} capacity by not specifying an Availability Zone in your request or choosing ${
      others.join(", ") || "another instance type"
    }.`,
  );
}
