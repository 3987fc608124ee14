import type { Tag } from "../aws/ec2_api.ts";

/** Keys of the tags that say whose an instance is and which nodes its launch served. */
export const TagKey = {
  Cluster: "slurm-ec2:cluster",
  NodeGroup: "slurm-ec2:node-group",
  Naming: "slurm-ec2:naming",
  Nodes: "slurm-ec2:nodes",
} as const;

/** How an instance's node is found, as its `slurm-ec2:naming` tag says. */
const Naming = {
  /** By its launch index, in the launch's hostlist. */
  Index: "index",
  /** It is not a node: launched to see what EC2 does, and to be ended right away. */
  TestLaunch: "test-launch",
} as const;

/** What an instance of a test launch may have as its naming: this release's word, and that of releases before it. */
export const TEST_LAUNCH_NAMINGS: readonly string[] = [Naming.TestLaunch, "trial"];

/** Whether tags are those of an instance of a test launch. */
export function isTestLaunch(tags: Readonly<Record<string, string>>): boolean {
  return TEST_LAUNCH_NAMINGS.includes(tags[TagKey.Naming] ?? "");
}

/**
 * Longest tag value EC2 takes, in characters.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions
 */
const TAG_VALUE_MAX = 256;

/** Most tags that one hostlist may fill: EC2 takes 50 a resource, the site's own need room too. */
export const NODES_TAGS_MAX = 30;

/** Longest hostlist that fits into {@link NODES_TAGS_MAX} tags, in characters. */
export const NODES_TAG_CHARACTERS_MAX = TAG_VALUE_MAX * NODES_TAGS_MAX;

/** What the tags of an instance say: its owner, and the hostlist of the launch that made it. */
export interface LaunchIdentity {
  readonly cluster: string;
  readonly nodeGroup: string;
  /** Hostlist of the whole launch; the instance's launch index picks its own node from it. */
  readonly nodes: string;
}

/**
 * Tags put on every instance in the launch request itself, so that none ever exists without its owner.
 * @throws {RangeError} when the hostlist needs more than {@link NODES_TAGS_MAX} tags.
 */
export function instanceTags({ cluster, nodeGroup, nodes }: LaunchIdentity): Tag[] {
  if (nodes.length > NODES_TAG_CHARACTERS_MAX) {
    throw new RangeError(
      `Hostlist too long for tags: ${nodes.length} characters, at most ${NODES_TAG_CHARACTERS_MAX}`,
    );
  }
  const pieces: Tag[] = [];
  for (let at = 0; at < nodes.length; at += TAG_VALUE_MAX) {
    const Key = at === 0 ? TagKey.Nodes : `${TagKey.Nodes}.${at / TAG_VALUE_MAX}`;
    pieces.push({ Key, Value: nodes.slice(at, at + TAG_VALUE_MAX) });
  }
  return [...ownerTags({ cluster, nodeGroup }), { Key: TagKey.Naming, Value: Naming.Index }, ...pieces];
}

/**
 * The tags of an instance that is the node of no cluster, to be launched and ended by the same rights: the cluster's own, so
 * that policies allow it, but of another naming, so that no hook ever takes it for a node or ends it for a surplus.
 */
export function testLaunchTags(identity: LaunchIdentity): Tag[] {
  return instanceTags(identity).map((tag) =>
    tag.Key === TagKey.Naming ? { ...tag, Value: Naming.TestLaunch } : tag
  );
}

/** Tags put on the volumes and network interfaces that a launch makes: the owner only. */
export function ownerTags({ cluster, nodeGroup }: Pick<LaunchIdentity, "cluster" | "nodeGroup">): Tag[] {
  return [{ Key: TagKey.Cluster, Value: cluster }, { Key: TagKey.NodeGroup, Value: nodeGroup }];
}

/** What the tags say, or undefined where they are not ours or not whole. */
export function identityFromTags(tags: Readonly<Record<string, string>>): LaunchIdentity | undefined {
  const cluster = tags[TagKey.Cluster];
  const nodeGroup = tags[TagKey.NodeGroup];
  let nodes = tags[TagKey.Nodes];
  if (cluster === undefined || nodeGroup === undefined || nodes === undefined) return undefined;
  if (tags[TagKey.Naming] !== Naming.Index) return undefined;
  let pieces = 1;
  for (; tags[`${TagKey.Nodes}.${pieces}`] !== undefined; pieces++) {
    nodes += tags[`${TagKey.Nodes}.${pieces}`];
  }
  // A gap would cut the hostlist to another valid one, and name the wrong node.
  const present = Object.keys(tags).filter((key) => /^slurm-ec2:nodes(\.\d+)?$/.test(key));
  return present.length === pieces ? { cluster, nodeGroup, nodes } : undefined;
}
