import { type Context, type NamedRecord, type NodeRecord, wholeNumber } from "../context.ts";
import type { Report, Rule } from "../rule.ts";
import { ALL_VERSIONS } from "../versions.ts";
import { isComplete } from "./completeness.ts";
import { membershipOf } from "./membership.ts";
import { hasPowerSave } from "./power_save_enabled.ts";
import { type TimeInForce, timesInForce } from "./power_save_times.ts";
import {
  changelog,
  EC2_THROTTLING,
  fileOf,
  PARALLELCLUSTER_CONF,
  POWER_SAVE,
  SLURM_CONF,
} from "./sources.ts";

/** Nodes a minute that slurmctld resumes and suspends where nothing is set (src/common/read_config.h). */
const DEFAULT_RATE = { ResumeRate: 300, SuspendRate: 60 } as const;
/** More nodes than this in a partition: the default ResumeRate hands them out over more than a minute. */
const MANY_TO_RESUME = 300;
/** More nodes than this: the default SuspendRate takes minutes to stop them. */
const MANY_TO_SUSPEND = 200;
/** Instances that EC2 launches from a full bucket, and how many a second it adds (RunInstances, default quota). */
const LAUNCH_BUCKET = { size: 1000, perSecond: 2 } as const;
/** Seconds from RunInstances to a registered slurmd that we allow for. */
const BOOT_SECONDS = 180;
/** The largest rate that the token bucket of 24.05 and newer takes. */
const MAX_RATE = 60_000;
/** What the parser takes for a 16-bit value. */
const MAX_UINT16 = 65_535;

/** PS008. */
export const resumeTimeoutBelowQuota: Rule = {
  id: "PS008",
  title: "ResumeTimeout too short for the partition's size",
  severity: "warning",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what:
    `A partition has more than ${LAUNCH_BUCKET.size} CLOUD nodes, and ResumeTimeout is below the time EC2's default quota needs to launch them.`,
  why:
    `RunInstances launches ${LAUNCH_BUCKET.size} instances from a full bucket and then ${LAUNCH_BUCKET.perSecond} a second: the last nodes of a job that takes the whole partition can't be up in time.`,
  remedy: "Raise ResumeTimeout or the RunInstances quota, or make the partition smaller with MaxNodes.",
  sources: [EC2_THROTTLING],
  *check(context: Context): Iterable<Report> {
    if (!isComplete(context)) return;
    const times = timesInForce(context, "ResumeTimeout");
    const worst = new Map<TimeInForce["setting"], LargePartition>();
    for (const { partition, nodes, first } of largePartitions(context)) {
      const { seconds, setting } = times.get(first)!;
      const needed = BOOT_SECONDS + Math.ceil((nodes - LAUNCH_BUCKET.size) / LAUNCH_BUCKET.perSecond);
      const known = worst.get(setting);
      if (seconds >= needed || (known !== undefined && known.nodes >= nodes)) continue;
      worst.set(setting, { partition, nodes, first, seconds, needed });
    }
    for (const [setting, { partition, nodes, seconds, needed }] of worst) {
      yield {
        at: setting?.value ?? partition.entry.name,
        message:
          `ResumeTimeout is ${seconds} s, but EC2's default quota needs about ${needed} s to launch the ${nodes} CLOUD nodes of partition "${partition.name}"; write ${needed} or more, or set MaxNodes`,
      };
    }
  },
};

/** PS013. */
export const resumeRateLow: Rule = {
  id: "PS013",
  title: "ResumeRate slows a launch",
  severity: "warning",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what:
    `ResumeRate is not 0 and a partition has more CLOUD nodes than it hands out in a minute (default 300).`,
  why:
    "slurmctld hands out 5 nodes a second at the default: that breaks batched launches, and a large job waits for minutes before EC2 is even asked.",
  remedy: "Write ResumeRate=0 and leave the pace to ResumeProgram.",
  sources: [SLURM_CONF, PARALLELCLUSTER_CONF],
  *check(context: Context): Iterable<Report> {
    const setting = context.setting("ResumeRate");
    if (setting === undefined && !isComplete(context)) return;
    const rate = wholeNumber(setting?.value.text) ?? DEFAULT_RATE.ResumeRate;
    if (rate <= 0) return;
    const [partition, count] = largestPartition(context);
    if (partition === undefined || count <= Math.min(rate, MANY_TO_RESUME)) return;
    yield {
      at: setting?.value ?? partition.entry.name,
      message: `ResumeRate is ${
        setting === undefined ? "not set (300 a minute)" : rate
      }, but partition "${partition.name}" has ${count} CLOUD nodes: Slurm hands them out over ${
        minutes(count, rate)
      }, however fast EC2 is; write ResumeRate=0`,
      fix: setting && { title: "Write 0", edits: [{ span: setting.value.span, text: "0" }], safe: false },
    };
  },
};

/** PS014. */
export const suspendRateLow: Rule = {
  id: "PS014",
  title: "SuspendRate slows the shutdown",
  severity: "warning",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what: `SuspendRate is not 0 and stopping all CLOUD nodes takes more than ${MANY_TO_SUSPEND / 60} minutes.`,
  why:
    "At the default of 60 a minute 1,000 idle nodes take 17 minutes to stop, and EC2 bills them until then.",
  remedy: "Write SuspendRate=0: one TerminateInstances stops 1,000 instances.",
  sources: [SLURM_CONF, PARALLELCLUSTER_CONF],
  *check(context: Context): Iterable<Report> {
    const setting = context.setting("SuspendRate");
    if (setting === undefined && !isComplete(context)) return;
    const rate = wholeNumber(setting?.value.text) ?? DEFAULT_RATE.SuspendRate;
    const count = context.cloudNodeCount;
    if (rate <= 0 || count <= MANY_TO_SUSPEND || count / rate <= MANY_TO_SUSPEND / 60) return;
    yield {
      at: setting?.value ?? context.cloudNodes[0]!.entry.name,
      message: `SuspendRate is ${
        setting === undefined ? "not set (60 a minute)" : rate
      }, so ${count} idle CLOUD nodes take ${
        minutes(count, rate)
      } to stop and are billed until then; write SuspendRate=0`,
      fix: setting && { title: "Write 0", edits: [{ span: setting.value.span, text: "0" }], safe: false },
    };
  },
};

/** PS015. */
export const rateInvalid: Rule = {
  id: "PS015",
  title: "Rate out of range",
  severity: "error",
  daemon: "refuses",
  versions: ALL_VERSIONS,
  what: "ResumeRate or SuspendRate is negative, above 65535 or, from 24.05 on, above 60000.",
  why:
    "slurmctld does not start with a negative rate or one above 65535. From 24.05 on it switches power saving off above 60000; 26.05.5 was seen to crash.",
  remedy: "Write 0 for no limit.",
  sources: [POWER_SAVE, fileOf("24.05", "src/slurmctld/power_save.c"), changelog("24.05")],
  *check(context: Context): Iterable<Report> {
    for (const key of ["ResumeRate", "SuspendRate"] as const) {
      const setting = context.setting(key);
      const rate = wholeNumber(setting?.value.text);
      if (setting === undefined || rate === undefined) continue;
      const fix = { title: "Write 0", edits: [{ span: setting.value.span, text: "0" }], safe: false };
      if (rate < 0 || rate > MAX_UINT16) {
        yield {
          at: setting.value,
          message:
            `${key} "${setting.value.text}" is not between 0 and 65535: slurmctld does not start; write 0 for no limit`,
          fix,
        };
      } else if (rate > MAX_RATE && context.isSince("24.05")) {
        yield {
          at: setting.value,
          message:
            `${key} "${rate}" is above 60000: slurmctld switches power saving off or crashes; write 0 for no limit`,
          daemon: hasPowerSave(context) ? "logs" : "silent",
          fix,
        };
      }
    }
  },
};

/** PS032. */
export const maxPoweredNodesTooLow: Rule = {
  id: "PS032",
  title: "max_powered_nodes without effect or too low",
  severity: "warning",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what: "max_powered_nodes is used before 24.05, or is lower than a partition's MinNodes.",
  why:
    "Before 24.05 the word is ignored without a word in the log. From then on batch jobs beyond it wait (MaxPoweredUpNodes), while srun and salloc are refused at once; a job that needs more nodes than may be up never starts.",
  remedy: "Raise it to the largest MinNodes, or bound the cost outside Slurm before 24.05.",
  sources: [SLURM_CONF, changelog("24.05")],
  *check(context: Context): Iterable<Report> {
    const token = context.token("SlurmctldParameters", "max_powered_nodes");
    if (token === undefined) return;
    if (!context.isSince("24.05")) {
      yield {
        at: token,
        message:
          `"${token.text}" is unknown to this Slurm and silently ignored: nothing bounds the number of nodes`,
      };
      return;
    }
    const limit = wholeNumber(token.value);
    const partition = context.partitions.find((one) => (one.number("MinNodes") ?? 0) > (limit ?? Infinity));
    if (partition === undefined) return;
    yield {
      at: token,
      message: `"${token.text}" is below MinNodes=${
        partition.text("MinNodes")
      } of partition "${partition.name}": its jobs never start; raise it`,
    };
  },
};

interface LargePartition {
  readonly partition: NamedRecord;
  /** CLOUD nodes that one job may get. */
  readonly nodes: number;
  readonly first: NodeRecord;
  readonly seconds: number;
  readonly needed: number;
}

/** Partitions whose CLOUD nodes a full launch bucket doesn't hold. */
function* largePartitions(context: Context): Iterable<Pick<LargePartition, "partition" | "nodes" | "first">> {
  const membership = membershipOf(context);
  for (const partition of context.partitions) {
    const { records, cloudCount } = membership.nodesOf(partition);
    const nodes = Math.min(cloudCount, partition.number("MaxNodes") ?? Infinity);
    if (nodes <= LAUNCH_BUCKET.size) continue;
    const first = records.values().find((record) => record.isCloud)!;
    yield { partition, nodes, first };
  }
}

function largestPartition(context: Context): [NamedRecord | undefined, number] {
  const membership = membershipOf(context);
  let largest: [NamedRecord | undefined, number] = [undefined, 0];
  for (const partition of context.partitions) {
    const { cloudCount } = membership.nodesOf(partition);
    if (cloudCount > largest[1]) largest = [partition, cloudCount];
  }
  return largest;
}

function minutes(count: number, rate: number): string {
  const whole = Math.ceil(count / rate);
  return whole === 1 ? "a minute" : `${whole} minutes`;
}
