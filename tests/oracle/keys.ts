import { keysOf, keyStatus } from "../../lib/slurm_conf/data/keys.ts";
import type { SlurmVersion } from "../e2e/rig.ts";
import type { Table } from "./base.ts";

/** A key of a table. */
export interface TableKey {
  readonly table: Table;
  readonly key: string;
}

/** First keys of records: lines of other tables. */
const RECORDS: ReadonlySet<string> = new Set([
  "DownNodes",
  "FrontendName",
  "NodeName",
  "NodeSet",
  "PartitionName",
  "PowerAction",
]);

/** Keys of the files that have no table among the lint's data: gres.conf(5), topology.conf(5). */
const OTHER_FILES: Readonly<Record<string, readonly string[]>> = {
  "gres.conf": [
    "AutoDetect",
    "Count",
    "Cores",
    "CPUs",
    "File",
    "Flags",
    "Ignore",
    "Link",
    "Links",
    "MultipleFiles",
    "Name",
    "NodeName",
    "Type",
  ],
  "topology.conf": ["SwitchName", "Nodes", "Switches", "LinkSpeed", "BlockName", "BlockSizes"],
};

/** Every key that a daemon of that version may know, defunct ones included. */
export function keysFor(version: SlurmVersion): TableKey[] {
  const tables = ["slurm.conf", "NodeName", "PartitionName", "NodeSet", "DownNodes", "PowerAction"] as const;
  return [
    ...tables.flatMap((table) =>
      [...keysOf(table).values()]
        .filter(({ name }) => table !== "slurm.conf" || !RECORDS.has(name))
        .filter(({ name }) => keyStatus(table, name, version) !== "unknown")
        .map(({ name }): TableKey => ({ table, key: name }))
    ).filter(({ table }) => table !== "PowerAction" || version === "26.05"),
    ...Object.entries(OTHER_FILES).flatMap(([table, keys]) =>
      keys.filter((key) => !key.startsWith("Block") || version !== "22.05")
        .map((key): TableKey => ({ table: table as Table, key }))
    ),
    { table: "PartitionName", key: "JobDefaults" },
  ];
}
