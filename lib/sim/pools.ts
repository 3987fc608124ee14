import { vcpuQuota } from "../aws/vcpu_quota.ts";
import { holdsCapacity, type SimInstance } from "./instances.ts";
import type { World } from "./world.ts";

/** A capacity pool: what can run out. */
export interface Pool {
  readonly instanceType: string;
  readonly availabilityZone: string;
  readonly capacityType: "on-demand" | "spot";
  /** Where the instances have to be close together; then that room can run out as well. */
  readonly placementGroup?: string;
  /** Capacity set aside: then no other is used. */
  readonly capacityReservationId?: string;
}

/**
 * The name of a pool in {@link World.capacity}: `TYPE:ZONE`, `TYPE:ZONE:spot`, either with `@GROUP` for the room in a
 * placement group; a capacity reservation's is its id.
 */
export function poolKey(pool: Pool): string {
  if (pool.capacityReservationId !== undefined) return pool.capacityReservationId;
  const group = pool.placementGroup === undefined ? "" : `@${pool.placementGroup}`;
  return `${pool.instanceType}:${pool.availabilityZone}${
    pool.capacityType === "spot" ? ":spot" : ""
  }${group}`;
}

/** What is wrong with the name of a pool; undefined for one that the world has. */
export function poolProblem(
  world: Pick<World, "capacityReservations" | "placementGroups" | "instanceTypes" | "network">,
  key: string,
): PoolProblem | undefined {
  if (key.startsWith("cr-")) {
    const ids = world.capacityReservations;
    return ids.includes(key) ? undefined : { noun: "capacity reservation", name: key, known: ids };
  }
  const match = /^([^:@]+):([^:@]+)(:spot)?(?:@([^:@]+))?$/.exec(key);
  if (match === null) return { noun: "form", name: key, known: [] };
  const [, type = "", zone = "", , group] = match;
  const zones = world.network.zones.map(({ zoneName }) => zoneName);
  if (!world.instanceTypes.has(type)) {
    return { noun: "instance type", name: type, known: [...world.instanceTypes.keys()] };
  }
  if (!zones.includes(zone)) return { noun: "zone", name: zone, known: zones };
  if (group === undefined || world.placementGroups.includes(group)) return undefined;
  return { noun: "placement group", name: group, known: world.placementGroups };
}

/** A part of a pool's name that the world does not have, or (`form`) a name that is not one. */
export interface PoolProblem {
  readonly noun: "form" | "instance type" | "zone" | "placement group" | "capacity reservation";
  readonly name: string;
  readonly known: readonly string[];
}

/** How many more instances a pool can take; never below 0, Infinity for a pool without a limit. */
export function freeCapacity(world: World, pool: Pool): number {
  const within = (one: Pool) => {
    const capacity = world.capacity[poolKey(one)];
    return capacity === undefined ? Infinity : Math.max(0, capacity - countIn(world, one));
  };
  const { placementGroup, ...wide } = pool;
  return placementGroup === undefined ? within(wide) : Math.min(within(wide), within(pool));
}

function countIn(world: World, pool: Pool): number {
  let used = 0;
  for (const instance of world.instances.values()) {
    if (holdsCapacity(instance.state) && isIn(instance, pool)) used++;
  }
  return used;
}

function isIn(instance: SimInstance, pool: Pool): boolean {
  if (instance.capacityReservationId !== pool.capacityReservationId) return false;
  if (pool.capacityReservationId !== undefined) return true;
  return instance.instanceType === pool.instanceType &&
    instance.availabilityZone === pool.availabilityZone && instance.capacityType === pool.capacityType &&
    (pool.placementGroup === undefined || instance.placementGroup === pool.placementGroup);
}

/**
 * vCPUs left of the quota that an instance type counts against, and the quota itself: each set of families has one for
 * on-demand and one for spot (https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html).
 */
export function freeVcpus(
  world: World,
  instanceType: string,
  capacityType: Pool["capacityType"],
): { readonly free: number; readonly limit: number } {
  const { quotas = {}, vcpuQuota: others = Infinity } = world.settings;
  const code = quotaCode(instanceType, capacityType);
  const limit = (code === undefined ? undefined : quotas[code]) ?? others;
  if (limit === Infinity) return { free: Infinity, limit };
  let used = 0;
  for (const instance of world.instances.values()) {
    const counts = holdsCapacity(instance.state) && instance.capacityType === capacityType &&
      quotaCode(instance.instanceType, capacityType) === code;
    if (counts) used += world.instanceTypes.get(instance.instanceType)?.defaultVCpus ?? 0;
  }
  return { free: Math.max(0, limit - used), limit };
}

function quotaCode(instanceType: string, capacityType: Pool["capacityType"]): string | undefined {
  return vcpuQuota(instanceType, capacityType)?.codes[0];
}

/** Whether a zone offers an instance type. */
export function offers(world: World, instanceType: string, availabilityZone: string): boolean {
  return !world.settings.unsupported.some((pair) =>
    pair.instanceType === instanceType && pair.availabilityZone === availabilityZone
  );
}
