import type { InstanceTypeFacts } from "../../aws/ec2_api.ts";
import type { NodeGroup } from "../../config/model.ts";
import { realMemory } from "./memory_model.ts";

/** What Slurm may count on, whichever of a group's instance types a node turns out to be. */
export interface GroupShape {
  /** Logical CPUs: the fewest of the group's types. */
  readonly cpus: number;
  /** Of the type with the fewest CPUs; EC2 publishes no number of sockets, so all cores are put on one. */
  readonly coresPerSocket: number;
  /** 1 where the group turns simultaneous multithreading off. */
  readonly threadsPerCore: number;
  /** MiB: the least of the group's types, by {@link realMemory}. */
  readonly realMemory: number;
  /** The type that CPUs and cores are of. */
  readonly smallestType: string;
  /** Its memory as EC2 lists it, MiB; the least of the group's types. */
  readonly memoryMiB: number;
  /** GPUs that every type of the group has; undefined when one has none. */
  readonly gpus: GroupGpus | undefined;
}

/** GPUs of a group. */
export interface GroupGpus {
  /** The fewest of the group's types. */
  readonly count: number;
  /** Slurm's gres type such as `a10g`; undefined when the group's types have different GPUs. */
  readonly type: string | undefined;
  /** As EC2 has it, e.g. `NVIDIA`; undefined when they differ. */
  readonly manufacturer: string | undefined;
}

/** The shape of a node group, as the least that any of its types offers. `types` must not be empty. */
export function groupShape(
  group: Pick<NodeGroup, "threadsPerCore">,
  types: readonly InstanceTypeFacts[],
): GroupShape {
  const sizes = types.map((facts) => {
    const threads = group.threadsPerCore ?? facts.defaultThreadsPerCore;
    return { facts, threads, cpus: facts.defaultCores * threads };
  });
  const smallest = sizes.toSorted((a, b) =>
    a.cpus - b.cpus || a.facts.defaultCores - b.facts.defaultCores
  )[0]!;
  const memoryMiB = Math.min(...types.map((facts) => facts.memoryMiB));
  return {
    cpus: smallest.cpus,
    coresPerSocket: smallest.facts.defaultCores,
    threadsPerCore: smallest.threads,
    realMemory: realMemory(memoryMiB),
    smallestType: smallest.facts.instanceType,
    memoryMiB,
    gpus: groupGpus(types),
  };
}

function groupGpus(types: readonly InstanceTypeFacts[]): GroupGpus | undefined {
  const count = Math.min(...types.map((facts) => facts.gpus.reduce((sum, gpu) => sum + gpu.count, 0)));
  if (count === 0) return undefined;
  const all = types.flatMap((facts) => facts.gpus);
  return {
    count,
    type: only(all.map((gpu) => gresType(gpu.name))),
    manufacturer: only(all.map((gpu) => gpu.manufacturer)),
  };
}

/** EC2's GPU name as a gres type: `RTX PRO 4500` → `rtx_pro_4500`. */
function gresType(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]+/g, "_").replace(/^_|_$/g, "");
}

/** The one value that all are, or undefined when they differ. */
export function only<T>(values: readonly T[]): T | undefined {
  return values.length > 0 && values.every((value) => value === values[0]) ? values[0] : undefined;
}
