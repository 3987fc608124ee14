import type { LegacyNaming } from "./legacy_node_name.ts";
import type { Cell } from "./migrated_groups.ts";
import type { MigratedGroup, MigratedPartition } from "./migration.ts";

/** The partitions that the plugin's generator wrote, by the same names. */
export function partitionsOf(
  cells: readonly Cell[],
  naming: LegacyNaming,
  useSpot: boolean,
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
