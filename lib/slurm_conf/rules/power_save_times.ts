import { type Context, type NamedRecord, type NodeRecord, wholeNumber } from "../context.ts";
import type { Setting, SettingEntry } from "../document.ts";
import { NOT_HANDED_ON } from "../parse.ts";
import { membershipOf } from "./membership.ts";
import { recordSettings } from "./record_settings.ts";

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

type Times = ReadonlyMap<NodeRecord, TimeInForce>;

/**
 * Seconds of ResumeTimeout or SuspendTimeout; Infinity for INFINITE and UNLIMITED; undefined for what slurmctld refuses.
 */
function timeoutSeconds(text: string): number | undefined {
  if (/^(infinite|unlimited)$/i.test(text)) return Infinity;
  const seconds = wholeNumber(text);
  return seconds === undefined || seconds < 0 ? undefined : seconds;
}

/**
 * Seconds of SuspendTime as slurmctld reads them: the decimal digits at the beginning, 0 where there are none (`10m` is
 * 10, `0x10` and `abc` are 0); Infinity for INFINITE and -1, and for NONE where it is understood: in the global
 * setting, on other lines from 26.05 on. Undefined for other negative numbers, which PS035 judges. Seen on 22.05.8, 24.11.5
 * and 26.05.5.
 */
function suspendSeconds(text: string, understandsNone: boolean): number | undefined {
  if (/^(infinite|-1)$/i.test(text) || (understandsNone && /^none$/i.test(text))) return Infinity;
  if (/^-\d/.test(text)) return undefined;
  return Number(/^\+?(\d+)/.exec(text)?.[1] ?? 0);
}

/** Seconds of a setting of a time as the release takes it; undefined when it isn't set, or slurmctld refuses it. */
export function secondsOf(context: Context, setting: Setting | undefined): number | undefined {
  if (setting === undefined) return undefined;
  const { text } = setting.value;
  if (setting.name !== "suspendtime") return timeoutSeconds(text);
  const understandsNone = !/^none$/i.test(text) ||
    context.settings("SuspendTime").includes(setting as SettingEntry) ||
    context.isSince("26.05");
  return suspendSeconds(text, understandsNone);
}

/**
 * The time in force for the nodes of each NodeName line: its own (SuspendTime, from 26.05), else the highest of
 * the partitions that set it (from 21.08), else the global one, else the default (slurm.conf(5)).
 */
export function timesInForce(context: Context, key: TimeKey): Times {
  const byPartition = context.isSince("21.08");
  const byNode = key === "SuspendTime" && context.isSince("26.05");
  return context.once(
    `${key} ${byPartition} ${byNode}`,
    () => makeTimes(context, { key, byPartition, byNode }),
  );
}

/** Every setting of a time that can be in force: global, of partitions and of nodes; DEFAULT lines where they hand it on. */
export function timeSettings(context: Context, key: TimeKey): Setting[] {
  const ofPartitions = recordSettings(context, "PartitionName", key)
    .filter(({ entry, setting }) => !entry.isDefault || !NOT_HANDED_ON.has(setting.name));
  const inRecords = [...ofPartitions, ...recordSettings(context, "NodeName", key)];
  return [...context.settings(key), ...inRecords.map(({ setting }) => setting)];
}

interface Mode {
  readonly key: TimeKey;
  readonly byPartition: boolean;
  readonly byNode: boolean;
}

function makeTimes(context: Context, { key, byPartition, byNode }: Mode): Times {
  const known = (setting: Setting | undefined): TimeInForce | undefined => {
    const seconds = secondsOf(context, setting);
    return seconds === undefined ? undefined : { seconds, setting };
  };
  const general = known(context.setting(key)) ?? { seconds: DEFAULT_SECONDS[key], setting: undefined };
  const ofPartition = new Map<NamedRecord, TimeInForce>();
  for (const partition of byPartition ? context.partitions : []) {
    const time = known(partition.get(key));
    if (time !== undefined) ofPartition.set(partition, time);
  }
  const highest = (node: NodeRecord): TimeInForce | undefined => {
    let top: TimeInForce | undefined;
    for (const partition of membershipOf(context).partitionsOf(node)) {
      const time = ofPartition.get(partition);
      if (time !== undefined && (top === undefined || time.seconds > top.seconds)) top = time;
    }
    return top;
  };
  return new Map(context.nodes.map((node) => {
    const own = byNode ? known(node.get(key)) : undefined;
    return [node, own ?? (ofPartition.size === 0 ? undefined : highest(node)) ?? general];
  }));
}
