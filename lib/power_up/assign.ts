import { INSTANCE_WITHOUT_ADDRESS } from "../aws/error_codes.ts";
import type { Instance } from "../aws/instance.ts";
import type { Refusal } from "./refusal.ts";

/** Which instance is which node. */
export interface Assignment {
  readonly nodeName: string;
  readonly instance: Instance;
}

/** A node without an instance, and why. */
export interface Shortfall {
  readonly nodeName: string;
  readonly refusal: Refusal;
}

/** What an answer means for nodes and instances: each node is in one of the first two, each instance in one. */
export interface Assigned {
  readonly assignments: readonly Assignment[];
  readonly shortfall: readonly Shortfall[];
  /** Instances that are not nodes: to be terminated. */
  readonly surplus: readonly Instance[];
}

/** EC2 launched fewer than asked, without an error: the pool had no more. */
export const FEWER: Refusal = {
  code: "InsufficientInstanceCapacity",
  message: "EC2 launched fewer instances than asked for: the capacity pool has no more",
};

/**
 * Assigns the instances of a launch to its nodes by launch index. The nodes served are those whose index came back,
 * never simply the first ones: an index that is missing leaves its node short; one that is repeated (the lowest instance
 * id keeps it), out of range, or without an address makes its instance surplus.
 * @param nodes in launch-index order
 */
export function assignInstances(nodes: readonly string[], instances: readonly Instance[]): Assigned {
  const byIndex = new Map<number, Instance>();
  const withoutAddress = new Map<number, Instance>();
  const surplus: Instance[] = [];
  for (const instance of [...instances].sort((a, b) => a.instanceId < b.instanceId ? -1 : 1)) {
    const index = instance.amiLaunchIndex;
    const fits = index in nodes && !byIndex.has(index) && instance.privateIpAddress !== undefined;
    if (fits) byIndex.set(index, instance);
    else surplus.push(instance);
    if (instance.privateIpAddress === undefined) withoutAddress.set(index, instance);
  }
  const assignments: Assignment[] = [];
  const shortfall: Shortfall[] = [];
  nodes.forEach((nodeName, index) => {
    const instance = byIndex.get(index);
    if (instance === undefined) shortfall.push({ nodeName, refusal: whyShort(withoutAddress.get(index)) });
    else assignments.push({ nodeName, instance });
  });
  return { assignments, shortfall, surplus };
}

/** Why a node has no instance: the one that came for it has no address, or none came. */
function whyShort(instance: Instance | undefined): Refusal {
  if (instance === undefined) return FEWER;
  const { instanceId, subnetId } = instance;
  return {
    code: INSTANCE_WITHOUT_ADDRESS,
    message: `EC2 launched instance ${instanceId} without a private address, and it is ended: ` +
      `see aws ec2 describe-subnets --subnet-ids ${subnetId}`,
  };
}
