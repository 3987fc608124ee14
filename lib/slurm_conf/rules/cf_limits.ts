import { type Context, wholeNumber } from "../context.ts";
import { keyInfo } from "../data/keys.ts";
import type { Severity } from "../../base/finding.ts";
import type { DaemonEffect, Report, Rule } from "../rule.ts";
import { ALL_VERSIONS, before, since, type VersionRange } from "../versions.ts";

/** What slurmctld demands of a key beyond its type. */
interface Limit {
  readonly key: string;
  readonly daemon: Exclude<DaemonEffect, "silent">;
  /** Releases that do so, as far as seen: older ones may. */
  readonly versions: VersionRange;
  /** INFINITE comes as the greatest number of the key's type. */
  isWrong(value: number | undefined, context: Context): boolean;
  readonly message: string;
  /** Else error where slurmctld refuses, warning where it logs. */
  readonly severity?: Severity;
}

/** The greatest MaxJobId (MAX_JOB_ID in slurm/slurm.h), and its default. */
const MAX_JOB_ID = 0x03ff0000;

/** MAX_SLURM_NODES of src/common/read_config.h is far below it, so that INFINITE can't be meant. */
const INFINITE32 = 0xffffffff;

/** Each asked of slurmctld 22.05.8, 24.11.5 and 26.05.5, with the values on both sides of the limit. */
const LIMITS: readonly Limit[] = [
  {
    key: "AccountingStoreJobComment",
    daemon: "refuses",
    versions: since("22.05"),
    isWrong: () => true,
    message: "was removed: write AccountingStoreFlags=job_comment instead",
  },
  {
    key: "AccountingStorageLoc",
    daemon: "refuses",
    versions: { from: "22.05", before: "25.11" },
    isWrong: () => true,
    message: "was removed: remove the line",
  },
  {
    key: "MaxDBDMsgs",
    daemon: "refuses",
    versions: since("22.05"),
    isWrong: (value) => value! < 10_000,
    message: "is below 10000, the least that slurmctld takes: raise it or remove the line",
  },
  {
    key: "PropagatePrioProcess",
    daemon: "refuses",
    versions: ALL_VERSIONS,
    isWrong: (value) => value! > 2,
    message: "is not one of 0, 1 and 2",
  },
  {
    key: "SlurmctldPort",
    daemon: "refuses",
    versions: ALL_VERSIONS,
    isWrong: (value) => value === 0,
    message: "is not a port: write 6817, or remove the line",
  },
  {
    key: "SlurmSchedLogLevel",
    daemon: "refuses",
    versions: ALL_VERSIONS,
    isWrong: (value, context) =>
      value! > 0 && !context.isFragment && context.setting("SlurmSchedLogFile") === undefined,
    message: "needs SlurmSchedLogFile: set that too, or remove the line",
  },
  {
    key: "MaxNodeCount",
    daemon: "refuses",
    versions: since("22.05"),
    isWrong: (value, context) => value === INFINITE32 && /\D/.test(context.text("MaxNodeCount") ?? ""),
    message: "is above 65536: write the number of nodes that may exist",
  },
  {
    key: "MaxNodeCount",
    daemon: "refuses",
    versions: before("23.02"),
    isWrong: (value, context) => value === INFINITE32 && !/\D/.test(context.text("MaxNodeCount") ?? ""),
    message: "makes slurmctld 22.05 end without a word: write the number of nodes that may exist",
  },
  {
    key: "FirstJobId",
    daemon: "refuses",
    versions: ALL_VERSIONS,
    isWrong: (value, context) => value! > MAX_JOB_ID && context.setting("MaxJobId") === undefined,
    message: `is above MaxJobId (${MAX_JOB_ID}): lower it`,
  },
  {
    key: "MaxJobId",
    daemon: "logs",
    versions: ALL_VERSIONS,
    isWrong: (value, context) => value === INFINITE32 && /\D/.test(context.text("MaxJobId") ?? ""),
    message: `is above ${MAX_JOB_ID}, which is taken instead: remove the line`,
  },
  {
    key: "MaxArraySize",
    daemon: "logs",
    versions: ALL_VERSIONS,
    isWrong: (value, context) => value === INFINITE32 && /\D/.test(context.text("MaxArraySize") ?? ""),
    message: "is above 4000001, which is taken instead: write a number",
  },
  {
    key: "MessageTimeout",
    daemon: "logs",
    versions: ALL_VERSIONS,
    isWrong: (value, context) => value === 0xffff && /\D/.test(context.text("MessageTimeout") ?? ""),
    message: "is too high for faults to be noticed: write at most 100",
  },
  ...["ResumeRate", "SuspendRate"].map((key): Limit => ({
    key,
    daemon: "logs",
    severity: "error",
    versions: since("24.05"),
    // Numbers above the limit are PS015's.
    isWrong: (value, context) => value === 0xffff && /\D/.test(context.text(key) ?? ""),
    message: "is above 60000, which switches automatic power saving off: write 0 for no limit",
  })),
  {
    key: "SchedulerTimeSlice",
    daemon: "logs",
    versions: ALL_VERSIONS,
    isWrong: (value) => value! < 5,
    message: "is below 5 s, which is taken instead: raise it",
  },
  {
    key: "EpilogMsgTime",
    daemon: "logs",
    versions: since("26.05"),
    isWrong: (value) => value! > 1_000_000,
    message: "is above 1000000 μs, which is taken instead: lower it",
  },
  {
    key: "HealthCheckInterval",
    daemon: "logs",
    versions: since("26.05"),
    isWrong: (value, context) => value! > 0 && value! <= (context.number("HealthCheckTimeout") ?? 60),
    message: "is not above HealthCheckTimeout (60 s unless set): checks overlap; raise it or lower that",
  },
  {
    key: "KeepAliveTime",
    daemon: "logs",
    versions: since("22.05"),
    isWrong: () => true,
    message:
      "has moved: write CommunicationParameters=keepaliveintvl=… and keepaliveprobes=… as slurm.conf(5) says",
  },
];

/** CF012. */
export const valueOutOfLimits: Rule = {
  id: "CF012",
  title: "Value that slurmctld refuses or replaces",
  severity: "error",
  daemon: "refuses",
  versions: ALL_VERSIONS,
  what:
    "A key has a value that its type allows but slurmctld does not take, or needs another key that is missing.",
  why: "slurmctld does not start, or logs an error and takes another value (then a warning).",
  remedy: "Write a value within the limit.",
  sources: [
    "https://slurm.schedmd.com/slurm.conf.html",
    "https://github.com/SchedMD/slurm/blob/master/src/common/read_config.c",
  ],
  *check(context: Context): Iterable<Report> {
    for (const limit of LIMITS) {
      const setting = context.setting(limit.key);
      if (setting === undefined || !context.isIn(limit.versions)) continue;
      const value = numberOf(limit.key, setting.value.text);
      const judged = value !== undefined || limit.isWrong.length === 0;
      if (!judged || !limit.isWrong(value, context)) continue;
      yield {
        at: setting,
        message: `${setting.key}=${setting.value.text} ${limit.message}`,
        daemon: limit.daemon,
        severity: limit.severity ?? (limit.daemon === "refuses" ? "error" : "warning"),
      };
    }
  },
};

function numberOf(key: string, text: string): number | undefined {
  if (/^(infinite|unlimited)$/i.test(text)) {
    return keyInfo("slurm.conf", key)?.type === "uint16" ? 0xffff : INFINITE32;
  }
  const value = wholeNumber(text.replace(/k$/i, ""));
  return value === undefined || value < 0 ? undefined : /k$/i.test(text) ? value * 1024 : value;
}
