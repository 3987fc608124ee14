import { launchNetwork } from "./launch_interfaces.ts";
import type { Image, InstanceTypeFacts } from "../aws/ec2_api.ts";
import { checkId } from "./check_id.ts";
import { offers } from "./pools.ts";
import { Refusal } from "./refusal.ts";
import type { RunInstancesRequest } from "./run_instances_request.ts";
import type { InstanceProfile, SimSubnet, World } from "./world.ts";

/** The image of a launch, which must be available. */
export function findImage(world: World, id: string | undefined): Image {
  if (!id) throw new Refusal("MissingParameter", "The request must contain the parameter ImageId");
  checkId(id, "ami", "InvalidAMIID.Malformed");
  const image = world.images.get(id);
  if (!image) throw new Refusal("InvalidAMIID.NotFound", `The image id '[${id}]' does not exist`);
  if (image.state !== "available") {
    throw new Refusal(
      "InvalidAMIID.Unavailable",
      `The image ID '${id}' is not available: its state is ${image.state}`,
    );
  }
  return image;
}

/** The instance type of a launch, of the image's architecture. */
export function findType(world: World, name: string | undefined, image: Image): InstanceTypeFacts {
  if (!name) throw new Refusal("MissingParameter", "The request must contain the parameter InstanceType");
  const type = world.instanceTypes.get(name);
  if (!type) throw new Refusal("InvalidParameterValue", `Invalid value '${name}' for InstanceType.`);
  if (!type.architectures.includes(image.architecture)) {
    throw new Refusal(
      "InvalidParameterValue",
      `The architecture '${
        type.architectures.join(",")
      }' of the specified instance type does not match the architecture '${image.architecture}' of the specified AMI. Specify an instance type and an AMI that have matching architectures, and try again.`,
    );
  }
  return type;
}

/** The subnets that a launch may go to: the one it names, or every one of its zone. */
export function findSubnets(world: World, request: RunInstancesRequest): readonly SimSubnet[] {
  const { subnets, zones } = world.network;
  const zone = request.Placement?.AvailabilityZone;
  if (zone !== undefined && !zones.some(({ zoneName }) => zoneName === zone)) {
    throw new Refusal("InvalidParameterValue", `Invalid availability zone: [${zone}]`);
  }
  const { SubnetId } = launchNetwork(request);
  if (SubnetId === undefined) {
    return [...subnets.values()].filter(({ availabilityZone }) =>
      zone === undefined || availabilityZone === zone
    );
  }
  checkId(SubnetId, "subnet", "InvalidSubnetID.Malformed");
  const subnet = subnets.get(SubnetId);
  if (!subnet) {
    throw new Refusal("InvalidSubnetID.NotFound", `The subnet ID '${SubnetId}' does not exist`);
  }
  if (zone !== undefined && subnet.availabilityZone !== zone) {
    throw new Refusal(
      "InvalidParameterValue",
      `The subnet '${SubnetId}' is not in the availability zone '${zone}'`,
    );
  }
  return [subnet];
}

/** @throws {Refusal} `Unsupported` when no zone of the subnets offers the type. */
export function checkZone(world: World, instanceType: string, subnets: readonly SimSubnet[]): void {
  if (subnets.some(({ availabilityZone }) => offers(world, instanceType, availabilityZone))) return;
  const others = world.network.zones.map(({ zoneName }) => zoneName).filter((zone) =>
    offers(world, instanceType, zone)
  );
  throw new Refusal(
    "Unsupported",
    `Your requested instance type (${instanceType}) is not supported in your requested Availability Zone (${
      subnets.map(({ availabilityZone }) => availabilityZone).join(", ")
    }). Please retry your request by not specifying an Availability Zone or choosing ${others.join(", ")}.`,
  );
}

/** Ids of a launch's security groups, the VPC's default one when it names none. */
export function findGroups(world: World, request: RunInstancesRequest): readonly string[] {
  const known = world.network.securityGroups;
  const { SecurityGroupIds = [], SecurityGroups = [] } = launchNetwork(request);
  const others = (request.NetworkInterfaces ?? []).flatMap(({ Groups = [] }) => Groups);
  for (const id of [...SecurityGroupIds, ...others]) {
    checkId(id, "sg", "InvalidGroupId.Malformed");
    if (!known.has(id)) {
      throw new Refusal("InvalidGroup.NotFound", `The security group '${id}' does not exist`);
    }
  }
  const named = SecurityGroups.map((name) => {
    const group = [...known.values()].find(({ groupName }) => groupName === name);
    if (!group) {
      throw new Refusal(
        "InvalidGroup.NotFound",
        `The security group '${name}' does not exist in default VPC`,
      );
    }
    return group.groupId;
  });
  const ids = [...SecurityGroupIds, ...named];
  return ids.length > 0
    ? ids
    : [...known.values()].filter(({ groupName }) => groupName === "default").map((g) => g.groupId);
}

/** The instance profile of a launch, by name or ARN. */
export function findProfile(
  world: World,
  asked: RunInstancesRequest["IamInstanceProfile"],
): InstanceProfile | undefined {
  if (!asked) return undefined;
  if (asked.Arn !== undefined && asked.Name !== undefined) {
    throw new Refusal(
      "InvalidParameterCombination",
      "The parameter 'iamInstanceProfile.name' may not be used in combination with 'iamInstanceProfile.arn'",
    );
  }
  for (const profile of world.instanceProfiles.values()) {
    if (profile.name === asked.Name || profile.arn === asked.Arn) return profile;
  }
  const [field, value, noun] = asked.Arn === undefined
    ? ["name", asked.Name, "name"]
    : ["arn", asked.Arn, "ARN"];
  throw new Refusal(
    "InvalidParameterValue",
    `Value (${value}) for parameter iamInstanceProfile.${field} is invalid. Invalid IAM Instance Profile ${noun}`,
  );
}

/** Checks that key pair, placement group and capacity reservation of a launch exist. */
export function checkNames(world: World, request: RunInstancesRequest): void {
  if (request.KeyName !== undefined && !world.keyPairs.has(request.KeyName)) {
    throw new Refusal("InvalidKeyPair.NotFound", `The key pair '${request.KeyName}' does not exist`);
  }
  const group = request.Placement?.GroupName;
  if (group !== undefined && !world.placementGroups.includes(group)) {
    throw new Refusal("InvalidPlacementGroup.Unknown", `The Placement Group '${group}' is unknown.`);
  }
  const reservation = request.CapacityReservationSpecification?.CapacityReservationTarget
    ?.CapacityReservationId;
  if (reservation !== undefined && !world.capacityReservations.includes(reservation)) {
    throw new Refusal(
      "InvalidCapacityReservationId.NotFound",
      `The capacity reservation ID '${reservation}' does not exist`,
    );
  }
}

/** The zone that a request names, itself or through its subnet: then its idempotency is zonal. */
export function zoneOf(world: World, request: RunInstancesRequest): string | undefined {
  const { SubnetId } = launchNetwork(request);
  const subnet = SubnetId === undefined ? undefined : world.network.subnets.get(SubnetId);
  return subnet?.availabilityZone ?? request.Placement?.AvailabilityZone;
}
