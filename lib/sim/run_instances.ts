import { freeAddresses, takeAddresses } from "./addresses.ts";
import { type BootFault, type DeathFault, type Fault, takeFault } from "./faults.ts";
import type { SimInstance, SimNetworkInterface, StateReason } from "./instances.ts";
import { enter, withInstances } from "./life.ts";
import { freeCapacity, freeVcpus, offers } from "./pools.ts";
import { Refusal } from "./refusal.ts";
import {
  type ResolvedLaunch,
  resolveLaunch,
  type RunInstancesRequest,
  zoneOf,
} from "./run_instances_request.ts";
import { hexDigits, resourceId } from "./unique_id.ts";
import type { SimSubnet, World } from "./world.ts";

/** What RunInstances answers: the instances of one reservation. */
export interface Reservation {
  readonly reservationId: string;
  readonly instances: readonly SimInstance[];
}

/**
 * RunInstances: as many instances as possible between MinCount and MaxCount, or those that the same token
 * launched before, as they are now.
 * @throws {Refusal} with EC2's code; then nothing is launched.
 */
export function runInstances(
  world: World,
  request: RunInstancesRequest,
  now: number,
): { readonly world: World; readonly answer: Reservation; readonly touched: number } {
  const replayed = replay(world, request);
  if (replayed) return { world, answer: replayed, touched: 0 };
  const resolved = resolveLaunch(world, request);
  if (request.DryRun) throw dryRun();
  const { subnet, count } = place(world, request, resolved);
  const launched = launch(world, request, { resolved, subnet, count, now });
  return { ...launched, touched: count };
}

/** What a call with DryRun gets when it would have succeeded. */
export function dryRun(): Refusal {
  return new Refusal("DryRunOperation", "Request would have succeeded, but DryRun flag is set.");
}

/** Same token, same request: the same instances (EC2 developer guide, "Ensuring idempotency"). */
function replay(world: World, request: RunInstancesRequest): Reservation | undefined {
  if (!request.ClientToken) return undefined;
  const earlier = world.launches.get(scope(world, request));
  if (!earlier) return undefined;
  if (earlier.request !== canonical(request)) {
    throw new Refusal(
      "IdempotentParameterMismatch",
      "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).",
    );
  }
  const instances = earlier.instanceIds.flatMap((id) => world.instances.get(id) ?? []);
  if (instances.every(({ state }) => state === "terminated")) {
    throw new Refusal(
      "IdempotentInstanceTerminated",
      "The client token you have provided is associated with a resource that is already terminated. Please use a different client token.",
    );
  }
  return { reservationId: earlier.reservationId, instances };
}

/** Idempotency is zonal where the request names a zone or a subnet, else regional (same guide). */
function scope(world: World, request: RunInstancesRequest): string {
  return `${request.ClientToken} ${zoneOf(world, request) ?? ""}`;
}

function canonical(request: RunInstancesRequest): string {
  return JSON.stringify(
    { ...request, ClientToken: undefined, DryRun: undefined },
    (_key, value) =>
      value && typeof value === "object" && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
        : value,
  );
}

/** The first subnet that can take MinCount, and how many it takes. */
function place(
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
  const byQuota = Math.floor(vcpus / Math.max(1, resolved.cores * resolved.threadsPerCore));
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

interface Launching {
  readonly resolved: ResolvedLaunch;
  readonly subnet: SimSubnet;
  readonly count: number;
  readonly now: number;
}

function launch(
  world: World,
  request: RunInstancesRequest,
  launching: Launching,
): { world: World; answer: Reservation } {
  const { subnet, count, now } = launching;
  const { seed } = world.settings;
  const { addresses, cursor } = takeAddresses(world, subnet, count);
  const reservationId = resourceId("r", seed, world.counter);
  const instances = new Map(world.instances);
  const launched: SimInstance[] = [];
  let faults = world.faults;
  for (let index = 0; index < count; index++) {
    const number = world.counter + index;
    const fate = takeFate(faults, request.InstanceType);
    faults = fate.rest;
    const born = newInstance(world, request, {
      ...launching,
      index,
      number,
      reservationId,
      address: addresses[index]!,
    });
    const instance = live(world, { ...born, bootFails: fate.boot !== undefined }, { now, death: fate.death });
    instances.set(instance.instanceId, instance);
    launched.push(instance);
  }
  const next: World = {
    ...world,
    faults,
    counter: world.counter + count,
    addressCursors: { ...world.addressCursors, [subnet.subnetId]: cursor },
    launches: request.ClientToken
      ? new Map(world.launches).set(scope(world, request), {
        request: canonical(request),
        reservationId,
        instanceIds: launched.map(({ instanceId }) => instanceId),
      })
      : world.launches,
  };
  return { world: withInstances(next, instances), answer: { reservationId, instances: launched } };
}

function takeFate(
  faults: readonly Fault[],
  instanceType: string,
): { death?: DeathFault; boot?: BootFault; rest: readonly Fault[] } {
  if (faults.length === 0) return { rest: faults };
  const concerns = (fault: DeathFault | BootFault) =>
    fault.instanceType === undefined || fault.instanceType === instanceType;
  const death = takeFault(faults, (fault): fault is DeathFault => fault.kind === "death" && concerns(fault));
  if (death.fault) return { death: death.fault, rest: death.rest };
  const boot = takeFault(
    faults,
    (fault): fault is BootFault => fault.kind === "boot-failure" && concerns(fault),
  );
  return { boot: boot.fault, rest: boot.rest };
}

/** Begins an instance's life, and ends it early if it is to die while pending. */
function live(
  world: World,
  instance: SimInstance,
  { now, death }: { readonly now: number; readonly death?: DeathFault },
): SimInstance {
  const pending = enter(instance, "pending", { at: now, settings: world.settings });
  if (!death) return pending;
  const reason: StateReason = {
    code: death.code,
    message: `${death.code}: ${death.message ?? "Internal error on launch"}`,
  };
  return { ...pending, next: { at: now + death.afterMs, state: "terminated", reason } };
}

function newInstance(
  world: World,
  request: RunInstancesRequest,
  options: Launching & {
    readonly index: number;
    readonly number: number;
    readonly reservationId: string;
    readonly address: string;
  },
): SimInstance {
  const { resolved, subnet, index, number, now } = options;
  const { seed, invisibleMs } = world.settings;
  const profile = resolved.instanceProfile;
  return {
    instanceId: resourceId("i", seed, number),
    reservationId: options.reservationId,
    amiLaunchIndex: index,
    imageId: resolved.image.imageId,
    instanceType: resolved.type.instanceType,
    architecture: resolved.image.architecture,
    state: "pending",
    stateTransitionReason: "",
    launchTime: now,
    availabilityZone: subnet.availabilityZone,
    availabilityZoneId: subnet.availabilityZoneId,
    network: networkInterface(world, options),
    capacityType: resolved.capacityType,
    spotInstanceRequestId: resolved.capacityType === "spot"
      ? `sir-${hexDigits(seed, "sir", number, 8)}`
      : undefined,
    spotPersistent: request.InstanceMarketOptions?.SpotOptions?.SpotInstanceType === "persistent",
    keyName: request.KeyName,
    iamInstanceProfile: profile && { arn: profile.arn, id: profile.id },
    userData: request.UserData,
    clientToken: request.ClientToken,
    tags: resolved.tags.instance,
    volumeTags: resolved.tags.volume,
    networkInterfaceTags: resolved.tags["network-interface"],
    volumeId: resourceId("vol", seed, number),
    rootDeviceName: resolved.image.rootDeviceName ?? "/dev/xvda",
    shutdownBehavior: request.InstanceInitiatedShutdownBehavior ?? "stop",
    terminationProtected: request.DisableApiTermination ?? false,
    metadataOptions: {
      HttpTokens: "required",
      HttpEndpoint: "enabled",
      HttpPutResponseHopLimit: 2,
      InstanceMetadataTags: "disabled",
      ...request.MetadataOptions,
    },
    cores: resolved.cores,
    threadsPerCore: resolved.threadsPerCore,
    placementGroup: request.Placement?.GroupName,
    tenancy: request.Placement?.Tenancy ?? "default",
    blockDeviceMappings: request.BlockDeviceMappings ?? [],
    console: "",
    visibleAt: now + invisibleMs,
    run: 0,
    bootFails: false,
  };
}

function networkInterface(
  world: World,
  { resolved, subnet, number, address }: Launching & { readonly number: number; readonly address: string },
): SimNetworkInterface {
  const { seed, region, instanceAddress, instanceDnsName } = world.settings;
  const privateIpAddress = instanceAddress ?? address;
  // The domain is the region's, only that of us-east-1 has a name of its own (VPC user guide, "DNS attributes for your VPC").
  const domain = region === "us-east-1" ? "ec2.internal" : `${region}.compute.internal`;
  return {
    networkInterfaceId: resourceId("eni", seed, number),
    subnetId: subnet.subnetId,
    vpcId: subnet.vpcId,
    securityGroupIds: resolved.securityGroupIds,
    allocatedAddress: address,
    privateIpAddress,
    privateDnsName: instanceDnsName ?? `ip-${privateIpAddress.replaceAll(".", "-")}.${domain}`,
    macAddress: `02:${hexDigits(seed, "mac", number, 10).match(/../g)!.join(":")}`,
  };
}
