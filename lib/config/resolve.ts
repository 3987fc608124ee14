import type { Architecture, Config, NodeGroup } from "./model.ts";
import type { ConfigFile, GroupFile } from "./schema.ts";

/** A node group with `defaults` merged in, before it is known to be complete. */
export type MergedGroup = GroupFile & {
  readonly architecture: Architecture | undefined;
};

/**
 * What a group takes over from `defaults`: single values and lists where it has none of its own; tags, user
 * data, root volume and metadata options key by key.
 */
export function mergeDefaults(group: GroupFile, defaults: ConfigFile["defaults"]): MergedGroup {
  const merged = { ...defaults, ...withoutUndefined(group) };
  return withoutUndefined({
    ...merged,
    rootVolume: both(defaults.rootVolume, group.rootVolume),
    metadataOptions: both(defaults.metadataOptions, group.metadataOptions),
    tags: both(defaults.tags, group.tags),
    userData: both(defaults.userData, group.userData),
    architecture: merged.architecture ?? architectureOf(group.instanceTypes[0] ?? ""),
  });
}

/** Absent keys stay absent, so that a configuration can be compared and printed. */
function withoutUndefined<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}

function both<T extends object>(defaults: T | undefined, own: T | undefined): T | undefined {
  return defaults || own ? { ...defaults, ...own } as T : undefined;
}

/**
 * The architecture that an instance type's name tells: a `g` behind the generation is Graviton, as are a1 and
 * the Grace of p6e (https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html).
 */
export function architectureOf(instanceType: string): Architecture {
  return /^(a1|[a-z]+[0-9]+g[a-z]*|p6e-gb[0-9]+)[.-]/.test(instanceType) ? "arm64" : "x86_64";
}

/** The configuration that a checked file stands for. */
export function resolveConfig(file: ConfigFile): Config {
  const { defaults, ssm, partitions, nodeGroups, aws, ...rest } = file;
  return {
    ...rest,
    aws,
    ssm: { prefix: ssm.prefix ?? file.cluster, spelling: ssm.spelling },
    nodeGroups: nodeGroups.map((group) => resolveGroup(mergeDefaults(group, defaults))),
    partitions: partitions.map(({ name, nodeGroups, ...options }) => ({
      name,
      nodeGroups,
      options: defined(options),
    })),
    slurm: { ...file.slurm, partitionOptions: defined(file.slurm.partitionOptions) },
  };
}

function resolveGroup(group: MergedGroup): NodeGroup {
  const { os, architecture, subnets } = group;
  if (!os || !architecture || !subnets) throw new TypeError(`Node group ${group.name} is not complete`);
  return {
    ...group,
    os,
    architecture,
    subnets,
    metadataOptions: {
      httpTokens: group.metadataOptions?.httpTokens ?? "required",
      // Containers on a node are one hop further away than the node itself.
      httpPutResponseHopLimit: group.metadataOptions?.httpPutResponseHopLimit ?? 2,
    },
    tags: group.tags ?? {},
    userData: group.userData ?? {},
    capacityType: group.capacityType ?? "on-demand",
    efa: group.efa ?? false,
    powerDownAction: group.powerDownAction ?? "terminate",
    strategy: group.strategy ?? "all-or-nothing",
    features: group.features ?? [],
  };
}

function defined(options: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(options).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
