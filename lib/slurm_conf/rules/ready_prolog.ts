import { READY_PRICE } from "../../slurm/ready_price.ts";
import type { Context } from "../context.ts";
import type { Setting } from "../document.ts";
import type { Report, Rule } from "../rule.ts";
import { ALL_VERSIONS } from "../versions.ts";
import { isComplete } from "./completeness.ts";
import { POWER_SAVE, SLURM_CONF } from "./sources.ts";

/** SC034. */
export const relativeControllerProlog: Rule = {
  id: "SC034",
  title: "PrologSlurmctld or EpilogSlurmctld is not an absolute path",
  severity: "error",
  daemon: "refuses",
  versions: ALL_VERSIONS,
  what: "PrologSlurmctld or EpilogSlurmctld does not begin with a slash.",
  why:
    "slurmctld looks for it in its own working directory: 24.11.5 and 26.05.5 do not start (failed to initialize prep plugin), 22.05.8 logs an error and runs jobs without it.",
  remedy: "Write the whole path.",
  sources: [SLURM_CONF],
  *check(context: Context): Iterable<Report> {
    for (const setting of ["PrologSlurmctld", "EpilogSlurmctld"].flatMap((key) => context.settings(key))) {
      const { text } = setting.value;
      if (text === "" || text.startsWith("/") || text.toLowerCase() === "(null)") continue;
      yield {
        at: setting.value,
        message: `${setting.key} "${text}" is not an absolute path: slurmctld does not find it${
          context.isSince("24.05") ? " and does not start" : ", and jobs run without it"
        }; write the whole path`,
        ...(context.isSince("24.05") ? {} : { daemon: "logs" as const }),
      };
    }
  },
};

/** Seconds; what Slurm itself gives a node to boot where nothing is set (slurm.conf(5), ResumeTimeout). */
const DEFAULT_BOOT = 60;

/** SC035. */
export const readyEndsBeforeBoot: Rule = {
  id: "SC035",
  title: "The prolog that waits for nodes is ended before they boot",
  severity: "error",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what:
    `PrologSlurmctld is slurm-ec2's ready, and PrologTimeout or PrologEpilogTimeout is below ${DEFAULT_BOOT} s.`,
  why:
    "slurmctld kills a prolog that runs for longer and puts its job back into the queue: 22.05.8 starts it again at once, 24.11.5 and 26.05.5 after two minutes, each time.",
  remedy: "Raise it above the time that a node takes to boot, or take it out.",
  sources: [SLURM_CONF, POWER_SAVE],
  *check(context: Context): Iterable<Report> {
    if (!context.settings("PrologSlurmctld").some(isReady)) return;
    // Before, slurmctld does not know PrologTimeout.
    for (const key of [...(context.isSince("24.05") ? ["PrologTimeout"] : []), "PrologEpilogTimeout"]) {
      const setting = context.setting(key);
      const seconds = context.number(key);
      if (setting === undefined || seconds === undefined || seconds <= 0 || seconds >= DEFAULT_BOOT) continue;
      yield {
        at: setting.value,
        message:
          `${setting.key}=${seconds} ends ready before a node can have booted, and its job is requeued each ` +
          "time; write more than a boot takes, or take it out",
      };
    }
  },
};

/** SC036. */
export const readyMissing: Rule = {
  id: "SC036",
  title: "Jobs start up to 30 s after their nodes are up",
  severity: "info",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what: "There are CLOUD nodes, and no PrologSlurmctld that waits for a job's nodes.",
  why:
    `slurmctld looks every 30 s whether the nodes of a waiting job have come up, and at once when the job's PrologSlurmctld ends: seen on 22.05.8, 24.11.5 and 26.05.5. It costs each srun and salloc of the cluster ${READY_PRICE}.`,
  remedy:
    "Put slurm-ec2's bin/ready into PrologSlurmctld (slurm.ready: auto and config render do), or leave it where many short srun matter more.",
  sources: [SLURM_CONF],
  *check(context: Context): Iterable<Report> {
    const [node] = context.cloudNodes;
    if (node === undefined || !isComplete(context)) return;
    // A prolog of the site's own may call ready: before 24.05 there is one line only.
    if (context.settings("PrologSlurmctld").length > 0) return;
    yield {
      at: node.entry.name,
      message:
        `"${node.name}" is powered up for jobs, and PrologSlurmctld is not set: they start up to 30 s after their nodes ` +
        "are up; PrologSlurmctld=PREFIX/bin/ready of slurm-ec2 starts them at once, and costs each srun and salloc " +
        READY_PRICE,
    };
  },
};

function isReady({ value }: Setting): boolean {
  return /\/ready$/.test(value.text);
}
