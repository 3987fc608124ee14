import { type Context, type NamedRecord, type NodeRecord, wholeNumber } from "../context.ts";
import type { Setting } from "../document.ts";
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

const memory = new WeakMap<readonly NodeRecord[], Map<string, Times>>();

/**
 * Seconds of a setting; Infinity for INFINITE, NONE and -1; undefined when it is no number. Slurm reads the digits
 * at the beginning: `10m` is 10.
 */
export function secondsOf(setting: Setting | undefined): number | undefined {
  const text = setting?.value.text;
  if (text === undefined) return undefined;
  if (/^(infinite|unlimited|none|-1)$/i.test(text)) return Infinity;
  return wholeNumber(text) ?? wholeNumber(/^\d+/.exec(text)?.[0]);
}

/**
 * The time in force for the nodes of each NodeName line: its own (SuspendTime, from 26.05), else the highest of
 * the partitions that set it (from 21.08), else the global one, else the default (slurm.conf(5)).
 */
export function timesInForce(context: Context, key: TimeKey): Times {
  const byPartition = context.isSince("21.08");
  const byNode = key === "SuspendTime" && context.isSince("26.05");
  let known = memory.get(context.nodes);
  if (known === undefined) memory.set(context.nodes, known = new Map());
  const mode = `${key} ${byPartition} ${byNode}`;
  let times = known.get(mode);
  if (times === undefined) known.set(mode, times = makeTimes(context, { key, byPartition, byNode }));
  return times;
}

/** Every setting of a time: global, of partitions and of nodes; DEFAULT lines included. */
export function timeSettings(context: Context, key: TimeKey): Setting[] {
  const inRecords = [
    ...recordSettings(context, "PartitionName", key),
    ...recordSettings(context, "NodeName", key),
  ];
  return [...context.settings(key), ...inRecords.map(({ setting }) => setting)];
}

interface Mode {
  readonly key: TimeKey;
  readonly byPartition: boolean;
  readonly byNode: boolean;
}

function makeTimes(context: Context, { key, byPartition, byNode }: Mode): Times {
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

function known(setting: Setting | undefined): TimeInForce | undefined {
  const seconds = secondsOf(setting);
  return seconds === undefined ? undefined : { seconds, setting };
}
