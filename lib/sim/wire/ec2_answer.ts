import type {
  Image,
  InstanceStateChange,
  InstanceTypeFacts,
  Page,
  SecurityGroup,
  SecurityGroupRule,
  Subnet,
} from "../../aws/ec2_api.ts";
import { ec2Arn } from "../iam/arns.ts";
import { type SimInstance, STATE_CODES } from "../instances.ts";
import type { Action, Actions } from "../actions.ts";
import type { World } from "../world.ts";
import { instanceStatusXml } from "./instance_status_xml.ts";
import { instanceXml } from "./instance_xml.ts";
import { document, element, items, text, time } from "./xml.ts";

/** The actions of EC2's query API that the simulator answers. */
export type Ec2Action = Exclude<
  Action,
  | "GetParameter"
  | "GetParameters"
  | "GetParametersByPath"
  | "PutParameter"
  | "GetCallerIdentity"
  | "ListServiceQuotas"
>;

/** The document that EC2 answers an action with (API reference, one page an action). */
export function ec2Answer<A extends Ec2Action>(
  world: World,
  action: A,
  options: { readonly answer: Actions[A]["answer"]; readonly requestId: string },
): string {
  const write = WRITERS[action] as (answer: Actions[A]["answer"], world: World) => string;
  const body = text("requestId", options.requestId) + write(options.answer, world);
  return document(
    `<${action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">${body}</${action}Response>`,
  );
}

/** The document that EC2 refuses a request with (API reference, "Error codes for the Amazon EC2 API"). */
export function ec2Refusal(
  refusal: { readonly code: string; readonly message: string },
  requestId: string,
): string {
  const error = element("Error", text("Code", refusal.code), text("Message", refusal.message));
  return document(element("Response", element("Errors", error), text("RequestID", requestId)));
}

const WRITERS: { readonly [A in Ec2Action]: (answer: Actions[A]["answer"], world: World) => string } = {
  RunInstances: ({ reservationId, instances }, world) => reservation(world, reservationId, instances),
  DescribeInstances: (page, world) =>
    items(
      "reservationSet",
      byReservation(page.items),
      ([id, instances]) => reservation(world, id, instances),
    ) +
    nextToken(page),
  DescribeInstanceStatus: (page) =>
    items("instanceStatusSet", page.items, instanceStatusXml) + nextToken(page),
  StartInstances: stateChanges,
  StopInstances: stateChanges,
  TerminateInstances: stateChanges,
  CreateTags: () => "<return>true</return>",
  GetConsoleOutput: ({ instanceId, output, timestamp }) =>
    text("instanceId", instanceId) + text("timestamp", time(timestamp ?? 0)) + text("output", base64(output)),
  DescribeSubnets: (page, world) =>
    items("subnetSet", page.items, (subnet) => subnetXml(world, subnet)) + nextToken(page),
  DescribeImages: (page) => items("imagesSet", page.items, imageXml) + nextToken(page),
  DescribeKeyPairs: (keyPairs) =>
    items(
      "keySet",
      keyPairs,
      ({ keyName, keyPairId, publicKey }) =>
        text("keyPairId", keyPairId) + text("keyName", keyName) + "<keyType>ed25519</keyType><tagSet/>" +
        text("publicKey", publicKey),
    ),
  DescribeSecurityGroups: (page, world) =>
    items("securityGroupInfo", page.items, (group) => groupXml(world, group)) + nextToken(page),
  DescribeInstanceTypes: (page) => items("instanceTypeSet", page.items, typeXml) + nextToken(page),
  DescribeInstanceTypeOfferings: (page) =>
    items(
      "instanceTypeOfferingSet",
      page.items,
      ({ instanceType, location }) =>
        text("instanceType", instanceType) + text("locationType", "availability-zone") +
        text("location", location),
    ) + nextToken(page),
  DescribeAvailabilityZones: (zones, { settings: { region } }) =>
    items(
      "availabilityZoneInfo",
      zones,
      ({ zoneName, zoneId }) =>
        text("zoneName", zoneName) + text("zoneId", zoneId) +
        "<zoneState>available</zoneState><zoneType>availability-zone</zoneType><optInStatus>opt-in-not-required</optInStatus>" +
        text("regionName", region) + text("groupName", region) + text("networkBorderGroup", region) +
        "<messageSet/>",
    ),
};

function reservation(world: World, id: string, instances: readonly SimInstance[]): string {
  return text("reservationId", id) + text("ownerId", world.settings.account) + "<groupSet/>" +
    items("instancesSet", instances, (instance) => instanceXml(world, instance));
}

function byReservation(instances: readonly SimInstance[]): (readonly [string, readonly SimInstance[]])[] {
  return [...Map.groupBy(instances, ({ reservationId }) => reservationId)];
}

function stateChanges(changes: readonly InstanceStateChange[]): string {
  const state = (name: string, value: InstanceStateChange["currentState"]) =>
    element(name, text("code", STATE_CODES[value]), text("name", value));
  return items(
    "instancesSet",
    changes,
    ({ instanceId, currentState, previousState }) =>
      text("instanceId", instanceId) + state("currentState", currentState) +
      state("previousState", previousState),
  );
}

function subnetXml(world: World, subnet: Subnet): string {
  return [
    text("subnetId", subnet.subnetId),
    text("subnetArn", ec2Arn(world, `subnet/${subnet.subnetId}`)),
    "<state>available</state>",
    text("ownerId", world.settings.account),
    text("vpcId", subnet.vpcId),
    text("cidrBlock", subnet.cidrBlock),
    "<ipv6CidrBlockAssociationSet/>",
    text("availableIpAddressCount", subnet.availableIpAddressCount),
    text("availabilityZone", subnet.availabilityZone),
    text("availabilityZoneId", subnet.availabilityZoneId),
    "<defaultForAz>true</defaultForAz><mapPublicIpOnLaunch>false</mapPublicIpOnLaunch><tagSet/>",
  ].join("");
}

function imageXml(image: Image): string {
  return [
    text("imageId", image.imageId),
    text("imageLocation", `${image.ownerId}/${image.name}`),
    text("imageState", image.state),
    text("imageOwnerId", image.ownerId),
    text("creationDate", "2026-01-01T00:00:00.000Z"),
    "<isPublic>false</isPublic>",
    text("architecture", image.architecture),
    "<imageType>machine</imageType>",
    text("name", image.name),
    text("rootDeviceType", image.rootDeviceType),
    text("rootDeviceName", image.rootDeviceName),
    items(
      "blockDeviceMapping",
      image.encryptedSnapshotId === undefined ? [] : [image.encryptedSnapshotId],
      (id) =>
        text("deviceName", image.rootDeviceName) +
        element("ebs", text("encrypted", true), text("snapshotId", id)),
    ),
    "<virtualizationType>hvm</virtualizationType><tagSet/><hypervisor>xen</hypervisor><enaSupport>true</enaSupport>",
    text("bootMode", image.bootMode),
    text("deprecationTime", image.deprecationTime),
    "<platformDetails>Linux/UNIX</platformDetails><usageOperation>RunInstances</usageOperation>",
  ].join("");
}

function groupXml(world: World, group: SecurityGroup): string {
  const rule = (one: SecurityGroupRule) =>
    [
      text("ipProtocol", one.ipProtocol),
      text("fromPort", one.fromPort),
      text("toPort", one.toPort),
      items("groups", one.groupIds, (id) => text("userId", world.settings.account) + text("groupId", id)),
      items("ipRanges", one.cidrs, (cidr) => text("cidrIp", cidr)),
      "<ipv6Ranges/><prefixListIds/>",
    ].join("");
  return [
    text("ownerId", world.settings.account),
    text("groupId", group.groupId),
    text("groupName", group.groupName),
    text("groupDescription", group.groupName),
    text("vpcId", group.vpcId),
    items("ipPermissions", group.ingress, rule),
    items("ipPermissionsEgress", group.egress, rule),
    "<tagSet/>",
  ].join("");
}

function typeXml(type: InstanceTypeFacts): string {
  const strings = (name: string, values: readonly string[]) =>
    element(name, ...values.map((value) => text("item", value)));
  return [
    text("instanceType", type.instanceType),
    text("currentGeneration", type.currentGeneration),
    strings("supportedUsageClasses", type.supportedUsageClasses),
    "<supportedRootDeviceTypes><item>ebs</item></supportedRootDeviceTypes><supportedVirtualizationTypes><item>hvm</item></supportedVirtualizationTypes>",
    text("bareMetal", type.bareMetal),
    type.bareMetal ? "" : "<hypervisor>nitro</hypervisor>",
    element("processorInfo", strings("supportedArchitectures", type.architectures)),
    element(
      "vCpuInfo",
      text("defaultVCpus", type.defaultVCpus),
      text("defaultCores", type.defaultCores),
      text("defaultThreadsPerCore", type.defaultThreadsPerCore),
    ),
    element("memoryInfo", text("sizeInMiB", type.memoryMiB)),
    type.supportedBootModes === undefined ? "" : strings("supportedBootModes", type.supportedBootModes),
    networkInfo(type),
    type.gpus.length === 0 ? "" : element(
      "gpuInfo",
      items(
        "gpus",
        type.gpus,
        (gpu) =>
          text("name", gpu.name) + text("manufacturer", gpu.manufacturer) + text("count", gpu.count) +
          element("memoryInfo", text("sizeInMiB", gpu.memoryMiB)),
      ),
    ),
  ].join("");
}

/** What the model knows of it is EFAs; how many interfaces a type takes without them it does not. */
function networkInfo({ efa }: InstanceTypeFacts): string {
  if (efa === undefined) return element("networkInfo", text("efaSupported", false));
  const { interfaces, cards, primaryInterfaces, onPrimary } = efa;
  const kinds = (withEfa: boolean) =>
    element(
      "interfaceTypeSet",
      text("item", "interface"),
      ...(withEfa ? [text("item", "efa"), text("item", "efa-only")] : []),
    );
  return element(
    "networkInfo",
    text("maximumNetworkCards", cards),
    "<defaultNetworkCardIndex>0</defaultNetworkCardIndex>",
    items(
      "networkCards",
      Array.from({ length: cards }, (_, card) => card),
      (card) =>
        text("networkCardIndex", card) +
        (card === 0 ? text("maximumNetworkInterfaces", primaryInterfaces) : "") +
        kinds(card > 0 || onPrimary),
    ),
    text("efaSupported", true),
    element("efaInfo", text("maximumEfaInterfaces", interfaces)),
  );
}

function nextToken({ nextToken }: Page<unknown>): string {
  return text("nextToken", nextToken);
}

function base64(output: string): string {
  return new TextEncoder().encode(output).toBase64();
}
