import type { Config } from "./model.ts";

/** A key that releases without a worker took and did not obey: what a site wrote there holds from this release on. */
interface NewlyBinding {
  /** As documents name it. */
  readonly key: string;
  /** What the configuration says there; undefined: nothing that binds. */
  says(config: Config): string | undefined;
}

/** Every such key. */
const NEWLY_BINDING: readonly NewlyBinding[] = [
  { key: "limits.maxNodes", says: ({ limits }) => limits.maxNodes?.toString() },
  {
    key: "limits.maxHourlyCost",
    says: ({ limits }) => limits.maxHourlyCost === undefined ? undefined : `${limits.maxHourlyCost} USD/h`,
  },
  {
    key: "nodeGroups[].maxStoppedDuration",
    says: (config) => groupsWith(config, (group) => group.maxStoppedDuration !== undefined),
  },
  {
    key: "nodeGroups[].instanceTypes and subnets after the first",
    says: (config) =>
      groupsWith(config, ({ instanceTypes, subnets }) => instanceTypes.length * subnets.length > 1),
  },
  {
    key: "nodeGroups[].capacityType spot-then-on-demand",
    says: (config) => groupsWith(config, ({ capacityType }) => capacityType === "spot-then-on-demand"),
  },
];

function groupsWith(
  { nodeGroups }: Config,
  holds: (group: Config["nodeGroups"][number]) => boolean,
): string | undefined {
  const names = nodeGroups.filter(holds).map(({ name }) => name);
  return names.length === 0 ? undefined : names.join(", ");
}

/**
 * One sentence for each key of a configuration that a release without a worker did not obey: a site that comes from one
 * reads them once, before its first limit refuses a job.
 */
export function newlyBindingNotes(config: Config): string[] {
  return NEWLY_BINDING.flatMap(({ key, says }) => {
    const said = says(config);
    return said === undefined ? [] : [
      `${key} (${said}) holds from this release on, and did not before: slurm-ec2 status shows what runs now`,
    ];
  });
}
