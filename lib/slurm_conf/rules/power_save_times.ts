import type { Context, NodeRecord } from "../context.ts";
import { wholeNumber } from "../context.ts";
import type { Setting } from "../document.ts";
import { membershipOf } from "./membership.ts";

/** Times that a partition may set for its nodes from 21.08 on. */
export type TimeKey = "SuspendTime" | "ResumeTimeout" | "SuspendTimeout";

/** What slurmctld uses where nothing is set, in seconds (src/common/read_config.h; slurm.conf(5)). */
export const DEFAULT_SECONDS: Readonly<Record<TimeKey, number>> = {
  SuspendTime: Infinity,
  ResumeTimeout: 60,
  SuspendTimeout: 30,
};

/** A time in force for a node, and the setting it comes from. */
export interface TimeInForce {
  /** Infinity where power saving is off. */
  readonly seconds: number;
  /** Undefined where the default holds. */
  readonly setting: Setting | undefined;
}

/** Seconds of a setting; Infinity for INFINITE, NONE and -1; undefined when it is no number. */
export function secondsOf(setting: Setting | undefined): number | undefined {
  const text = setting?.value.text;
  if (text === undefined) return undefined;
  if (/^(infinite|unlimited|none|-1)$/i.test(text)) return Infinity;
  return wholeNumber(text);
}

/**
 * The time in force for the nodes of a NodeName line: its own (SuspendTime, from 26.05), else the highest of the
 * partitions that set it (from 21.08), else the global one, else the default (slurm.conf(5)).
 */
export function timeInForce(context: Context, node: NodeRecord, key: TimeKey): TimeInForce {
  const own = key === "SuspendTime" && context.isSince("26.05") ? known(node.get(key)) : undefined;
  return own ?? partitionTime(context, node, key) ?? known(context.setting(key)) ??
    { seconds: DEFAULT_SECONDS[key], setting: undefined };
}

/** Every setting of a time: global, of partitions and, for SuspendTime, of nodes; DEFAULT lines included. */
export function timeSettings(context: Context, key: TimeKey): Setting[] {
  const name = key.toLowerCase();
  const records = [...context.records("PartitionName"), ...context.records("NodeName")];
  const inRecords = records.flatMap((record) => record.settings.filter((setting) => setting.name === name));
  return [...context.settings(key), ...inRecords];
}

function partitionTime(context: Context, node: NodeRecord, key: TimeKey): TimeInForce | undefined {
  if (!context.isSince("21.08")) return undefined;
  let highest: TimeInForce | undefined;
  for (const partition of membershipOf(context).partitionsOf(node)) {
    const time = known(partition.get(key));
    if (time !== undefined && (highest === undefined || time.seconds > highest.seconds)) highest = time;
  }
  return highest;
}

function known(setting: Setting | undefined): TimeInForce | undefined {
  const seconds = secondsOf(setting);
  return seconds === undefined ? undefined : { seconds, setting };
}
