import { holdsCapacity } from "./instances.ts";
import type { World } from "./world.ts";

/** A capacity pool: what can run out. */
export interface Pool {
  readonly instanceType: string;
  readonly availabilityZone: string;
  readonly capacityType: "on-demand" | "spot";
}

/** The name of a pool in {@link World.capacity}: `type:zone`, or `type:zone:spot`. */
export function poolKey(pool: Pool): string {
  return `${pool.instanceType}:${pool.availabilityZone}${pool.capacityType === "spot" ? ":spot" : ""}`;
}

/** How many more instances a pool can take; never below 0, Infinity for a pool without a limit. */
export function freeCapacity(world: World, pool: Pool): number {
  const capacity = world.capacity[poolKey(pool)];
  if (capacity === undefined) return Infinity;
  let used = 0;
  for (const instance of world.instances.values()) {
    if (
      holdsCapacity(instance.state) && instance.instanceType === pool.instanceType &&
      instance.availabilityZone === pool.availabilityZone && instance.capacityType === pool.capacityType
    ) used++;
  }
  return Math.max(0, capacity - used);
}

/** vCPUs left of the quota of a capacity type; on-demand and spot have one each. */
export function freeVcpus(world: World, capacityType: Pool["capacityType"]): number {
  if (world.settings.vcpuQuota === undefined) return Infinity;
  let used = 0;
  for (const instance of world.instances.values()) {
    if (holdsCapacity(instance.state) && instance.capacityType === capacityType) {
      used += world.instanceTypes.get(instance.instanceType)?.defaultVCpus ?? 0;
    }
  }
  return Math.max(0, world.settings.vcpuQuota - used);
}

/** Whether a zone offers an instance type. */
export function offers(world: World, instanceType: string, availabilityZone: string): boolean {
  return !world.settings.unsupported.some((pair) =>
    pair.instanceType === instanceType && pair.availabilityZone === availabilityZone
  );
}
