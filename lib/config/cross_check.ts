import { didYouMean } from "../base/did_you_mean.ts";
import { formatUserData } from "../identity/user_data.ts";
import { countHostlist, expandHostlist } from "../slurm/hostlist.ts";
import { checkVolumes } from "./check_volumes.ts";
import type { Conflict } from "./conflict.ts";
import type { Path } from "./path.ts";
import { architectureOf, mergeDefaults, type MergedGroup } from "./resolve.ts";
import type { ConfigFile } from "./schema.ts";
import type { Place } from "./source.ts";

/** Linux's HOST_NAME_MAX is 64 with the closing zero; a DNS label is 63 as well (RFC 1035). */
const MAX_NODE_NAME = 63;
/** Of EC2's 50 tags a resource, those that identify a node take up to 34. */
const MAX_TAGS = 16;
/** Of EC2's 16 KiB of user data; the rest is for the hostlist. Bytes. */
const MAX_USER_DATA = 4096;

const value = (...path: Path): Place => ({ path, part: "value" });

/** All that a file's values have against one another; the file fits the schema, `defaults` are not merged. */
export function crossCheck(file: ConfigFile): Conflict[] {
  const groups = file.nodeGroups.map((group) => mergeDefaults(group, file.defaults));
  return [
    ...checkCluster(file),
    ...checkUnique(groups, "nodeGroups"),
    ...checkUnique(file.partitions, "partitions"),
    ...groups.flatMap((group, index) => [...checkGroup(group, file, index)]),
    ...checkNodes(groups),
    ...checkFileSystems(file),
    ...checkPartitions(file),
    ...checkLimits(file.limits),
  ];
}

/** SSM refuses names that begin so: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html */
function* checkCluster({ cluster, ssm }: ConfigFile): Generator<Conflict> {
  if (ssm.prefix !== undefined || !/^(aws|ssm)/i.test(cluster)) return;
  const message = `SSM has no parameters below /${cluster}/: their names never begin with aws or ssm`;
  yield { place: value("cluster"), message, hint: "set ssm.prefix" };
}

function* checkUnique(
  items: readonly { readonly name: string }[],
  list: "nodeGroups" | "partitions",
): Generator<Conflict> {
  const noun = list === "nodeGroups" ? "Node group" : "Partition";
  const seen = new Set<string>();
  for (const [index, { name }] of items.entries()) {
    const place = value(list, index, "name");
    if (/^default$/i.test(name)) {
      yield { place, message: `${noun} "${name}": Slurm keeps this name for default values` };
    }
    if (list === "nodeGroups" && /^all$/i.test(name)) {
      yield { place, message: `${noun} "${name}": Slurm keeps this name for all nodes` };
    }
    if (seen.has(name)) yield { place, message: `${noun} "${name}" is defined twice` };
    seen.add(name);
  }
}

function* checkGroup(group: MergedGroup, file: ConfigFile, index: number): Generator<Conflict> {
  const raw = file.nodeGroups[index]!;
  const path = ["nodeGroups", index] as const;
  const own = (key: keyof typeof raw & string) =>
    raw[key] === undefined ? value("defaults", key) : value(...path, key);
  const missing = (key: string): Conflict => ({
    place: value(...path, key),
    message: `Key ${key} is missing in nodeGroups[${index}]`,
    hint: "set it there or in defaults",
  });
  if (!group.os) yield missing("os");
  if (!group.subnets) yield missing("subnets");
  for (const [at, type] of group.instanceTypes.entries()) {
    const place = value(...path, "instanceTypes", at);
    const architecture = architectureOf(type);
    if (group.instanceTypes.indexOf(type) < at) {
      yield { place, message: `Instance type "${type}" is listed twice` };
    }
    if (architecture !== group.architecture) {
      const message =
        `Instance type "${type}" is ${architecture}, node group "${group.name}" is ${group.architecture}`;
      yield { place, message, hint: "the types of a group share one architecture" };
    }
  }
  for (const [at, subnet] of (raw.subnets ?? []).entries()) {
    if (raw.subnets!.indexOf(subnet) < at) {
      yield { place: value(...path, "subnets", at), message: `Subnet "${subnet}" is listed twice` };
    }
  }
  const spot = group.capacityType !== undefined && group.capacityType !== "on-demand";
  if (spot && group.capacityReservation !== undefined) {
    const message =
      `Node group "${group.name}" can't use a capacity reservation with capacityType ${group.capacityType}`;
    yield {
      place: value(...path, "capacityReservation"),
      message,
      hint: "reservations are for on-demand instances",
    };
  }
  if (spot && group.powerDownAction === "stop") {
    const message =
      `Node group "${group.name}" can't stop its instances with capacityType ${group.capacityType}`;
    yield { place: own("powerDownAction"), message, hint: "one-time spot instances can only be terminated" };
  }
  if (raw.maxStoppedDuration !== undefined && group.powerDownAction !== "stop") {
    const message =
      `Key maxStoppedDuration has no effect on node group "${group.name}", whose instances are terminated`;
    yield { place: value(...path, "maxStoppedDuration"), message, hint: "set powerDownAction: stop" };
  }
  yield* checkVolumes(group, raw, index);
  if (raw.spotTimeLimit !== undefined && group.capacityType !== "spot-then-on-demand") {
    const message =
      `Key spotTimeLimit has no effect on node group "${group.name}", which has one way to buy instances`;
    yield { place: value(...path, "spotTimeLimit"), message, hint: "set capacityType: spot-then-on-demand" };
  }
  const tags = Object.keys(group.tags ?? {}).length;
  if (tags > MAX_TAGS) {
    yield {
      place: own("tags"),
      message: `Node group "${group.name}" has ${tags} tags: at most ${MAX_TAGS} fit besides our own`,
    };
  }
  yield* checkUserData(group, file, group.userData === undefined ? value("fileSystems") : own("userData"));
}

function* checkUserData(group: MergedGroup, file: ConfigFile, place: Place): Generator<Conflict> {
  const bytes = new TextEncoder().encode(formatUserData({
    cluster: file.cluster,
    nodeGroup: group.name,
    nodes: "",
    region: file.region,
    bootLimit: file.limits.bootLimit,
    orphanLimit: file.limits.orphanLimit,
    onNotice: file.spot.onNotice,
    domain: file.dns.domain,
    fileSystems: file.fileSystems,
    hosts: file.dns.hosts,
    settings: group.userData ?? {},
  })).length;
  if (bytes > MAX_USER_DATA) {
    const message =
      `User data of node group "${group.name}" takes ${bytes} bytes: at most ${MAX_USER_DATA} fit`;
    yield { place, message, hint: "keep files on a shared file system" };
  }
  for (const [name, text] of Object.entries(group.userData ?? {})) {
    if (name === "MUNGE_KEY" && !/^(\/|ssm:\/[A-Za-z0-9_.\/-]+$)/.test(text)) {
      // Never quoted: it may be the key.
      const message = `MUNGE_KEY in the user data of node group "${group.name}" is not where the key is`;
      yield { place, message, hint: "give the absolute path of a file, or ssm:/NAME of a SecureString" };
    } else if (SECRET.test(text)) {
      const message = `${name} in the user data of node group "${group.name}" looks like a key`;
      yield { place, message, hint: "every job can read user data: name a file, or ssm:/NAME" };
    }
  }
}

/** What begins like a private key, is an AWS access key id, or long enough for a munge key in base64 or hex. */
const SECRET = /-----BEGIN |\b(AKIA|ASIA)[A-Z0-9]{16}\b|^(?=.*[0-9])(?!\/)[A-Za-z0-9+/]{43,}={0,2}$/;

function* checkFileSystems({ fileSystems }: ConfigFile): Generator<Conflict> {
  const mounts = fileSystems.map(({ mount }) => mount.replace(/\/+$/, ""));
  for (const [index, mount] of mounts.entries()) {
    if (mounts.indexOf(mount) === index) continue;
    yield {
      place: value("fileSystems", index, "mount"),
      message: `Two file systems are mounted at ${mount}`,
    };
  }
}

function* checkNodes(groups: readonly MergedGroup[]): Generator<Conflict> {
  const owners = new Map<string, number>();
  const names = new Map(groups.map(({ name }, index) => [name, index]));
  for (const [index, { nodes: hostlist, name }] of groups.entries()) {
    const place = value("nodeGroups", index, "nodes");
    const expanded = expand(hostlist);
    if (!Array.isArray(expanded)) {
      yield { place: { ...place, offset: expanded.offset }, message: expanded.message };
      continue;
    }
    const strange = /[^A-Za-z0-9_.,[\]-]/.exec(hostlist);
    if (strange) {
      const message = `Node names hold letters, digits, '-', '_' and '.' only, got ${
        JSON.stringify(strange[0])
      }`;
      yield { place: { ...place, offset: strange.index }, message };
    }
    const long = expanded.find((node) => node.length > MAX_NODE_NAME);
    if (long) {
      yield {
        place,
        message:
          `Node name "${long}" has ${long.length} characters: at most ${MAX_NODE_NAME} fit a host name`,
      };
    }
    let taken = 0;
    let first: string | undefined;
    for (const node of expanded) {
      if (owners.has(node)) {
        taken++;
        first ??= node;
      } else owners.set(node, index);
    }
    if (first !== undefined) {
      const owner = owners.get(first)!;
      const nodes = taken === 1 ? `Node "${first}" is` : `Nodes "${first}" and ${taken - 1} more are`;
      const message = owner === index
        ? `${nodes} named twice in node group "${name}"`
        : `${nodes} in node group "${groups[owner]!.name}" already`;
      yield { place, message };
    }
  }
  for (const [name, index] of names) {
    if (!owners.has(name)) continue;
    const message =
      `Node group "${name}" has the name of a node: Slurm's NodeSet and NodeName may not be alike`;
    yield { place: value("nodeGroups", index, "name"), message };
  }
}

function expand(nodes: string): string[] | { readonly message: string; readonly offset: number } {
  try {
    countHostlist(nodes);
    return expandHostlist(nodes);
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
    const { column = 1 } = (error.cause ?? {}) as { readonly column?: number };
    return { message: error.message.replace(/ at column [0-9]+/, ""), offset: column - 1 };
  }
}

function* checkPartitions({ partitions, nodeGroups }: ConfigFile): Generator<Conflict> {
  const known = nodeGroups.map((group) => group.name);
  let byDefault: string | undefined;
  for (const [index, partition] of partitions.entries()) {
    for (const [at, name] of partition.nodeGroups.entries()) {
      const place = value("partitions", index, "nodeGroups", at);
      if (partition.nodeGroups.indexOf(name) < at) {
        yield { place, message: `Node group "${name}" is listed twice` };
      }
      if (known.includes(name)) continue;
      const guess = didYouMean(name, known);
      const hint = guess === undefined ? `defined: ${known.join(", ")}` : `did you mean ${guess}?`;
      yield {
        place,
        message: `Partition "${partition.name}" names node group "${name}", which isn't defined`,
        hint,
      };
    }
    if (!/^(yes|true)$/i.test(partition.Default ?? "")) continue;
    if (byDefault !== undefined) {
      const message = `Partition "${partition.name}" and partition "${byDefault}" are both the default`;
      yield { place: value("partitions", index, "Default"), message };
    }
    byDefault ??= partition.name;
  }
}

function* checkLimits({ expectedBootSeconds, bootLimit }: ConfigFile["limits"]): Generator<Conflict> {
  if (expectedBootSeconds < bootLimit) return;
  const message =
    `A boot is expected to take ${expectedBootSeconds} s, but nodes power themselves off after ${bootLimit} s (bootLimit)`;
  yield { place: value("limits", "expectedBootSeconds"), message, hint: "raise bootLimit" };
}
