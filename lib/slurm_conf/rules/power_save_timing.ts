import { type Context, wholeNumber } from "../context.ts";
import type { Setting } from "../document.ts";
import type { Report, Rule } from "../rule.ts";
import { ALL_VERSIONS } from "../versions.ts";
import { isComplete } from "./completeness.ts";
import { DEFAULT_SECONDS, secondsOf, type TimeKey, timeSettings, timesInForce } from "./power_save_times.ts";
import { changelog, EC2_ON_DEMAND, fileOf, POWER_SAVE, SLURM_CONF } from "./sources.ts";

/** Seconds below which a node's boot costs more than its idling: EC2 bills 60 s at least, and boots take longer. */
const SHORT_SUSPEND_TIME = 120;
/** Seconds that an EC2 instance may need from RunInstances to a registered slurmd; peers allow 300 to 1800. */
const SHORT_RESUME_TIMEOUT = 300;
/** Seconds beyond which a launch that failed silently holds its job too long. */
const LONG_RESUME_TIMEOUT = 3600;
/** Seconds that the calls to EC2 and an instance's shutdown need; peers allow 60 to 600. */
const SHORT_SUSPEND_TIMEOUT = 60;
/** Seconds beyond which nodes are kept out of use for nothing. */
const LONG_SUSPEND_TIMEOUT = 300;
/** The largest number of seconds that slurm.conf(5) allows for the timeouts. */
const MAX_TIMEOUT = 65533;
/** What the parser takes for a 16-bit value. */
const MAX_UINT16 = 65535;

/** PS005. */
export const suspendTimeShort: Rule = {
  id: "PS005",
  title: "SuspendTime short",
  severity: "warning",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what: `SuspendTime is below ${SHORT_SUSPEND_TIME} s.`,
  why:
    "Nodes go away between one job and the next: EC2 bills every start with 60 s at least, and the next job waits for a whole boot again.",
  remedy: "Give 300 s or more; at least twice the usual gap between jobs.",
  sources: [EC2_ON_DEMAND, POWER_SAVE],
  *check(context: Context): Iterable<Report> {
    for (const setting of timeSettings(context, "SuspendTime")) {
      const seconds = secondsOf(context, setting);
      if (seconds === undefined || seconds >= SHORT_SUSPEND_TIME) continue;
      yield {
        at: setting.value,
        message:
          `SuspendTime is ${seconds} s: nodes are terminated between one job and the next and the boot is paid again; write 300 or more`,
      };
    }
  },
};

/** PS007. */
export const resumeTimeoutShort: Rule = {
  id: "PS007",
  title: "ResumeTimeout too short for EC2",
  severity: "warning",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what: `CLOUD nodes have a ResumeTimeout below ${SHORT_RESUME_TIMEOUT} s, or the default of 60 s.`,
  why:
    "An instance needs minutes from the call to a registered slurmd. A node that misses ResumeTimeout is set DOWN and its jobs are requeued, while its instance is still booting.",
  remedy: "Set ResumeTimeout to 600 or so, for the partitions of the CLOUD nodes or for all.",
  sources: [SLURM_CONF, POWER_SAVE],
  check: (context) =>
    timeouts(context, "ResumeTimeout", {
      isWrong: (seconds) => seconds < SHORT_RESUME_TIMEOUT,
      message: (seconds) =>
        `${seconds} s: an EC2 instance needs minutes to boot and register, so slurmctld sets the node DOWN and requeues its job; write 600`,
    }),
};

/** PS009. */
export const timeoutTooLarge: Rule = {
  id: "PS009",
  title: "Timeout out of range",
  severity: "error",
  daemon: "refuses",
  versions: ALL_VERSIONS,
  what:
    "ResumeTimeout or SuspendTimeout is negative, above 65533, or INFINITE before Slurm understood it for ResumeTimeout (25.05).",
  why:
    "Below 0 and above 65535 slurmctld does not start. 65534, 65535 and INFINITE are taken, but stand for Slurm's own marks of a value that is not set.",
  remedy: "Write at most 65533; 600 to 1800 suits EC2.",
  sources: [SLURM_CONF, changelog("25.05"), fileOf("26.05", "src/common/read_config.c")],
  *check(context: Context): Iterable<Report> {
    for (const key of ["ResumeTimeout", "SuspendTimeout"] as const) {
      const infiniteAllowed = key === "ResumeTimeout" && context.isSince("25.05");
      for (const setting of timeSettings(context, key)) {
        const { text } = setting.value;
        if ((wholeNumber(text) ?? 0) < 0) {
          yield {
            at: setting.value,
            message: `${key} "${text}" is less than zero: slurmctld does not start; write 600 to 1800`,
          };
          continue;
        }
        const seconds = secondsOf(context, setting);
        if (seconds === undefined || seconds <= MAX_TIMEOUT) continue;
        if (seconds > MAX_UINT16 && seconds !== Infinity) {
          yield {
            at: setting.value,
            message: `${key} "${text}" is above 65535: slurmctld does not start; write at most 65533`,
          };
        } else if (seconds !== Infinity || !infiniteAllowed) {
          yield {
            at: setting.value,
            message:
              `${key} "${text}" is not between 0 and 65533, what this Slurm documents; write 65533 or less`,
            severity: "warning",
            daemon: "silent",
          };
        }
      }
    }
  },
};

/** PS010. */
export const resumeTimeoutLong: Rule = {
  id: "PS010",
  title: "ResumeTimeout very long",
  severity: "info",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what: "ResumeTimeout is above one hour.",
  why:
    "A launch that failed without a word holds its node and its job until then, unless ResumeProgram sets the node DOWN itself.",
  remedy: "Write 1800 or less, or make sure that ResumeProgram fails nodes at once.",
  sources: [SLURM_CONF, "https://github.com/aws/aws-parallelcluster-node/pull/325"],
  *check(context: Context): Iterable<Report> {
    for (const setting of timeSettings(context, "ResumeTimeout")) {
      const seconds = secondsOf(context, setting) ?? 0;
      if (seconds <= LONG_RESUME_TIMEOUT || seconds > MAX_TIMEOUT) continue;
      yield {
        at: setting.value,
        message:
          `ResumeTimeout is ${seconds} s: a launch that failed silently holds its job that long; write 1800 or less`,
      };
    }
  },
};

/** PS011. */
export const suspendTimeoutShort: Rule = {
  id: "PS011",
  title: "SuspendTimeout too short for EC2",
  severity: "warning",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what: `CLOUD nodes have a SuspendTimeout below ${SHORT_SUSPEND_TIMEOUT} s, or the default of 30 s.`,
  why:
    "After SuspendTimeout the node may be resumed. If its old instance is still shutting down, two instances have one name.",
  remedy: "Set SuspendTimeout to 60 or 120.",
  sources: [SLURM_CONF, POWER_SAVE],
  check: (context) =>
    timeouts(context, "SuspendTimeout", {
      isWrong: (seconds) => seconds < SHORT_SUSPEND_TIMEOUT,
      message: (seconds) =>
        `${seconds} s: the node may be resumed while its old instance still shuts down, and two have one name; write 60 to 300`,
    }),
};

/** PS012. */
export const suspendTimeoutLong: Rule = {
  id: "PS012",
  title: "SuspendTimeout long",
  severity: "info",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what: `SuspendTimeout is above ${LONG_SUSPEND_TIMEOUT} s.`,
  why: "A node can't be allocated until SuspendTimeout is over, though its instance went away long before.",
  remedy: "Write 60 to 300.",
  sources: [SLURM_CONF, fileOf("26.05", "src/slurmctld/power_save.c")],
  *check(context: Context): Iterable<Report> {
    for (const setting of timeSettings(context, "SuspendTimeout")) {
      const seconds = secondsOf(context, setting) ?? 0;
      if (seconds <= LONG_SUSPEND_TIMEOUT || seconds > MAX_TIMEOUT) continue;
      yield {
        at: setting.value,
        message:
          `SuspendTimeout is ${seconds} s: nodes can't be allocated for that long after each suspend; write 60 to 300`,
      };
    }
  },
};

/** PS033. */
export const suspendTimeBelowTimeouts: Rule = {
  id: "PS033",
  title: "SuspendTime below SuspendTimeout and ResumeTimeout",
  severity: "info",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what: "A global SuspendTime is below the sum of SuspendTimeout and ResumeTimeout.",
  why:
    "A node that is stopped and at once needed again is away for up to that sum: taking it away after less idle time saves little and costs jobs their wait.",
  remedy: "Write at least the sum of the two.",
  sources: [POWER_SAVE, "https://github.com/aws-samples/aws-eda-slurm-cluster/tree/v1.1.2/docs"],
  *check(context: Context): Iterable<Report> {
    const setting = context.setting("SuspendTime");
    const seconds = secondsOf(context, setting);
    if (setting === undefined || seconds === undefined || !hasTimeouts(context)) return;
    const sum = (["SuspendTimeout", "ResumeTimeout"] as const)
      .reduce((total, key) => total + (secondsOf(context, context.setting(key)) ?? DEFAULT_SECONDS[key]), 0);
    if (seconds >= sum || sum === Infinity) return;
    yield {
      at: setting.value,
      message:
        `SuspendTime is ${seconds} s, less than a node needs to go down and come up again (SuspendTimeout and ResumeTimeout: ${sum} s); write ${sum} or more`,
    };
  },
};

interface TimeoutCheck {
  readonly isWrong: (seconds: number) => boolean;
  readonly message: (seconds: number) => string;
}

/** Judges the timeout in force for each CLOUD node, once for each setting; in a part, the settings themselves. */
function* timeouts(context: Context, key: TimeKey, check: TimeoutCheck): Iterable<Report> {
  if (!isComplete(context)) {
    for (const setting of timeSettings(context, key)) {
      const seconds = secondsOf(context, setting);
      if (seconds === undefined || !check.isWrong(seconds)) continue;
      yield { at: setting.value, message: `${setting.key} is ${check.message(seconds)}` };
    }
    return;
  }
  const seen = new Set<Setting | undefined>();
  const times = timesInForce(context, key);
  for (const node of context.cloudNodes) {
    const { seconds, setting } = times.get(node)!;
    if (seen.has(setting)) continue;
    seen.add(setting);
    if (!check.isWrong(seconds)) continue;
    yield setting === undefined
      ? { at: node.entry.name, message: `${key} of "${node.name}" is not set, so ${check.message(seconds)}` }
      : { at: setting.value, message: `${setting.key} is ${check.message(seconds)}` };
  }
}

/** In a part, an absent timeout may stand elsewhere. */
function hasTimeouts(context: Context): boolean {
  return isComplete(context) ||
    (context.setting("SuspendTimeout") !== undefined && context.setting("ResumeTimeout") !== undefined);
}
