import type { Context } from "../context.ts";
import type { Report, Rule } from "../rule.ts";
import { ALL_VERSIONS } from "../versions.ts";
import { isComplete } from "./completeness.ts";
import { fileOf, PARALLELCLUSTER_CONF, POWER_SAVE, SLURM_CONF } from "./sources.ts";

const READ_CONFIG = fileOf("26.05", "src/common/read_config.c");
/** Directories where anybody may write; only they themselves draw slurmctld's error. */
const SHARED_DIRECTORY = /^\/(tmp|var\/tmp|dev\/shm)\/?$/;
/** Directories that a reboot or a cleaner empties. */
const VOLATILE_DIRECTORY = /^\/(tmp|var\/tmp|dev\/shm|run|var\/run)(\/|$)/;
/** The largest MaxArraySize (slurm.conf(5)). */
const MAX_ARRAY_SIZE = 4_000_001;
/** The largest MaxJobId: 26 bits (slurm.conf(5)). */
const MAX_JOB_ID = 67_108_863;

/** SC018. */
export const debugFlagPowerMissing: Rule = {
  id: "SC018",
  title: "DebugFlags without Power",
  severity: "info",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what: "There are CLOUD nodes and DebugFlags lacks Power.",
  why: "Rate limits, exclusions and the calls of the programs are logged with that flag only.",
  remedy: "Add DebugFlags=Power, at least until power saving runs as it should.",
  sources: [POWER_SAVE],
  *check(context: Context): Iterable<Report> {
    const [node] = context.cloudNodes;
    if (node === undefined || !isComplete(context)) return;
    if (context.tokens("DebugFlags").some((token) => /^power(save)?$/i.test(token.name))) return;
    yield {
      at: context.setting("DebugFlags") ?? node.entry.name,
      message:
        "DebugFlags lacks Power: slurmctld logs nothing of rate limits and exclusions; add it while you set up",
    };
  },
};

/** SC019. */
export const stateSaveLocationVolatile: Rule = {
  id: "SC019",
  title: "StateSaveLocation is not kept",
  severity: "warning",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what: "StateSaveLocation is in /tmp, /var/tmp, /dev/shm or /run.",
  why:
    "Jobs and the power states of nodes are lost with the directory, and instances run on that Slurm thinks powered down. A directory that anybody may write to is a way into the controller, of which slurmctld logs an error.",
  remedy: "Use a directory of SlurmUser on a disk that is kept, e.g. /var/spool/slurmctld.",
  sources: [SLURM_CONF, fileOf("26.05", "src/slurmctld/read_config.c")],
  *check(context: Context): Iterable<Report> {
    const setting = context.setting("StateSaveLocation");
    if (setting === undefined || !VOLATILE_DIRECTORY.test(setting.value.text)) return;
    yield {
      at: setting.value,
      message:
        `StateSaveLocation "${setting.value.text}" is emptied by reboots or cleaners: jobs and power states are lost; write e.g. /var/spool/slurmctld`,
      ...(SHARED_DIRECTORY.test(setting.value.text) ? { daemon: "logs" } : {}),
    };
  },
};

/** SC021. */
export const partitionStateNotKept: Rule = {
  id: "SC021",
  title: "Partition states lost at reconfigure",
  severity: "info",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what: "There are CLOUD nodes and ReconfigFlags has neither KeepPartState nor KeepPartInfo.",
  why:
    "A partition that was set INACTIVE with scontrol, e.g. for want of capacity, is UP again after a reconfigure.",
  remedy: "Add ReconfigFlags=KeepPartState if scontrol is used on partitions.",
  sources: [SLURM_CONF, PARALLELCLUSTER_CONF],
  *check(context: Context): Iterable<Report> {
    const [node] = context.cloudNodes;
    if (node === undefined || !isComplete(context)) return;
    if (context.tokens("ReconfigFlags").some((token) => /^keeppart(state|info)$/i.test(token.name))) return;
    yield {
      at: context.setting("ReconfigFlags") ?? node.entry.name,
      message:
        "ReconfigFlags lacks KeepPartState: partitions set INACTIVE with scontrol are UP again after a reconfigure; add it if you do that",
    };
  },
};

/** SC022. */
export const limitOutOfRange: Rule = {
  id: "SC022",
  title: "Limit out of range",
  severity: "warning",
  daemon: "logs",
  versions: ALL_VERSIONS,
  what: "MaxArraySize, MaxJobId, MaxJobCount, FirstJobId or MinJobAge has a value that slurmctld rejects.",
  why:
    "slurmctld logs an error and takes another value, or does not start (MaxJobCount=0, FirstJobId above MaxJobId).",
  remedy: "Write a value in the range of slurm.conf(5).",
  sources: [SLURM_CONF, READ_CONFIG],
  *check(context: Context): Iterable<Report> {
    for (const limit of LIMITS) {
      const setting = context.setting(limit.key);
      const value = context.number(limit.key);
      if (setting === undefined || value === undefined || value < 0 || !limit.isWrong(value, context)) {
        continue;
      }
      yield {
        at: setting.value,
        message: `${limit.key} ${value} ${limit.message}`,
        ...(limit.refuses ? { severity: "error", daemon: "refuses" } : {}),
      };
    }
  },
};

/** SC023. */
export const databaseInSlurmConf: Rule = {
  id: "SC023",
  title: "mysql in slurm.conf",
  severity: "error",
  daemon: "refuses",
  versions: ALL_VERSIONS,
  what: "AccountingStorageType names the mysql plugin.",
  why: "slurmctld does not start: only slurmdbd may use the database.",
  remedy: "Write AccountingStorageType=accounting_storage/slurmdbd.",
  sources: [READ_CONFIG],
  *check(context: Context): Iterable<Report> {
    const setting = context.setting("AccountingStorageType");
    if (setting === undefined || !/mysql/i.test(setting.value.text)) return;
    yield {
      at: setting.value,
      message:
        `AccountingStorageType "${setting.value.text}" is for slurmdbd only: slurmctld does not start; write accounting_storage/slurmdbd`,
    };
  },
};

interface Limit {
  readonly key: string;
  readonly isWrong: (value: number, context: Context) => boolean;
  readonly message: string;
  readonly refuses?: boolean;
}

const LIMITS: readonly Limit[] = [
  {
    key: "MaxArraySize",
    isWrong: (value) => value > MAX_ARRAY_SIZE,
    message: `is above ${MAX_ARRAY_SIZE} and rejected; write that or less`,
  },
  {
    key: "MaxJobId",
    isWrong: (value) => value > MAX_JOB_ID,
    message: `is above ${MAX_JOB_ID} and reset to it; write that or less`,
  },
  {
    key: "MaxJobId",
    isWrong: (value, context) => value === 0 && context.setting("FirstJobId") === undefined,
    message: "is below FirstJobId, which is 1: slurmctld does not start; raise it",
    refuses: true,
  },
  {
    key: "MaxJobId",
    isWrong: (value, context) => value > 0 && value === (context.number("FirstJobId") ?? 1),
    message: "is FirstJobId, too: slurmctld logs that no job ids are left; raise it",
  },
  {
    key: "MinJobAge",
    isWrong: (value) => value < 2,
    message: "is below 2 and rejected; write 2 or more",
  },
  {
    key: "MaxJobCount",
    isWrong: (value) => value === 0,
    message: "permits no jobs: slurmctld does not start; write how many jobs may be known",
    refuses: true,
  },
  {
    key: "FirstJobId",
    isWrong: (value, context) => value > (context.number("MaxJobId") ?? Infinity),
    message: "is above MaxJobId: slurmctld does not start; lower it",
    refuses: true,
  },
];
