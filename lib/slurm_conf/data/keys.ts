import { compareVersions } from "../versions.ts";
import tables from "./slurm_keys.json" with { type: "json" };

/** What a value must be for Slurm's parser: numbers within the type, `INFINITE` or `UNLIMITED`. */
export type ValueType = "uint16" | "uint32" | "number" | "boolean";

/** A key that some release knows. Versions are `YY.MM`, also such as we don't support. */
export interface KeyInfo {
  /** In Slurm's own spelling. */
  readonly name: string;
  /** First release that knows it; absent: older than 18.08. */
  readonly since?: string;
  /** First release that logs an error and ignores it. */
  readonly defunct?: string;
  /** First release that does not know it and so refuses to start. */
  readonly removed?: string;
  /** Absent: any text. */
  readonly type?: ValueType;
}

/** A line's keys: plain ones under `slurm.conf`, those of a record under its first key. */
export type KeyTable =
  | "slurm.conf"
  | "NodeName"
  | "PartitionName"
  | "NodeSet"
  | "DownNodes"
  | "FrontendName"
  | "PowerAction";

/** What a release does with a key. */
export type KeyStatus = "known" | "defunct" | "unknown";

const byName = new Map<string, ReadonlyMap<string, KeyInfo>>();

/** All keys of a table by their names in lower case. */
export function keysOf(table: KeyTable): ReadonlyMap<string, KeyInfo> {
  let keys = byName.get(table);
  if (keys === undefined) {
    const entries: [string, Omit<KeyInfo, "name">][] = Object.entries(
      tables[table] as Record<string, Omit<KeyInfo, "name">>,
    );
    keys = new Map(entries.map(([name, info]) => [name.toLowerCase(), { name, ...info }]));
    byName.set(table, keys);
  }
  return keys;
}

/** What is known of a key, in any case; undefined when no release knew it. */
export function keyInfo(table: KeyTable, key: string): KeyInfo | undefined {
  const keys = keysOf(table);
  // Most callers have the name in lower case already.
  return keys.get(key) ?? keys.get(key.toLowerCase());
}

/** What a release does with a key, in any case. */
export function keyStatus(table: KeyTable, key: string, version: string): KeyStatus {
  const info = keyInfo(table, key);
  if (info === undefined) return "unknown";
  if (info.since !== undefined && compareVersions(version, info.since) < 0) return "unknown";
  if (info.removed !== undefined && compareVersions(version, info.removed) >= 0) return "unknown";
  return info.defunct !== undefined && compareVersions(version, info.defunct) >= 0 ? "defunct" : "known";
}
