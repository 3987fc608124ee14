import { checkInterfaces } from "./launch_interfaces.ts";
import type { InstanceTypeFacts, TagSpecification } from "../aws/ec2_api.ts";
import {
  checkNames,
  checkZone,
  findGroups,
  findImage,
  findProfile,
  findSubnets,
  findType,
} from "./launch_references.ts";
import { noSpotRole, Refusal } from "./refusal.ts";
import type { ResolvedLaunch, RunInstancesRequest } from "./run_instances_request.ts";
import { checkMetadataTagKeys, tagRecord } from "./tags.ts";
import type { World } from "./world.ts";

/**
 * Checks a RunInstances request against EC2's rules and the world.
 * @throws {Refusal} with EC2's code for the first thing that is wrong.
 */
export function resolveLaunch(world: World, request: RunInstancesRequest): ResolvedLaunch {
  checkCounts(request);
  checkToken(request.ClientToken);
  const image = findImage(world, request.ImageId);
  const type = findType(world, request.InstanceType, image);
  checkInterfaces(request, type);
  const subnets = findSubnets(world, request);
  checkZone(world, type.instanceType, subnets);
  checkNames(world, request);
  checkUserData(request.UserData);
  const tags = collectTags(request.TagSpecifications ?? []);
  if (request.MetadataOptions?.InstanceMetadataTags === "enabled") checkMetadataTagKeys(tags.instance);
  checkMetadataOptions(request);
  checkVolumes(request);
  return {
    image,
    type,
    subnets,
    securityGroupIds: findGroups(world, request),
    instanceProfile: findProfile(world, request.IamInstanceProfile),
    tags,
    capacityType: marketOf(world, request, type),
    capacityReservationId: request.CapacityReservationSpecification?.CapacityReservationTarget
      ?.CapacityReservationId,
    interfaces: request.NetworkInterfaces?.length ?? 1,
    ...cpuOf(request, type),
  };
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

/** Which volume types have provisioned operations and throughput (API reference, EbsBlockDevice). */
function checkVolumes({ BlockDeviceMappings = [] }: RunInstancesRequest): void {
  const devices = new Set<string>();
  for (const { DeviceName, Ebs = {} } of BlockDeviceMappings) {
    if (devices.has(DeviceName)) {
      throw new Refusal(
        "InvalidBlockDeviceMapping",
        `The device '${DeviceName}' is used in more than one block-device mapping`,
      );
    }
    devices.add(DeviceName);
    const { VolumeType: type = "gp2", Iops, Throughput } = Ebs;
    if (Iops === undefined && (type === "io1" || type === "io2")) {
      throw new Refusal("MissingParameter", `The parameter iops must be specified for ${type} volumes.`);
    }
    if (Iops !== undefined && !["gp3", "io1", "io2"].includes(type)) {
      throw notSupported("iops", type);
    }
    if (Throughput !== undefined && type !== "gp3") throw notSupported("throughput", type);
  }
}

function notSupported(parameter: string, type: string): Refusal {
  return new Refusal(
    "InvalidParameterCombination",
    `The parameter ${parameter} is not supported for ${type} volumes.`,
  );
}

function marketOf(
  world: World,
  request: RunInstancesRequest,
  type: InstanceTypeFacts,
): "on-demand" | "spot" {
  const market = request.InstanceMarketOptions;
  if (market?.MarketType !== "spot") return "on-demand";
  if (world.settings.lacksSpotRole) throw noSpotRole();
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
