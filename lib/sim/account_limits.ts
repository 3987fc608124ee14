import { holdsCapacity, type SimInstance } from "./instances.ts";
import type { AccountLimits, World } from "./world.ts";

/** How many more instances of a type the account may run. */
export function freeInstances(world: World, instanceType: string): number {
  return free(world, "instances", (instance) => {
    return holdsCapacity(instance.state) && instance.instanceType === instanceType ? 1 : 0;
  });
}

/** How many more network interfaces the account may have; stopped instances keep theirs. */
export function freeInterfaces(world: World): number {
  return free(
    world,
    "networkInterfaces",
    ({ network }) => network === undefined ? 0 : 1 + network.further.length,
  );
}

/** GiB of volumes that the account may still make; stopped instances keep theirs. */
export function freeVolumeGiB(world: World): number {
  return free(world, "volumeGiB", (instance) => instance.state === "terminated" ? 0 : volumeGiB(instance));
}

function free(world: World, limit: keyof AccountLimits, held: (instance: SimInstance) => number): number {
  const most = world.settings.accountLimits?.[limit];
  if (most === undefined) return Infinity;
  let used = 0;
  for (const instance of world.instances.values()) used += held(instance);
  return Math.max(0, most - used);
}

/** The root volume of every image of a world, GiB. */
const IMAGE_GIB = 8;

/** GiB of an instance's volumes: the root volume is the image's unless the launch sizes it. */
export function volumeGiB(
  { blockDeviceMappings, rootDeviceName }: Pick<SimInstance, "blockDeviceMappings" | "rootDeviceName">,
): number {
  const sizes = new Map([[rootDeviceName, IMAGE_GIB]]);
  for (const { DeviceName, Ebs } of blockDeviceMappings) sizes.set(DeviceName, Ebs?.VolumeSize ?? IMAGE_GIB);
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}
