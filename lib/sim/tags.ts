import type { Tag } from "../aws/ec2_api.ts";
import { knownInstances } from "./life.ts";
import { Refusal } from "./refusal.ts";
import type { World } from "./world.ts";

/** EC2's limits (EC2 user guide, "Tag restrictions"). */
const MAX_TAGS = 50;
const MAX_KEY = 128;
const MAX_VALUE = 256;

/**
 * Checks tags against EC2's rules and turns them into a record.
 * @throws {Refusal} `InvalidParameterValue` or `TagLimitExceeded`.
 */
export function tagRecord(tags: readonly Tag[]): Record<string, string> {
  const record: Record<string, string> = {};
  for (const { Key, Value = "" } of tags) {
    if (!Key) throw new Refusal("InvalidParameterValue", "Tag key cannot be empty");
    if (Key.length > MAX_KEY) {
      throw new Refusal(
        "InvalidParameterValue",
        `Tag key exceeds the maximum length of ${MAX_KEY} characters`,
      );
    }
    if (Value.length > MAX_VALUE) {
      throw new Refusal(
        "InvalidParameterValue",
        `Tag value exceeds the maximum length of ${MAX_VALUE} characters`,
      );
    }
    if (/^aws:/i.test(Key)) {
      throw new Refusal(
        "InvalidParameterValue",
        "Tag keys starting with 'aws:' are reserved for internal use",
      );
    }
    if (Object.hasOwn(record, Key)) {
      throw new Refusal("InvalidParameterValue", `Duplicate tag key '${Key}' specified.`);
    }
    record[Key] = Value;
  }
  checkCount(record);
  return record;
}

/**
 * Where an instance shows its tags in its metadata, their keys may hold fewer characters (EC2 user guide,
 * "Work with instance tags in instance metadata").
 * @throws {Refusal} `InvalidParameterValue`.
 */
export function checkMetadataTagKeys(tags: Readonly<Record<string, string>>): void {
  for (const key of Object.keys(tags)) {
    if (/^[0-9a-zA-Z\-_+=,.@:]{1,255}$/.test(key) && ![".", "..", "_index"].includes(key)) continue;
    throw new Refusal(
      "InvalidParameterValue",
      `'${key}' is not a valid tag key. Tag keys must match pattern ([0-9a-zA-Z\\-_+=,.@:]{1,255}), and must not be a reserved name ('.', '..', '_index')`,
    );
  }
}

/**
 * CreateTags on instances: adds tags or replaces their values.
 * @throws {Refusal} when an id is unknown, or a tag breaks EC2's rules; then nothing is tagged.
 */
export function createTags(
  world: World,
  input: { readonly Resources: readonly string[]; readonly Tags: readonly Tag[] },
  now: number,
): World {
  if (input.Resources.length === 0) throw missing("resourceIdSet");
  if (input.Tags.length === 0) throw missing("tagSet");
  for (const id of input.Resources) {
    if (!/^[a-z-]+-[0-9a-f]{8,17}$/.test(id)) throw new Refusal("InvalidID", `The ID '${id}' is not valid`);
    if (!id.startsWith("i-")) checkOtherResource(world, id);
  }
  const added = tagRecord(input.Tags);
  const instances = new Map(world.instances);
  for (const instance of knownInstances(world, input.Resources.filter((id) => id.startsWith("i-")), now)) {
    const tags = { ...instance.tags, ...added };
    checkCount(tags);
    if (instance.metadataOptions.InstanceMetadataTags === "enabled") checkMetadataTagKeys(added);
    instances.set(instance.instanceId, { ...instance, tags });
  }
  return { ...world, instances };
}

function checkCount(tags: Readonly<Record<string, string>>): void {
  if (Object.keys(tags).length > MAX_TAGS) {
    throw new Refusal(
      "TagLimitExceeded",
      `The maximum number of Tags for a resource has been reached: ${MAX_TAGS}`,
    );
  }
}

/** Only instances keep their tags here; of other resources it is enough to know whether they exist. */
function checkOtherResource(world: World, id: string): void {
  const { subnets, securityGroups, vpcId } = world.network;
  if (id === vpcId || subnets.has(id) || securityGroups.has(id) || world.images.has(id)) {
    throw new Refusal("UnsupportedOperation", `The simulator keeps tags of instances only, not of '${id}'`);
  }
  throw new Refusal("InvalidID", `The ID '${id}' is not valid`);
}

function missing(parameter: string): Refusal {
  return new Refusal("MissingParameter", `The request must contain the parameter ${parameter}`);
}
