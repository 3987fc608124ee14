import type { Instance } from "../aws/instance.ts";
import { expandHostlist } from "../slurm/hostlist.ts";
import { identityFromTags } from "./tags.ts";

/** An instance that carries our tags, and the node it is. */
export interface OwnedInstance {
  readonly instance: Instance;
  readonly nodeGroup: string;
  /** Undefined when the launch index points past the launch's hostlist: no node, so surplus. */
  readonly nodeName: string | undefined;
}

/**
 * Which node each instance is: the launch's hostlist, expanded, at the instance's launch index.
 * EC2 gives every instance of one RunInstances call a distinct index:
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/AMI-launch-index-examples.html
 * Instances of other clusters, or without our tags, are left out.
 */
export function ownedInstances(instances: Iterable<Instance>, cluster: string): OwnedInstance[] {
  const expanded = new Map<string, readonly string[]>();
  const owned: OwnedInstance[] = [];
  for (const instance of instances) {
    const identity = identityFromTags(instance.tags);
    if (identity === undefined || identity.cluster !== cluster) continue;
    let names = expanded.get(identity.nodes);
    if (names === undefined) expanded.set(identity.nodes, names = tryExpand(identity.nodes));
    owned.push({ instance, nodeGroup: identity.nodeGroup, nodeName: names[instance.amiLaunchIndex] });
  }
  return owned;
}

/** Tags can be edited by anyone with the right to: a hostlist that no longer parses names no node. */
function tryExpand(hostlist: string): readonly string[] {
  try {
    return expandHostlist(hostlist);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return [];
    throw error;
  }
}
