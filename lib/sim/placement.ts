import { freeAddresses } from "./addresses.ts";
import { freeCapacity, freeVcpus, offers } from "./pools.ts";
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

function countIn(
  world: World,
  { MinCount, MaxCount }: RunInstancesRequest,
  { resolved, subnet }: { readonly resolved: ResolvedLaunch; readonly subnet: SimSubnet },
): number {
  const { type, capacityType } = resolved;
  const vcpus = freeVcpus(world, capacityType);
  const byQuota = Math.floor(vcpus / type.defaultVCpus);
  const byAddresses = freeAddresses(world, subnet);
  const needed = world.settings.wholeCallLimits ? MaxCount : MinCount;
  if (byQuota < needed) throw quotaExceeded(world, capacityType);
  if (byAddresses < needed) {
    throw new Refusal(
      "InsufficientFreeAddressesInSubnet",
      `There are not enough free addresses in subnet '${subnet.subnetId}' to satisfy the requested number of instances.`,
    );
  }
  const pool = { instanceType: type.instanceType, availabilityZone: subnet.availabilityZone, capacityType };
  const byCapacity = freeCapacity(world, pool);
  if (byCapacity < MinCount) throw noCapacity(world, pool);
  return Math.min(MaxCount, byCapacity, byQuota, byAddresses);
}

function quotaExceeded(world: World, capacityType: "on-demand" | "spot"): Refusal {
  if (capacityType === "spot") {
    return new Refusal("MaxSpotInstanceCountExceeded", "Max spot instance count exceeded");
  }
  return new Refusal(
    "VcpuLimitExceeded",
    `You have requested more vCPU capacity than your current vCPU limit of ${world.settings.vcpuQuota} allows for the instance bucket that the specified instance type belongs to. Please visit http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit.`,
  );
}

/** EC2's words for a pool that has run out, with the zones that still have some. */
export function noCapacity(
  world: World,
  pool: {
    readonly instanceType: string;
    readonly availabilityZone: string;
    readonly capacityType: "on-demand" | "spot";
  },
): Refusal {
  if (pool.capacityType === "spot") {
    return new Refusal(
      "InsufficientInstanceCapacity",
      "There is no Spot capacity available that matches your request.",
    );
  }
  const { instanceType, availabilityZone } = pool;
  const others = world.network.zones.map(({ zoneName }) => zoneName).filter((zone) =>
    zone !== availabilityZone && freeCapacity(world, { ...pool, availabilityZone: zone }) > 0
  );
  return new Refusal(
    "InsufficientInstanceCapacity",
    `We currently do not have sufficient ${instanceType} capacity in the Availability Zone you requested (${availabilityZone}). Our system will be working on provisioning additional capacity. You can currently get ${instanceType} capacity by not specifying an Availability Zone in your request or choosing ${
      others.join(", ") || "another instance type"
    }.`,
  );
}
