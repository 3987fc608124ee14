import type { Context } from "../context.ts";
import type { Report, Rule } from "../rule.ts";
import { ALL_VERSIONS, since } from "../versions.ts";
import { isComplete } from "./completeness.ts";
import { membershipOf } from "./membership.ts";
import { PARALLELCLUSTER_CONF, POWER_SAVE, SLURM_CONF } from "./sources.ts";

/** Seconds that slurmctld waits for a batch job to start, where nothing is set (slurm.conf(5)). */
const DEFAULT_BATCH_START_TIMEOUT = 10;
/** CLOUD nodes beyond which an answer to `scontrol show nodes` takes more than the default MessageTimeout. */
const MANY_NODES = 1000;
/** Seconds that messages need there. */
const ROOMY_MESSAGE_TIMEOUT = 30;

/** PS019. */
export const idleOnNodeSuspendMissing: Rule = {
  id: "PS019",
  title: "idle_on_node_suspend not set",
  severity: "warning",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what: "There are CLOUD nodes and SlurmctldParameters lacks idle_on_node_suspend.",
  why: "A node that failed stays DOWN or DRAIN after it was powered down, and a person must resume it.",
  remedy: "Add idle_on_node_suspend to SlurmctldParameters.",
  sources: [SLURM_CONF, POWER_SAVE],
  *check(context: Context): Iterable<Report> {
    const [node] = context.cloudNodes;
    if (node === undefined || !isComplete(context)) return;
    if (context.token("SlurmctldParameters", "idle_on_node_suspend") !== undefined) return;
    yield {
      at: context.setting("SlurmctldParameters")?.value ?? node.entry.name,
      message:
        "idle_on_node_suspend is not set: cloud nodes that failed stay DOWN after they were powered down; add it to SlurmctldParameters",
    };
  },
};

/** PS020. */
export const returnToServiceOff: Rule = {
  id: "PS020",
  title: "Late nodes stay DOWN",
  severity: "warning",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what: "ReturnToService is 0 or not set, there are CLOUD nodes, and idle_on_node_suspend is not set.",
  why:
    "A node that registers after ResumeTimeout stays DOWN for ever, while its instance runs and is billed.",
  remedy: "Set ReturnToService=2, or idle_on_node_suspend in SlurmctldParameters.",
  sources: [SLURM_CONF],
  *check(context: Context): Iterable<Report> {
    const [node] = context.cloudNodes;
    if (node === undefined || !isComplete(context)) return;
    if (context.token("SlurmctldParameters", "idle_on_node_suspend") !== undefined) return;
    const setting = context.setting("ReturnToService");
    if (setting !== undefined && context.number("ReturnToService") !== 0) return;
    yield {
      at: setting ?? node.entry.name,
      message: `ReturnToService is ${
        setting === undefined ? "not set" : "0"
      }: a cloud node that registers late stays DOWN while its instance is billed; write ReturnToService=2`,
    };
  },
};

/** SC001. */
export const waitNodesMissing: Rule = {
  id: "SC001",
  title: "Jobs start before their nodes are up",
  severity: "warning",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what:
    "There are CLOUD nodes for multi-node jobs and SchedulerParameters lacks salloc_wait_nodes or sbatch_wait_nodes.",
  why:
    "A batch script starts as soon as the first node is up: mpirun and ssh then fail on those that still boot.",
  remedy: "Add salloc_wait_nodes and sbatch_wait_nodes to SchedulerParameters.",
  sources: [POWER_SAVE, SLURM_CONF],
  *check(context: Context): Iterable<Report> {
    if (!isComplete(context)) return;
    const membership = membershipOf(context);
    const partition = context.partitions.find((one) =>
      one.number("MaxNodes") !== 1 && membership.nodesOf(one).cloudCount > 1
    );
    if (partition === undefined) return;
    const missing = ["salloc_wait_nodes", "sbatch_wait_nodes"]
      .filter((word) => context.token("SchedulerParameters", word) === undefined);
    if (missing.length === 0) return;
    yield {
      at: context.setting("SchedulerParameters")?.value ?? partition.entry.name,
      message: `${missing.join(" and ")} ${
        missing.length === 1 ? "is" : "are"
      } not set: multi-node jobs in partition "${partition.name}" start while some of their nodes still boot; add ${
        missing.join(",")
      } to SchedulerParameters`,
    };
  },
};

/** SC002. */
export const requeueOnResumeFailure: Rule = {
  id: "SC002",
  title: "Jobs lost when a node fails to boot",
  severity: "warning",
  daemon: "silent",
  versions: since("25.05"),
  what: "JobRequeue is 0 and SchedulerParameters lacks requeue_on_resume_failure.",
  why: "A job whose cloud node misses ResumeTimeout is then lost instead of queued again.",
  remedy: "Add requeue_on_resume_failure to SchedulerParameters.",
  sources: [SLURM_CONF],
  *check(context: Context): Iterable<Report> {
    const setting = context.setting("JobRequeue");
    if (setting === undefined || context.number("JobRequeue") !== 0) return;
    if (context.token("SchedulerParameters", "requeue_on_resume_failure") !== undefined) return;
    if (context.isFragment && context.setting("SchedulerParameters") === undefined) return;
    yield {
      at: setting,
      message:
        "JobRequeue is 0: jobs are lost when a cloud node fails to boot; add requeue_on_resume_failure to SchedulerParameters",
    };
  },
};

/** SC003. */
export const batchStartTimeoutShort: Rule = {
  id: "SC003",
  title: "BatchStartTimeout short for cloud nodes",
  severity: "info",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what:
    `There are CLOUD nodes and BatchStartTimeout is ${DEFAULT_BATCH_START_TIMEOUT} s or less, or not set.`,
  why:
    "On a fresh instance prolog and first reads from disk are slow: the job may be taken for missing and requeued.",
  remedy: "Write BatchStartTimeout=180.",
  sources: [SLURM_CONF, PARALLELCLUSTER_CONF],
  *check(context: Context): Iterable<Report> {
    const [node] = context.cloudNodes;
    if (node === undefined || !isComplete(context)) return;
    const setting = context.setting("BatchStartTimeout");
    const seconds = context.number("BatchStartTimeout") ?? DEFAULT_BATCH_START_TIMEOUT;
    if (seconds > DEFAULT_BATCH_START_TIMEOUT) return;
    yield {
      at: setting ?? node.entry.name,
      message: `BatchStartTimeout is ${
        setting === undefined ? `not set (${seconds} s)` : `${seconds} s`
      }: jobs on fresh instances may be taken for missing; write 180`,
    };
  },
};

/** SC020. */
export const messageTimeoutShort: Rule = {
  id: "SC020",
  title: "Message or credential times short for slow boots",
  severity: "info",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what:
    `AuthInfo has a cred_expire not above MessageTimeout, or there are more than ${MANY_NODES} CLOUD nodes and MessageTimeout is below ${ROOMY_MESSAGE_TIMEOUT} s.`,
  why:
    "Steps fail on nodes that answer late: their credential is no longer valid, or the message has timed out.",
  remedy: "AWS ParallelCluster sets MessageTimeout=60 and AuthInfo=cred_expire=70.",
  sources: [SLURM_CONF, PARALLELCLUSTER_CONF],
  *check(context: Context): Iterable<Report> {
    const setting = context.setting("MessageTimeout");
    const timeout = context.number("MessageTimeout") ?? 10;
    const expire = context.token("AuthInfo", "cred_expire");
    if (expire !== undefined && Number(expire.value) <= timeout) {
      yield {
        at: expire,
        message:
          `"${expire.text}" is not above MessageTimeout (${timeout} s): credentials run out while nodes still answer; write ${
            timeout + 10
          } or more`,
      };
    }
    if (context.cloudNodeCount <= MANY_NODES || timeout >= ROOMY_MESSAGE_TIMEOUT || !isComplete(context)) {
      return;
    }
    yield {
      at: setting ?? context.cloudNodes[0]!.entry.name,
      message: `MessageTimeout is ${
        setting === undefined ? `not set (${timeout} s)` : `${timeout} s`
      } with ${context.cloudNodeCount} CLOUD nodes: messages about all of them time out; write 30 to 60`,
    };
  },
};

/** SC024. */
export const prologWithoutAlloc: Rule = {
  id: "SC024",
  title: "Prolog runs at the first step only",
  severity: "info",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what: "Prolog is set, there are CLOUD nodes, and PrologFlags has neither Alloc nor a flag that implies it.",
  why:
    "The prolog then runs on a node when the first step starts there, not when the job gets the node: what it prepares (hosts files, mounts) comes late.",
  remedy: "Add PrologFlags=Alloc.",
  sources: [SLURM_CONF],
  *check(context: Context): Iterable<Report> {
    const setting = context.setting("Prolog");
    if (setting === undefined || context.cloudNodes.length === 0 || !isComplete(context)) return;
    const flags = context.tokens("PrologFlags").map((token) => token.name.toLowerCase());
    if (flags.some((flag) => ["alloc", "contain", "x11", "nohold", "runinjob"].includes(flag))) return;
    yield {
      at: setting,
      message:
        `Prolog "${setting.value.text}" runs on a cloud node when the first step starts, not when the job gets it; add PrologFlags=Alloc`,
    };
  },
};

/** SC033. */
export const requeueDelayLong: Rule = {
  id: "SC033",
  title: "Requeued jobs wait two minutes",
  severity: "info",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what:
    "There are CLOUD nodes, and neither requeue_delay in SchedulerParameters (from 25.11) nor cred_expire in AuthInfo (before) is set.",
  why:
    "A job whose nodes could not be had becomes eligible again after requeue_delay, or before 25.11 after the lifetime of a job credential (cred_expire, 120 s): seen on 22.05.8, 24.11.5 and 26.05.5, 121 s later.",
  remedy:
    "From 25.11 on add requeue_delay=10 to SchedulerParameters. Before, AuthInfo=cred_expire=70 halves the wait; nodes must get a job's launch message within that time, so keep it above the longest Prolog.",
  sources: [SLURM_CONF],
  *check(context: Context): Iterable<Report> {
    const [node] = context.cloudNodes;
    if (node === undefined || !isComplete(context)) return;
    const isNew = context.isSince("25.11");
    const [key, word] = isNew ? ["SchedulerParameters", "requeue_delay"] : ["AuthInfo", "cred_expire"];
    if (context.token(key, word) !== undefined || context.token("AuthInfo", "cred_expire") !== undefined) {
      return;
    }
    yield {
      at: context.setting(key)?.value ?? node.entry.name,
      message: isNew
        ? "requeue_delay is not set: a job whose nodes could not be had waits 120 s for its next try; add requeue_delay=10 to SchedulerParameters"
        : "cred_expire is not set: a job whose nodes could not be had waits 120 s for its next try; AuthInfo=cred_expire=70 makes it 70 s, where no Prolog takes longer",
    };
  },
};
