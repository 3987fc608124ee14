import type { Image, InstanceTypeFacts, RunInstancesInput, TagSpecification } from "../aws/ec2_api.ts";
import { Refusal } from "./refusal.ts";
import { checkMetadataTagKeys, tagRecord } from "./tags.ts";
import { offers } from "./pools.ts";
import type { InstanceProfile, SimSubnet, World } from "./world.ts";

/** RunInstances as the simulator takes it: the port's request, and what other callers of EC2 commonly add. */
export interface RunInstancesRequest extends Omit<RunInstancesInput, "ClientToken" | "Placement"> {
  readonly ClientToken?: string;
  readonly Placement?: RunInstancesInput["Placement"] & { readonly AvailabilityZone?: string };
  /** Names of security groups, beside or instead of their ids. */
  readonly SecurityGroups?: readonly string[];
  readonly DisableApiTermination?: boolean;
}

/** A request that passed every check, with its references resolved. */
export interface ResolvedLaunch {
  readonly image: Image;
  readonly type: InstanceTypeFacts;
  /** Where to try, in this order; one subnet unless the request leaves it to EC2. */
  readonly subnets: readonly SimSubnet[];
  readonly securityGroupIds: readonly string[];
  readonly instanceProfile?: InstanceProfile;
  readonly tags: Readonly<Record<TagSpecification["ResourceType"], Readonly<Record<string, string>>>>;
  readonly capacityType: "on-demand" | "spot";
  readonly cores: number;
  readonly threadsPerCore: number;
}

/**
 * Checks a RunInstances request against EC2's rules and the world.
 * @throws {Refusal} with EC2's code for the first thing that is wrong.
 */
export function resolveLaunch(world: World, request: RunInstancesRequest): ResolvedLaunch {
  checkCounts(request);
  checkToken(request.ClientToken);
  const image = findImage(world, request.ImageId);
  const type = findType(world, request.InstanceType, image);
  const subnets = findSubnets(world, request);
  checkZone(world, type.instanceType, subnets);
  checkNames(world, request);
  checkUserData(request.UserData);
  const tags = collectTags(request.TagSpecifications ?? []);
  if (request.MetadataOptions?.InstanceMetadataTags === "enabled") checkMetadataTagKeys(tags.instance);
  checkMetadataOptions(request);
  return {
    image,
    type,
    subnets,
    securityGroupIds: findGroups(world, request),
    instanceProfile: findProfile(world, request.IamInstanceProfile),
    tags,
    capacityType: marketOf(request, type),
    ...cpuOf(request, type),
  };
}

/** The zone that a request names, itself or through its subnet: then its idempotency is zonal. */
export function zoneOf(world: World, request: RunInstancesRequest): string | undefined {
  const subnet = request.SubnetId === undefined ? undefined : world.network.subnets.get(request.SubnetId);
  return subnet?.availabilityZone ?? request.Placement?.AvailabilityZone;
}

function checkCounts({ MinCount, MaxCount }: RunInstancesRequest): void {
  for (const [name, count] of [["MinCount", MinCount], ["MaxCount", MaxCount]] as const) {
    if (count === undefined) {
      throw new Refusal("MissingParameter", `The request must contain the parameter ${name}`);
    }
    if (!Number.isInteger(count) || count < 1) {
      throw new Refusal(
        "InvalidParameterValue",
        `Value (${count}) for parameter ${name} is invalid. Must be a positive integer.`,
      );
    }
  }
  if (MinCount > MaxCount) {
    throw new Refusal(
      "InvalidParameterCombination",
      `The value of MinCount (${MinCount}) must not be greater than that of MaxCount (${MaxCount})`,
    );
  }
}

function checkToken(token: string | undefined): void {
  // deno-lint-ignore no-control-regex -- EC2's own rule: at most 64 ASCII characters
  if (token === undefined || /^[\x00-\x7f]{0,64}$/.test(token)) return;
  throw new Refusal("InvalidParameterValue", "The client token must be at most 64 ASCII characters");
}

function findImage(world: World, id: string | undefined): Image {
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

function findType(world: World, name: string | undefined, image: Image): InstanceTypeFacts {
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

function findSubnets(world: World, request: RunInstancesRequest): readonly SimSubnet[] {
  const { subnets, zones } = world.network;
  const zone = request.Placement?.AvailabilityZone;
  if (zone !== undefined && !zones.some(({ zoneName }) => zoneName === zone)) {
    throw new Refusal("InvalidParameterValue", `Invalid availability zone: [${zone}]`);
  }
  if (request.SubnetId === undefined) {
    return [...subnets.values()].filter(({ availabilityZone }) =>
      zone === undefined || availabilityZone === zone
    );
  }
  checkId(request.SubnetId, "subnet", "InvalidSubnetID.Malformed");
  const subnet = subnets.get(request.SubnetId);
  if (!subnet) {
    throw new Refusal("InvalidSubnetID.NotFound", `The subnet ID '${request.SubnetId}' does not exist`);
  }
  if (zone !== undefined && subnet.availabilityZone !== zone) {
    throw new Refusal(
      "InvalidParameterValue",
      `The subnet '${request.SubnetId}' is not in the availability zone '${zone}'`,
    );
  }
  return [subnet];
}

function checkZone(world: World, instanceType: string, subnets: readonly SimSubnet[]): void {
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

function findGroups(world: World, request: RunInstancesRequest): readonly string[] {
  const known = world.network.securityGroups;
  for (const id of request.SecurityGroupIds ?? []) {
    checkId(id, "sg", "InvalidGroupId.Malformed");
    if (!known.has(id)) {
      throw new Refusal("InvalidGroup.NotFound", `The security group '${id}' does not exist`);
    }
  }
  const named = (request.SecurityGroups ?? []).map((name) => {
    const group = [...known.values()].find(({ groupName }) => groupName === name);
    if (!group) {
      throw new Refusal(
        "InvalidGroup.NotFound",
        `The security group '${name}' does not exist in default VPC`,
      );
    }
    return group.groupId;
  });
  const ids = [...request.SecurityGroupIds ?? [], ...named];
  return ids.length > 0
    ? ids
    : [...known.values()].filter(({ groupName }) => groupName === "default").map((g) => g.groupId);
}

function findProfile(
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

function checkNames(world: World, request: RunInstancesRequest): void {
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

/** Bytes of user data before its base64 encoding (EC2 user guide, "Run commands at launch using instance user data"). */
const MAX_USER_DATA = 16_384;

function checkUserData(userData: string | undefined): void {
  if (userData === undefined) return;
  const text = userData.replace(/\s/g, "");
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) {
    throw new Refusal("InvalidUserData.Malformed", "Invalid BASE64 encoding of user data.");
  }
  const bytes = text.length / 4 * 3 - (/=*$/.exec(text)?.[0].length ?? 0);
  if (bytes > MAX_USER_DATA) {
    throw new Refusal("InvalidParameterValue", `User data is limited to ${MAX_USER_DATA} bytes`);
  }
}

const TAGGABLE = ["instance", "volume", "network-interface", "spot-instances-request"] as const;

function collectTags(specifications: readonly TagSpecification[]): ResolvedLaunch["tags"] {
  const tags: Record<TagSpecification["ResourceType"], Readonly<Record<string, string>>> = {
    "instance": {},
    "volume": {},
    "network-interface": {},
    "spot-instances-request": {},
  };
  const seen = new Set<string>();
  for (const { ResourceType, Tags } of specifications) {
    if (!TAGGABLE.includes(ResourceType)) {
      throw new Refusal(
        "InvalidParameterValue",
        `'${ResourceType}' is not a valid taggable resource type for this operation.`,
      );
    }
    if (seen.has(ResourceType)) {
      throw new Refusal(
        "InvalidParameterValue",
        `Duplicate resource type '${ResourceType}' in the tag specifications`,
      );
    }
    seen.add(ResourceType);
    if (Tags.length === 0) {
      throw new Refusal("InvalidParameterValue", "Tag specification must have at least one tag");
    }
    tags[ResourceType] = tagRecord(Tags);
  }
  return tags;
}

function checkMetadataOptions({ MetadataOptions }: RunInstancesRequest): void {
  const limit = MetadataOptions?.HttpPutResponseHopLimit;
  if (limit === undefined || (Number.isInteger(limit) && limit >= 1 && limit <= 64)) return;
  throw new Refusal(
    "InvalidParameterValue",
    `Value (${limit}) for parameter HttpPutResponseHopLimit is invalid. Must be between 1 and 64.`,
  );
}

function marketOf(request: RunInstancesRequest, type: InstanceTypeFacts): "on-demand" | "spot" {
  const market = request.InstanceMarketOptions;
  if (market?.MarketType !== "spot") return "on-demand";
  if (!type.supportedUsageClasses.includes("spot")) {
    throw new Refusal(
      "InvalidParameterValue",
      `The instance type '${type.instanceType}' is not available as Spot Instance.`,
    );
  }
  const interruption = market.SpotOptions?.InstanceInterruptionBehavior ?? "terminate";
  const persistent = market.SpotOptions?.SpotInstanceType === "persistent";
  if (persistent !== (interruption !== "terminate")) {
    throw new Refusal(
      "InvalidParameterCombination",
      "Persistent Spot Instance requests are only supported when the instance interruption behavior is hibernate or stop, and those only for persistent requests",
    );
  }
  return "spot";
}

function cpuOf(
  request: RunInstancesRequest,
  type: InstanceTypeFacts,
): { cores: number; threadsPerCore: number } {
  const cores = request.CpuOptions?.CoreCount ?? type.defaultCores;
  const threadsPerCore = request.CpuOptions?.ThreadsPerCore ?? type.defaultThreadsPerCore;
  if (cores < 1 || cores > type.defaultCores) {
    throw new Refusal(
      "InvalidParameterValue",
      `CpuOptions: CoreCount ${cores} is not valid for ${type.instanceType}`,
    );
  }
  if (threadsPerCore < 1 || threadsPerCore > type.defaultThreadsPerCore) {
    throw new Refusal(
      "InvalidParameterValue",
      `CpuOptions: ThreadsPerCore ${threadsPerCore} is not valid for ${type.instanceType}`,
    );
  }
  return { cores, threadsPerCore };
}

/** @throws {Refusal} when an id hasn't the form `prefix-` and 8 or 17 hexadecimal digits. */
export function checkId(id: string, prefix: string, code: string): void {
  if (new RegExp(`^${prefix}-(?:[0-9a-f]{8}|[0-9a-f]{17})$`).test(id)) return;
  throw new Refusal(code, `Invalid id: "${id}" (expecting "${prefix}-...")`);
}
