import type { Context, NamedRecord } from "../context.ts";
import type { RecordEntry, Setting } from "../document.ts";
import { removeFromRecord } from "../edit.ts";
import type { Report, Rule } from "../rule.ts";
import { ALL_VERSIONS, since, type SlurmVersion } from "../versions.ts";
import { membershipOf } from "./membership.ts";
import { recordSettings } from "./record_settings.ts";
import { secondsOf, type TimeKey } from "./power_save_times.ts";
import { releaseNotes, SLURM_CONF } from "./sources.ts";

const TIME_KEYS: readonly TimeKey[] = ["SuspendTime", "ResumeTimeout", "SuspendTimeout"];

/** PS027. */
export const powerDownOnIdle: Rule = {
  id: "PS027",
  title: "PowerDownOnIdle",
  severity: "error",
  daemon: "refuses",
  versions: ALL_VERSIONS,
  what: "A partition has PowerDownOnIdle=YES, or has the key before 23.02.",
  why:
    "Before 23.02 the key is unknown and slurmctld does not start. From then on every job pays for a boot: nodes go down as soon as a job ends.",
  remedy: "Remove it before 23.02; else keep it for partitions of long jobs only.",
  sources: [SLURM_CONF, releaseNotes("23.02")],
  *check(context: Context): Iterable<Report> {
    for (const { entry, setting } of recordSettings(context, "PartitionName", "PowerDownOnIdle")) {
      if (!context.isSince("23.02")) yield unknownKey(entry, setting);
      else if (/^(yes|up|true|1)$/i.test(setting.value.text)) {
        yield {
          at: setting,
          message:
            `PowerDownOnIdle=${setting.value.text} on partition "${entry.name.text}": each job waits and pays for a boot; remove it unless its jobs are long`,
          severity: "info",
          daemon: "silent",
        };
      }
    }
  },
};

/** PS028. */
export const recordTimeTooEarly: Rule = {
  id: "PS028",
  title: "Power saving time on a line that doesn't take it yet",
  severity: "error",
  daemon: "refuses",
  versions: ALL_VERSIONS,
  what:
    "A partition has SuspendTime, ResumeTimeout or SuspendTimeout before 21.08, or a node has SuspendTime before 26.05.",
  why: "The key is unknown on that line and slurmctld does not start.",
  remedy: "Set it globally, or from 21.08 on on the partition.",
  sources: [SLURM_CONF, releaseNotes("21.08")],
  *check(context: Context): Iterable<Report> {
    yield* unknownTimes(context, { type: "PartitionName", keys: TIME_KEYS, from: "21.08" });
    yield* unknownTimes(context, { type: "NodeName", keys: ["SuspendTime"], from: "26.05" });
  },
};

/** PS029. */
export const overlappingTimes: Rule = {
  id: "PS029",
  title: "Node in partitions with different times",
  severity: "info",
  daemon: "silent",
  versions: since("21.08"),
  what:
    "Nodes are in two partitions that set SuspendTime, ResumeTimeout or SuspendTimeout to different values.",
  why: "The highest value holds for the node in both partitions, which the lower one doesn't show.",
  remedy: "Give both partitions the same value.",
  sources: [SLURM_CONF],
  *check(context: Context): Iterable<Report> {
    for (const key of TIME_KEYS) yield* overlaps(context, key);
  },
};

interface EarlyKey {
  readonly type: "PartitionName" | "NodeName";
  readonly keys: readonly string[];
  readonly from: SlurmVersion;
}

function* unknownTimes(context: Context, { type, keys, from }: EarlyKey): Iterable<Report> {
  for (const { entry, setting } of keys.flatMap((key) => recordSettings(context, type, key))) {
    if (!context.isSince(from)) yield unknownKey(entry, setting);
  }
}

function unknownKey(entry: RecordEntry, setting: Setting): Report {
  return {
    at: setting,
    message:
      `${setting.key} is unknown to this Slurm on a ${entry.type} line: slurmctld does not start; remove it`,
    fix: { title: `Remove ${setting.key}`, edits: [removeFromRecord(entry, setting)], safe: false },
  };
}

function* overlaps(context: Context, key: TimeKey): Iterable<Report> {
  const setters = context.partitions.filter((partition) => partition.get(key) !== undefined);
  if (new Set(setters.map((partition) => partition.text(key))).size < 2) return;
  const membership = membershipOf(context);
  const highest = new Map<NamedRecord, NamedRecord>();
  for (const node of context.nodes) {
    const sharing = membership.partitionsOf(node).filter((partition) => partition.get(key) !== undefined);
    if (sharing.length < 2) continue;
    const top = sharing.reduce((a, b) => seconds(context, b, key) > seconds(context, a, key) ? b : a);
    for (const low of sharing) {
      if (seconds(context, low, key) < seconds(context, top, key) && !highest.has(low)) highest.set(low, top);
    }
  }
  for (const [low, top] of highest) {
    yield {
      at: low.get(key)!,
      message: `${key} of partition "${low.name}" is ${
        low.text(key)
      }, but nodes of it are in "${top.name}" too, whose ${
        top.text(key)
      } is higher and holds for them; give both the same value`,
    };
  }
}

function seconds(context: Context, partition: NamedRecord, key: TimeKey): number {
  return secondsOf(context, partition.get(key)) ?? 0;
}
