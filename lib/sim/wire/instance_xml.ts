import { type FurtherInterface, type SimInstance, STATE_CODES } from "../instances.ts";
import { volumesOf } from "../volumes.ts";
import type { World } from "../world.ts";
import { element, items, tagSet, text, time } from "./xml.ts";

/** Instances are never changed, only replaced: what was written of one once holds for as long as it is there. */
const written = new WeakMap<SimInstance, string>();

/** What an instance's element holds: all that EC2 sends of one (API reference, Instance). */
export function instanceXml(world: World, instance: SimInstance): string {
  let xml = written.get(instance);
  if (xml === undefined) written.set(instance, xml = write(world, instance));
  return xml;
}

function write(world: World, instance: SimInstance): string {
  const { network, stateReason, iamInstanceProfile } = instance;
  return [
    text("instanceId", instance.instanceId),
    text("imageId", instance.imageId),
    element("instanceState", text("code", STATE_CODES[instance.state]), text("name", instance.state)),
    text("privateDnsName", network?.privateDnsName ?? ""),
    "<dnsName/>",
    text("reason", instance.stateTransitionReason),
    text("keyName", instance.keyName),
    text("amiLaunchIndex", instance.amiLaunchIndex),
    "<productCodes/>",
    text("instanceType", instance.instanceType),
    text("launchTime", time(instance.launchTime)),
    placement(instance),
    element("monitoring", text("state", instance.monitored ? "enabled" : "disabled")),
    network ? text("subnetId", network.subnetId) + text("vpcId", network.vpcId) : "",
    text("privateIpAddress", network?.privateIpAddress),
    network ? "<sourceDestCheck>true</sourceDestCheck>" : "",
    groupSet(world, network?.securityGroupIds ?? []),
    stateReason
      ? element("stateReason", text("code", stateReason.code), text("message", stateReason.message))
      : "",
    text("architecture", instance.architecture),
    "<rootDeviceType>ebs</rootDeviceType>",
    text("rootDeviceName", instance.rootDeviceName),
    blockDevices(instance),
    instance.capacityType === "spot" ? "<instanceLifecycle>spot</instanceLifecycle>" : "",
    text("spotInstanceRequestId", instance.spotInstanceRequestId),
    "<virtualizationType>hvm</virtualizationType>",
    text("clientToken", instance.clientToken ?? ""),
    tagSet(instance.tags),
    "<hypervisor>xen</hypervisor>",
    network ? networkInterfaces(world, instance) : "<networkInterfaceSet/>",
    iamInstanceProfile
      ? element("iamInstanceProfile", text("arn", iamInstanceProfile.arn), text("id", iamInstanceProfile.id))
      : "",
    text("ebsOptimized", instance.ebsOptimized),
    "<enaSupport>true</enaSupport>",
    element("cpuOptions", text("coreCount", instance.cores), text("threadsPerCore", instance.threadsPerCore)),
    text("capacityReservationId", instance.capacityReservationId),
    reservation(instance),
    "<hibernationOptions><configured>false</configured></hibernationOptions><enclaveOptions><enabled>false</enabled></enclaveOptions>",
    metadataOptions(instance),
    "<bootMode>uefi-preferred</bootMode><currentInstanceBootMode>uefi</currentInstanceBootMode>",
    "<platformDetails>Linux/UNIX</platformDetails><usageOperation>RunInstances</usageOperation>",
    text("usageOperationUpdateTime", time(instance.launchTime)),
    "<privateDnsNameOptions><hostnameType>ip-name</hostnameType><enableResourceNameDnsARecord>false</enableResourceNameDnsARecord><enableResourceNameDnsAAAARecord>false</enableResourceNameDnsAAAARecord></privateDnsNameOptions>",
    element("maintenanceOptions", text("autoRecovery", instance.autoRecovery)),
  ].join("");
}

/** An instance that its launch aimed at a reservation has that for a target, any other takes an open one. */
function reservation({ capacityReservationId }: SimInstance): string {
  return element(
    "capacityReservationSpecification",
    capacityReservationId === undefined
      ? text("capacityReservationPreference", "open")
      : element("capacityReservationTarget", text("capacityReservationId", capacityReservationId)),
  );
}

function placement(instance: SimInstance): string {
  return element(
    "placement",
    text("availabilityZone", instance.availabilityZone),
    text("availabilityZoneId", instance.availabilityZoneId),
    text("groupName", instance.placementGroup ?? ""),
    text("tenancy", instance.tenancy),
  );
}

function groupSet(world: World, ids: readonly string[]): string {
  return items(
    "groupSet",
    ids,
    (id) => text("groupId", id) + text("groupName", world.network.securityGroups.get(id)?.groupName ?? ""),
  );
}

function blockDevices(instance: SimInstance): string {
  return items("blockDeviceMapping", volumesOf(instance), (volume) =>
    text("deviceName", volume.deviceName) +
    element(
      "ebs",
      text("volumeId", volume.volumeId),
      text("status", volume.status),
      text("attachTime", time(instance.launchTime)),
      text("deleteOnTermination", volume.deleteOnTermination),
    ));
}

function networkInterfaces(world: World, instance: SimInstance): string {
  const network = instance.network!;
  return element(
    "networkInterfaceSet",
    element(
      "item",
      ...interfaceHead(world, instance, network),
      text("privateIpAddress", network.privateIpAddress),
      text("privateDnsName", network.privateDnsName),
      groupSet(world, network.securityGroupIds),
      attachment(instance, { ...network, deviceIndex: 0, networkCardIndex: 0 }),
      element(
        "privateIpAddressesSet",
        element(
          "item",
          text("privateIpAddress", network.privateIpAddress),
          text("privateDnsName", network.privateDnsName),
          "<primary>true</primary>",
        ),
      ),
      "<ipv6AddressesSet/>",
      text("interfaceType", network.interfaceType),
    ),
    ...network.further.map((further) =>
      element(
        "item",
        ...interfaceHead(world, instance, further),
        groupSet(world, further.securityGroupIds),
        attachment(instance, further),
        "<privateIpAddressesSet/><ipv6AddressesSet/><interfaceType>efa-only</interfaceType>",
      )
    ),
  );
}

function interfaceHead(
  world: World,
  instance: SimInstance,
  { networkInterfaceId, macAddress }: Pick<FurtherInterface, "networkInterfaceId" | "macAddress">,
): string[] {
  return [
    text("networkInterfaceId", networkInterfaceId),
    text("subnetId", instance.network!.subnetId),
    text("vpcId", instance.network!.vpcId),
    "<description/>",
    text("ownerId", world.settings.account),
    "<status>in-use</status>",
    text("macAddress", macAddress),
    "<sourceDestCheck>true</sourceDestCheck>",
  ];
}

function attachment(
  instance: SimInstance,
  { networkInterfaceId, deviceIndex, networkCardIndex }: Pick<
    FurtherInterface,
    "networkInterfaceId" | "deviceIndex" | "networkCardIndex"
  >,
): string {
  return element(
    "attachment",
    text("attachmentId", networkInterfaceId.replace(/^eni-/, "eni-attach-")),
    text("deviceIndex", deviceIndex),
    text("status", instance.state === "pending" ? "attaching" : "attached"),
    text("attachTime", time(instance.launchTime)),
    "<deleteOnTermination>true</deleteOnTermination>",
    text("networkCardIndex", networkCardIndex),
  );
}

function metadataOptions({ metadataOptions: options }: SimInstance): string {
  return element(
    "metadataOptions",
    "<state>applied</state>",
    text("httpTokens", options.HttpTokens),
    text("httpPutResponseHopLimit", options.HttpPutResponseHopLimit),
    text("httpEndpoint", options.HttpEndpoint),
    "<httpProtocolIpv6>disabled</httpProtocolIpv6>",
    text("instanceMetadataTags", options.InstanceMetadataTags),
  );
}
