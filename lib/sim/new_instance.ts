import type { SimInstance, SimNetworkInterface } from "./instances.ts";
import type { ResolvedLaunch, RunInstancesRequest } from "./run_instances_request.ts";
import { hexDigits, resourceId } from "./unique_id.ts";
import type { SimSubnet, World } from "./world.ts";

/** What the instances of one launch have in common. */
export interface Launching {
  readonly resolved: ResolvedLaunch;
  readonly subnet: SimSubnet;
  readonly count: number;
  readonly now: number;
}

/** An instance before its life begins. */
export function newInstance(
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
    network: networkInterface(world, request, options),
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
    stopProtected: request.DisableApiStop ?? false,
    ebsOptimized: request.EbsOptimized ?? false,
    monitored: request.Monitoring?.Enabled ?? false,
    autoRecovery: request.MaintenanceOptions?.AutoRecovery ?? "default",
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
    capacityReservationId: resolved.capacityReservationId,
    tenancy: request.Placement?.Tenancy ?? "default",
    blockDeviceMappings: request.BlockDeviceMappings ?? [],
    console: "",
    visibleAt: now + invisibleMs,
    run: 0,
    charged: [],
    bootFails: false,
  };
}

function networkInterface(
  world: World,
  { NetworkInterfaces = [] }: RunInstancesRequest,
  { resolved, subnet, number, address }: Launching & { readonly number: number; readonly address: string },
): SimNetworkInterface {
  const { seed, region, instanceAddress, instanceDnsName } = world.settings;
  const privateIpAddress = instanceAddress ?? address;
  // The domain is the region's, only that of us-east-1 has a name of its own (VPC user guide, "DNS attributes for your VPC").
  const domain = region === "us-east-1" ? "ec2.internal" : `${region}.compute.internal`;
  const [primary, ...further] = NetworkInterfaces.toSorted((a, b) =>
    a.NetworkCardIndex - b.NetworkCardIndex || a.DeviceIndex - b.DeviceIndex
  );
  return {
    interfaceType: primary?.InterfaceType === "efa" ? "efa" : "interface",
    further: further.map(({ NetworkCardIndex, DeviceIndex, Groups }, i) => ({
      networkInterfaceId: `eni-${hexDigits(seed, `eni ${i}`, number, 17)}`,
      networkCardIndex: NetworkCardIndex,
      deviceIndex: DeviceIndex,
      securityGroupIds: Groups ?? resolved.securityGroupIds,
      macAddress: `02:${hexDigits(seed, `mac ${i}`, number, 10).match(/../g)!.join(":")}`,
    })),
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
