import type {
  DescribeInput,
  Filter,
  Image,
  InstanceTypeFacts,
  InstanceTypeOffering,
  Page,
  SecurityGroup,
  Subnet,
} from "../aws/ec2_api.ts";
import { freeAddresses } from "./addresses.ts";
import { checkId } from "./check_id.ts";
import { filterItems, type FilterTable } from "./filters.ts";
import { ec2Arn } from "./iam/arns.ts";
import { page } from "./paging.ts";
import { Refusal } from "./refusal.ts";
import { ruleFilters } from "./rule_filters.ts";
import type { KeyPair, World, Zone } from "./world.ts";

/** DescribeSubnets, with the free addresses counted at this moment. */
export function describeSubnets(
  world: World,
  input: DescribeInput & { readonly SubnetIds?: readonly string[] },
): Page<Subnet> {
  for (const id of input.SubnetIds ?? []) {
    checkId(id, "subnet", "InvalidSubnetID.Malformed");
    if (world.network.subnets.has(id)) continue;
    throw new Refusal("InvalidSubnetID.NotFound", `The subnet ID '${id}' does not exist`);
  }
  const subnets = named([...world.network.subnets.values()], input.SubnetIds, ({ subnetId }) => subnetId)
    .map((subnet) => ({ ...subnet, availableIpAddressCount: freeAddresses(world, subnet) }));
  const kept = filterItems<Subnet>(subnets, input.Filters, {
    "availability-zone": (s) => [s.availabilityZone],
    "availabilityZone": (s) => [s.availabilityZone],
    "availability-zone-id": (s) => [s.availabilityZoneId],
    "available-ip-address-count": (s) => [String(s.availableIpAddressCount)],
    "cidr-block": (s) => [s.cidrBlock],
    "owner-id": () => [world.settings.account],
    "state": () => ["available"],
    "subnet-id": (s) => [s.subnetId],
    "vpc-id": (s) => [s.vpcId],
    "default-for-az": () => ["true"],
    "ipv6-native": () => ["false"],
    "map-public-ip-on-launch": () => ["false"],
    "subnet-arn": (s) => [ec2Arn(world, `subnet/${s.subnetId}`)],
  }, { action: "DescribeSubnets", tagsOf: noTags });
  return paged(kept, input, { ids: input.SubnetIds, set: "subnetSet", max: 1000 });
}

/** DescribeSecurityGroups with their rules. */
export function describeSecurityGroups(
  world: World,
  input: DescribeInput & { readonly GroupIds?: readonly string[]; readonly GroupNames?: readonly string[] },
): Page<SecurityGroup> {
  const groups = [...world.network.securityGroups.values()];
  for (const id of input.GroupIds ?? []) {
    checkId(id, "sg", "InvalidGroupId.Malformed");
    if (!world.network.securityGroups.has(id)) throw noGroup(id);
  }
  for (const name of input.GroupNames ?? []) {
    if (!groups.some(({ groupName }) => groupName === name)) throw noGroup(name);
  }
  const chosen = named(
    named(groups, input.GroupIds, ({ groupId }) => groupId),
    input.GroupNames,
    ({ groupName }) => groupName,
  );
  const kept = filterItems(chosen, input.Filters, {
    "description": (g) => [g.groupName],
    "group-id": (g) => [g.groupId],
    "group-name": (g) => [g.groupName],
    "owner-id": () => [world.settings.account],
    "vpc-id": (g) => [g.vpcId],
    ...ruleFilters(world, "", ({ ingress }) => ingress),
    ...ruleFilters(world, "egress.", ({ egress }) => egress),
  }, { action: "DescribeSecurityGroups", tagsOf: noTags });
  return paged(kept, input, { ids: input.GroupIds, set: "securityGroupIdsSet", max: 1000 });
}

/** DescribeImages; every image of a world belongs to its account. */
export function describeImages(
  world: World,
  input: DescribeInput & { readonly ImageIds?: readonly string[]; readonly Owners?: readonly string[] },
): Page<Image> {
  for (const id of input.ImageIds ?? []) {
    checkId(id, "ami", "InvalidAMIID.Malformed");
    if (!world.images.has(id)) {
      throw new Refusal("InvalidAMIID.NotFound", `The image id '[${id}]' does not exist`);
    }
  }
  const owners = input.Owners?.map((owner) => (owner === "self" ? world.settings.account : owner));
  const images = named([...world.images.values()], input.ImageIds, ({ imageId }) => imageId)
    .filter(({ ownerId }) => !owners || owners.length === 0 || owners.includes(ownerId));
  const kept = filterItems(images, input.Filters, IMAGE_FILTERS, {
    action: "DescribeImages",
    tagsOf: noTags,
  });
  return paged(kept, input, { ids: input.ImageIds, set: "imageIdsSet", max: 1000 });
}

/** DescribeKeyPairs; it has no pages. */
export function describeKeyPairs(
  world: World,
  input: {
    readonly KeyNames?: readonly string[];
    readonly Filters?: readonly Filter[];
    readonly IncludePublicKey?: boolean;
  },
): readonly (Omit<KeyPair, "publicKey"> & Partial<KeyPair>)[] {
  for (const name of input.KeyNames ?? []) {
    if (!world.keyPairs.has(name)) {
      throw new Refusal("InvalidKeyPair.NotFound", `The key pair '${name}' does not exist`);
    }
  }
  const pairs = filterItems(
    named([...world.keyPairs.values()], input.KeyNames, ({ keyName }) => keyName),
    input.Filters,
    {
      "key-name": (k) => [k.keyName],
      "key-pair-id": (k) => [k.keyPairId],
    },
    { action: "DescribeKeyPairs", tagsOf: noTags },
  );
  return input.IncludePublicKey ? pairs : pairs.map(({ keyName, keyPairId }) => ({ keyName, keyPairId }));
}

/** Names that one DescribeInstanceTypes call may ask for, and the most on a page (API reference). */
const MAX_TYPES = 100;

/** DescribeInstanceTypes. */
export function describeInstanceTypes(
  world: World,
  input: DescribeInput & { readonly InstanceTypes?: readonly string[] },
): Page<InstanceTypeFacts> {
  const names = input.InstanceTypes ?? [];
  if (names.length > MAX_TYPES) {
    throw new Refusal(
      "InvalidParameterValue",
      `The number of instance types must not exceed ${MAX_TYPES}: ${names.length} given`,
    );
  }
  const unknown = names.filter((name) => !world.instanceTypes.has(name));
  if (unknown.length > 0) {
    throw new Refusal(
      "InvalidInstanceType",
      `The following supplied instance types do not exist: [${unknown.join(", ")}]`,
    );
  }
  const types = named(
    [...world.instanceTypes.values()],
    input.InstanceTypes,
    ({ instanceType }) => instanceType,
  );
  const kept = filterItems(types, input.Filters, TYPE_FILTERS, { action: "DescribeInstanceTypes" });
  return paged(kept, input, { ids: names, set: "instanceTypes", max: MAX_TYPES });
}

/** The most on a page of DescribeInstanceTypeOfferings (API reference). */
const MAX_OFFERINGS = 1000;

/** DescribeInstanceTypeOfferings, by availability zone. */
export function describeInstanceTypeOfferings(
  world: World,
  input: DescribeInput & { readonly LocationType?: string },
): Page<InstanceTypeOffering> {
  if (input.LocationType !== "availability-zone") {
    throw new Refusal(
      "UnsupportedOperation",
      "The simulator offers instance types by availability zone only",
    );
  }
  const { network: { zones }, settings: { unsupported } } = world;
  const offerings = [...world.instanceTypes.keys()].flatMap((instanceType) =>
    zones.map(({ zoneName }) => ({ instanceType, location: zoneName }))
  ).filter(({ instanceType, location }) =>
    !unsupported.some((pair) => pair.instanceType === instanceType && pair.availabilityZone === location)
  );
  const kept = filterItems(offerings, input.Filters, {
    "instance-type": (offering) => [offering.instanceType],
    "location": (offering) => [offering.location],
  }, { action: "DescribeInstanceTypeOfferings" });
  return paged(kept, input, { ids: [], set: "instanceTypeOfferings", max: MAX_OFFERINGS });
}

/** DescribeAvailabilityZones; it has no pages. */
export function describeAvailabilityZones(
  world: World,
  input: {
    readonly ZoneNames?: readonly string[];
    readonly ZoneIds?: readonly string[];
    readonly Filters?: readonly Filter[];
  },
): readonly Zone[] {
  const { zones } = world.network;
  for (const name of input.ZoneNames ?? []) {
    if (!zones.some(({ zoneName }) => zoneName === name)) {
      throw new Refusal("InvalidParameterValue", `Invalid availability zone: [${name}]`);
    }
  }
  const chosen = named(
    named(zones, input.ZoneNames, ({ zoneName }) => zoneName),
    input.ZoneIds,
    ({ zoneId }) => zoneId,
  );
  return filterItems(chosen, input.Filters, {
    "region-name": () => [world.settings.region],
    "state": () => ["available"],
    "zone-id": (z) => [z.zoneId],
    "zone-name": (z) => [z.zoneName],
    "zone-type": () => ["availability-zone"],
    "group-name": () => [world.settings.region],
    "opt-in-status": () => ["opt-in-not-required"],
  }, { action: "DescribeAvailabilityZones" });
}

const IMAGE_FILTERS: FilterTable<Image> = {
  "architecture": (i) => [i.architecture],
  "image-id": (i) => [i.imageId],
  "block-device-mapping.encrypted": (i) => [String(i.encryptedSnapshotId !== undefined)],
  "block-device-mapping.snapshot-id": (i) => [i.encryptedSnapshotId],
  "boot-mode": (i) => [i.bootMode],
  "ena-support": () => ["true"],
  "hypervisor": () => ["xen"],
  "image-type": () => ["machine"],
  "is-public": () => ["false"],
  "name": (i) => [i.name],
  "owner-id": (i) => [i.ownerId],
  "root-device-name": (i) => [i.rootDeviceName],
  "root-device-type": (i) => [i.rootDeviceType],
  "state": (i) => [i.state],
  "virtualization-type": () => ["hvm"],
};

const TYPE_FILTERS: FilterTable<InstanceTypeFacts> = {
  "bare-metal": (t) => [String(t.bareMetal)],
  "current-generation": (t) => [String(t.currentGeneration)],
  "hypervisor": (t) => [t.bareMetal ? undefined : "nitro"],
  "instance-type": (t) => [t.instanceType],
  "memory-info.size-in-mib": (t) => [String(t.memoryMiB)],
  "processor-info.supported-architecture": (t) => t.architectures,
  "supported-boot-mode": (t) => t.supportedBootModes ?? [],
  "supported-root-device-type": () => ["ebs"],
  "supported-usage-class": (t) => t.supportedUsageClasses,
  "supported-virtualization-type": () => ["hvm"],
  "vcpu-info.default-cores": (t) => [String(t.defaultCores)],
  "vcpu-info.default-threads-per-core": (t) => [String(t.defaultThreadsPerCore)],
  "vcpu-info.default-vcpus": (t) => [String(t.defaultVCpus)],
};

/** Only instances keep tags here: every other resource has none, and a tag filter matches none of them. */
const noTags = () => ({});

function named<T>(
  items: readonly T[],
  names: readonly string[] | undefined,
  nameOf: (item: T) => string,
): readonly T[] {
  if (!names || names.length === 0) return items;
  const wanted = new Set(names);
  return items.filter((item) => wanted.has(nameOf(item)));
}

function paged<T>(
  items: readonly T[],
  input: DescribeInput,
  options: { readonly ids: readonly string[] | undefined; readonly set: string; readonly max: number },
): Page<T> {
  if (options.ids && options.ids.length > 0 && input.MaxResults !== undefined) {
    throw new Refusal(
      "InvalidParameterCombination",
      `The parameter ${options.set} cannot be used with the parameter maxResults`,
    );
  }
  const numbers = new Map(items.map((item, i) => [item, i]));
  return page(items, input, { bounds: { min: 5, max: options.max }, numberOf: (item) => numbers.get(item)! });
}

function noGroup(name: string): Refusal {
  return new Refusal("InvalidGroup.NotFound", `The security group '${name}' does not exist`);
}
