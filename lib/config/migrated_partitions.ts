import type { LegacyNaming } from "./legacy_node_name.ts";
import type { Cell } from "./migrated_groups.ts";
import type { MigratedGroup, MigratedPartition } from "./migration.ts";

/** What partitions are made for. */
export interface PartitionsInput {
  readonly naming: LegacyNaming;
  readonly useSpot: boolean;
  /** The installation's DefaultPartition; absent: the plugin's own choice. */
  readonly wanted: string | undefined;
}

/**
 * The partitions that the plugin's generator wrote, by the same names. The default is the one that is wanted; where
 * there is none of that name, the zone's of the highest priority or else the first, since without a default
 * partition sbatch refuses jobs that name none.
 */
export function partitionsOf(
  cells: readonly Cell[],
  { wanted, ...input }: PartitionsInput,
): MigratedPartition[] {
  const partitions = allPartitions(cells, input);
  const chosen = partitions.find(({ name }) => name === wanted) ??
    partitions.find(({ options }) => options["Default"] !== undefined) ?? partitions[0];
  return partitions.map((partition) => {
    const { Default: _, ...options } = partition.options;
    return { ...partition, options: partition === chosen ? { Default: "YES", ...options } : options };
  });
}

function allPartitions(
  cells: readonly Cell[],
  { naming, useSpot }: Omit<PartitionsInput, "wanted">,
): MigratedPartition[] {
  const names = (groups: readonly MigratedGroup[]) => groups.map(({ name }) => name);
  const byCell = cells.flatMap(({ base, priority, onDemand, spot }): MigratedPartition[] => {
    const options = { PriorityTier: String(priority) };
    const all = [...names(onDemand), ...names(spot)];
    if (naming === "suffixed") {
      return [
        { name: `${base}_ondemand`, nodeGroups: names(onDemand), options },
        ...(useSpot ? [{ name: `${base}_spot`, nodeGroups: names(spot), options }] : []),
        { name: base, nodeGroups: all, options },
      ];
    }
    return [
      { name: base, nodeGroups: names(onDemand), options },
      ...(useSpot ? [{ name: `${base}_spot`, nodeGroups: names(spot), options }] : []),
    ];
  });
  const everything = cells.flatMap(({ onDemand, spot }) => [...names(onDemand), ...names(spot)]);
  return [...byCell, ...zonePartitions(cells), { name: "all", nodeGroups: everything, options: {} }]
    .filter(({ nodeGroups }) => nodeGroups.length > 0);
}

function zonePartitions(cells: readonly Cell[]): MigratedPartition[] {
  const zones = [...new Set(cells.flatMap(({ zone }) => zone === undefined ? [] : [zone]))];
  const priorityOf = (zone: string) => cells.find((cell) => cell.zone === zone)!.priority;
  const top = zones.toSorted((a, b) => priorityOf(b) - priorityOf(a))[0];
  return zones.flatMap((zone) => {
    const nodeGroups = cells.filter((cell) => cell.zone === zone).flatMap(({ onDemand, spot }) =>
      [...onDemand, ...spot].map(({ name }) => name)
    );
    const priority = priorityOf(zone);
    return [
      {
        name: `${zone}_all`,
        nodeGroups,
        options: { ...(zone === top ? { Default: "YES" } : {}), PriorityTier: String(priority) },
      },
      { name: `${zone}_all_interactive`, nodeGroups, options: { PriorityTier: String(priority + 10_000) } },
    ];
  });
}
