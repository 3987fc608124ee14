import type { FilterTable } from "./filters.ts";
import { type SimInstance, type SimNetworkInterface, STATE_CODES } from "./instances.ts";
import { volumesOf } from "./volumes.ts";
import type { World } from "./world.ts";

type Column<T> = (item: T) => readonly (string | undefined)[];

const iso = (milliseconds: number) => new Date(milliseconds).toISOString();

/** The filters of DescribeInstances that the simulator has data for (API reference, DescribeInstances). */
export function instanceFilters(world: World): FilterTable<SimInstance> {
  const { account } = world.settings;
  const groupNames = ({ securityGroupIds }: SimNetworkInterface) =>
    securityGroupIds.map((id) => world.network.securityGroups.get(id)?.groupName);
  return {
    ...FILTERS,
    ...ofNetwork(groupNames, account),
    "owner-id": () => [account],
  };
}

const FILTERS: FilterTable<SimInstance> = {
  "architecture": (i) => [i.architecture],
  "availability-zone": (i) => [i.availabilityZone],
  "availability-zone-id": (i) => [i.availabilityZoneId],
  "block-device-mapping.attach-time": (i) => volumesOf(i).map(() => iso(i.launchTime)),
  "block-device-mapping.delete-on-termination": (i) =>
    volumesOf(i).map(({ deleteOnTermination }) => String(deleteOnTermination)),
  "block-device-mapping.device-name": (i) => volumesOf(i).map(({ deviceName }) => deviceName),
  "block-device-mapping.status": (i) => volumesOf(i).map(({ status }) => status),
  "block-device-mapping.volume-id": (i) => volumesOf(i).map(({ volumeId }) => volumeId),
  "boot-mode": () => ["uefi-preferred"],
  "capacity-reservation-id": (i) => [i.capacityReservationId],
  "capacity-reservation-specification.capacity-reservation-preference": (i) => [
    i.capacityReservationId === undefined ? "open" : undefined,
  ],
  "capacity-reservation-specification.capacity-reservation-target.capacity-reservation-id": (i) => [
    i.capacityReservationId,
  ],
  "client-token": (i) => [i.clientToken],
  "current-instance-boot-mode": () => ["uefi"],
  "dns-name": () => [],
  "ebs-optimized": (i) => [String(i.ebsOptimized)],
  "ena-support": () => ["true"],
  "enclave-options.enabled": () => ["false"],
  "hibernation-options.configured": () => ["false"],
  "hypervisor": () => ["xen"],
  "iam-instance-profile.arn": (i) => [i.iamInstanceProfile?.arn],
  "iam-instance-profile.id": (i) => [i.iamInstanceProfile?.id],
  "image-id": (i) => [i.imageId],
  "instance-id": (i) => [i.instanceId],
  "instance-lifecycle": (i) => [i.capacityType === "spot" ? "spot" : undefined],
  "instance-state-code": (i) => [String(STATE_CODES[i.state])],
  "instance-state-name": (i) => [i.state],
  "instance-type": (i) => [i.instanceType],
  "ip-address": () => [],
  "ipv6-address": () => [],
  "key-name": (i) => [i.keyName],
  "launch-index": (i) => [String(i.amiLaunchIndex)],
  "launch-time": (i) => [iso(i.launchTime)],
  "maintenance-options.auto-recovery": (i) => [i.autoRecovery],
  "metadata-options.http-endpoint": (i) => [i.metadataOptions.HttpEndpoint],
  "metadata-options.http-protocol-ipv6": () => ["disabled"],
  "metadata-options.http-put-response-hop-limit": (i) => [String(i.metadataOptions.HttpPutResponseHopLimit)],
  "metadata-options.http-tokens": (i) => [i.metadataOptions.HttpTokens],
  "metadata-options.instance-metadata-tags": (i) => [i.metadataOptions.InstanceMetadataTags],
  "metadata-options.state": () => ["applied"],
  "monitoring-state": (i) => [i.monitored ? "enabled" : "disabled"],
  "placement-group-name": (i) => [i.placementGroup],
  // Only Windows has one.
  "platform": () => [],
  "platform-details": () => ["Linux/UNIX"],
  "private-dns-name-options.enable-resource-name-dns-a-record": () => ["false"],
  "private-dns-name-options.enable-resource-name-dns-aaaa-record": () => ["false"],
  "private-dns-name-options.hostname-type": () => ["ip-name"],
  "reason": (i) => [i.stateTransitionReason],
  "reservation-id": (i) => [i.reservationId],
  "root-device-name": (i) => [i.rootDeviceName],
  "root-device-type": () => ["ebs"],
  "spot-instance-request-id": (i) => [i.spotInstanceRequestId],
  "state-reason-code": (i) => [i.stateReason?.code],
  "state-reason-message": (i) => [i.stateReason?.message],
  "tenancy": (i) => [i.tenancy],
  "usage-operation": () => ["RunInstances"],
  "usage-operation-update-time": (i) => [iso(i.launchTime)],
  "virtualization-type": () => ["hvm"],
};

/** Filters by network interfaces, which an instance has until it is terminated. */
function ofNetwork(groupNames: Column<SimNetworkInterface>, account: string): FilterTable<SimInstance> {
  const own: Readonly<Record<string, Column<SimNetworkInterface>>> = {
    "instance.group-id": (n) => n.securityGroupIds,
    "instance.group-name": groupNames,
    "network-interface.addresses.primary": () => ["true"],
    "network-interface.addresses.private-dns-name": (n) => [n.privateDnsName],
    "network-interface.addresses.private-ip-address": (n) => [n.privateIpAddress],
    "network-interface.attachment.delete-on-termination": () => ["true"],
    "network-interface.attachment.device-index": (n) => [
      "0",
      ...n.further.map(({ deviceIndex }) => String(deviceIndex)),
    ],
    "network-interface.attachment.instance-owner-id": () => [account],
    "network-interface.attachment.network-card-index": (n) => [
      "0",
      ...n.further.map(({ networkCardIndex }) => String(networkCardIndex)),
    ],
    "network-interface.group-id": (n) => n.securityGroupIds,
    "network-interface.group-name": groupNames,
    "network-interface.mac-address": (n) => [n, ...n.further].map(({ macAddress }) => macAddress),
    "network-interface.network-interface-id": (n) =>
      [n, ...n.further].map(({ networkInterfaceId }) => networkInterfaceId),
    "network-interface.owner-id": () => [account],
    "network-interface.private-dns-name": (n) => [n.privateDnsName],
    "network-interface.private-ip-address": (n) => [n.privateIpAddress],
    "network-interface.source-dest-check": () => ["true"],
    "network-interface.status": () => ["in-use"],
    "network-interface.subnet-id": (n) => [n.subnetId],
    "network-interface.vpc-id": (n) => [n.vpcId],
    "private-dns-name": (n) => [n.privateDnsName],
    "private-ip-address": (n) => [n.privateIpAddress],
    "source-dest-check": () => ["true"],
    "subnet-id": (n) => [n.subnetId],
    "vpc-id": (n) => [n.vpcId],
  };
  return Object.fromEntries(
    Object.entries(own).map(([name, valuesOf]) => [
      name,
      ({ network }: SimInstance) => network === undefined ? [] : valuesOf(network),
    ]),
  );
}
