import type { Context } from "../context.ts";
import type { Report, Rule } from "../rule.ts";
import { ALL_VERSIONS, since } from "../versions.ts";
import { secondsOf } from "./power_save_times.ts";
import { fileOf, SLURM_CONF } from "./sources.ts";

const READ_CONFIG = fileOf("26.05", "src/common/read_config.c");
/** Seconds above which slurmctld warns of MessageTimeout. */
const LONG_MESSAGE_TIMEOUT = 100;
/** How many times MessageTimeout slurmctld wants UnkillableStepTimeout to be. */
const UNKILLABLE_FACTOR = 5;

/** SC004. */
export const messageTimeoutLong: Rule = {
  id: "SC004",
  title: "MessageTimeout too long",
  severity: "warning",
  daemon: "logs",
  versions: ALL_VERSIONS,
  what: `MessageTimeout is above ${LONG_MESSAGE_TIMEOUT} s.`,
  why:
    "A dead node or controller is noticed that late; slurmctld logs that it is too high for effective fault-tolerance.",
  remedy: "Write 30 to 100.",
  sources: [READ_CONFIG, SLURM_CONF],
  *check(context: Context): Iterable<Report> {
    const setting = context.setting("MessageTimeout");
    const seconds = context.number("MessageTimeout") ?? 0;
    if (setting === undefined || seconds <= LONG_MESSAGE_TIMEOUT || seconds > 0xffff) return;
    yield {
      at: setting.value,
      message:
        `MessageTimeout is ${seconds} s: dead nodes are noticed that late; write ${LONG_MESSAGE_TIMEOUT} or less`,
    };
  },
};

/** SC005. */
export const unkillableStepTimeoutShort: Rule = {
  id: "SC005",
  title: "UnkillableStepTimeout too short for MessageTimeout",
  severity: "warning",
  daemon: "logs",
  versions: since("24.05"),
  what: `UnkillableStepTimeout is below ${UNKILLABLE_FACTOR} times MessageTimeout.`,
  why:
    'Nodes may be drained with the reason "Kill task failed" though their processes end in time; slurmctld logs an error.',
  remedy: "Raise it, or remove it: the default follows MessageTimeout.",
  sources: [READ_CONFIG, SLURM_CONF],
  *check(context: Context): Iterable<Report> {
    const setting = context.setting("UnkillableStepTimeout");
    const seconds = context.number("UnkillableStepTimeout");
    if (setting === undefined || seconds === undefined) return;
    if (context.isFragment && context.setting("MessageTimeout") === undefined) return;
    const least = UNKILLABLE_FACTOR * (context.number("MessageTimeout") ?? 10);
    if (seconds >= least) return;
    yield {
      at: setting.value,
      message:
        `UnkillableStepTimeout is ${seconds} s, below ${UNKILLABLE_FACTOR} times MessageTimeout: nodes may be drained for steps that end in time; write ${least} or more, or remove it`,
    };
  },
};

/** SC006. */
export const slurmdTimeoutWrong: Rule = {
  id: "SC006",
  title: "SlurmdTimeout hides dead instances",
  severity: "warning",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what: "SlurmdTimeout is 0 while there are CLOUD nodes, or longer than ResumeTimeout.",
  why:
    "A spot instance that EC2 took away is noticed that late, or (0) never: its job hangs on a node that is gone.",
  remedy: "Write 120 to 300, not above ResumeTimeout.",
  sources: [SLURM_CONF],
  *check(context: Context): Iterable<Report> {
    const setting = context.setting("SlurmdTimeout");
    const seconds = context.number("SlurmdTimeout");
    if (setting === undefined || seconds === undefined) return;
    const resume = secondsOf(context, context.setting("ResumeTimeout"));
    if (seconds === 0 && (context.cloudNodes.length > 0 || context.setting("ResumeProgram") !== undefined)) {
      yield {
        at: setting.value,
        message:
          "SlurmdTimeout is 0: cloud nodes whose instance is gone are never set DOWN; write 120 to 300",
      };
    } else if (resume !== undefined && seconds > resume) {
      yield {
        at: setting.value,
        message:
          `SlurmdTimeout is ${seconds} s, longer than ResumeTimeout (${resume} s): a dead instance is noticed later than a new one boots; write ${resume} or less`,
      };
    }
  },
};
