import type { DescribeInstancesInput, Page } from "../aws/ec2_api.ts";
import { filterItems, type FilterTable } from "./filters.ts";
import { type SimInstance, STATE_CODES } from "./instances.ts";
import { knownInstances, launchNumber, visibleInstances } from "./life.ts";
import { page } from "./paging.ts";
import { Refusal } from "./refusal.ts";
import type { World } from "./world.ts";

/** DescribeInstances: the instances that a caller can see by now, filtered, a page at a time. */
export function describeInstances(
  world: World,
  input: DescribeInstancesInput,
  now: number,
): Page<SimInstance> {
  const { InstanceIds, MaxResults } = input;
  if (InstanceIds && InstanceIds.length > 0 && MaxResults !== undefined) {
    throw new Refusal(
      "InvalidParameterCombination",
      "The parameter instancesSet cannot be used with the parameter maxResults",
    );
  }
  const named = InstanceIds && InstanceIds.length > 0;
  const instances = named ? knownInstances(world, InstanceIds, now) : visibleInstances(world, now);
  const kept = filterItems(instances, input.Filters, FILTERS, (instance) => instance.tags);
  return page(kept, input, { bounds: { min: 5, max: 1000 }, numberOf: launchNumber });
}

/** The filters of DescribeInstances that the simulator has data for (API reference, DescribeInstances). */
const FILTERS: FilterTable<SimInstance> = {
  "architecture": (i) => [i.architecture],
  "availability-zone": (i) => [i.availabilityZone],
  "availability-zone-id": (i) => [i.availabilityZoneId],
  "capacity-reservation-id": (i) => [i.capacityReservationId],
  "client-token": (i) => [i.clientToken],
  "iam-instance-profile.arn": (i) => [i.iamInstanceProfile?.arn],
  "iam-instance-profile.id": (i) => [i.iamInstanceProfile?.id],
  "image-id": (i) => [i.imageId],
  "instance-id": (i) => [i.instanceId],
  "instance-lifecycle": (i) => [i.capacityType === "spot" ? "spot" : undefined],
  "instance-state-code": (i) => [String(STATE_CODES[i.state])],
  "instance-state-name": (i) => [i.state],
  "instance-type": (i) => [i.instanceType],
  "instance.group-id": (i) => i.network?.securityGroupIds ?? [],
  "key-name": (i) => [i.keyName],
  "launch-index": (i) => [String(i.amiLaunchIndex)],
  "launch-time": (i) => [new Date(i.launchTime).toISOString()],
  "metadata-options.http-tokens": (i) => [i.metadataOptions.HttpTokens],
  "network-interface.group-id": (i) => i.network?.securityGroupIds ?? [],
  "network-interface.network-interface-id": (i) => [i.network?.networkInterfaceId],
  "network-interface.subnet-id": (i) => [i.network?.subnetId],
  "network-interface.vpc-id": (i) => [i.network?.vpcId],
  "network-interface.addresses.private-ip-address": (i) => [i.network?.privateIpAddress],
  "placement-group-name": (i) => [i.placementGroup],
  "private-dns-name": (i) => [i.network?.privateDnsName],
  "private-ip-address": (i) => [i.network?.privateIpAddress],
  "reason": (i) => [i.stateTransitionReason],
  "reservation-id": (i) => [i.reservationId],
  "root-device-name": (i) => [i.rootDeviceName],
  "root-device-type": () => ["ebs"],
  "spot-instance-request-id": (i) => [i.spotInstanceRequestId],
  "state-reason-code": (i) => [i.stateReason?.code],
  "state-reason-message": (i) => [i.stateReason?.message],
  "subnet-id": (i) => [i.network?.subnetId],
  "tenancy": (i) => [i.tenancy],
  "virtualization-type": () => ["hvm"],
  "vpc-id": (i) => [i.network?.vpcId],
};
