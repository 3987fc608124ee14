import * as v from "valibot";
import { WAIT_CLASSES, type WaitClass } from "../../lib/cluster/wait_class.ts";
import { COST_KEYS } from "../../lib/see/cost/cost.ts";
import type { CostOutput } from "../see/cost.ts";
import type { PruneOutput } from "../see/history_prune.ts";
import type { Report } from "../../lib/see/report/report.ts";
import type { NotifyOutput } from "../see/notify.ts";
import { NOTICE_KINDS } from "../../lib/see/notify/notice.ts";
import type { MetricsOutput } from "../see/metrics.ts";
import type { WhyOutput } from "../see/why.ts";
import { count, type Output, output, sentences, text } from "./output.ts";

const time = (description: string) =>
  v.pipe(v.number(), v.description(`${description}: milliseconds since 1970 UTC`));

const why = {
  class: v.pipe(
    v.picklist(WAIT_CLASSES as readonly [WaitClass, ...WaitClass[]]),
    v.description("What kind of reason it is"),
  ),
  code: text("AWS's code, one of ours, or slurmctld's own word"),
  sentence: text("What is the case"),
  since: v.optional(time("Since when")),
  next: text("What happens next"),
  at: v.optional(time("When that is, as far as it is known")),
};

/** What `why` prints. */
export const WHY: Output = output<WhyOutput>(
  1,
  "Why a job waits, or a node or node group is not up",
  v.object({
    subject: v.object({
      kind: v.picklist(["job", "node", "group"]),
      name: text("The job's number, the node's name or the group's"),
    }),
    ...why,
    rows: v.optional(v.pipe(
      v.array(v.object({ ...why, nodes: text("Hostlist"), count: count("How many nodes") })),
      v.description("Of a group: its nodes by answer"),
    )),
    story: v.optional(v.pipe(
      v.array(v.object({ time: time("When"), sentence: text("What happened") })),
      v.description("From the controller's history, oldest first; absent where it can't be read"),
    )),
  }),
);

const hours = (description: string) => v.pipe(v.number(), v.minValue(0), v.description(description));
const cents = count("US cents; the parts sum to the total exactly");
const phase = v.object({ hours: hours("Hours of instances"), cents });
const part = {
  hours: hours("Hours of instances"),
  unpricedHours: hours("Of them without a price: not in the money"),
  cents,
  phases: v.pipe(
    v.object({ boot: phase, job: phase, idle: phase, up: phase }),
    v.description("By what was paid for; up: jobs or idle, where accounting does not say which"),
  ),
};

/** What `cost` prints. */
export const COST: Output = output<CostOutput>(
  1,
  "What instances have cost in a window of time, broken down",
  v.object({
    from: time("Begin of the window"),
    to: time("End of the window"),
    by: v.picklist(COST_KEYS),
    total: v.object(part),
    rows: v.pipe(
      v.array(
        v.object({ name: text("Day, group, node, user, …; what no job had is not attributed"), ...part }),
      ),
      v.description("The breakdown"),
    ),
    runs: count("Times that an instance ran in the window: launches, and starts after a stop"),
    unpriced: sentences("Instance types without a price"),
    endUnknown: sentences("Instances whose end was not noted: counted until they were up"),
    prices: text("Where the prices come from"),
    accounting: v.optional(text("Why jobs are not known; absent: sacct answered")),
    historyFrom: v.optional(time("Time of the oldest event")),
  }),
);

const waitClass = v.picklist(WAIT_CLASSES as readonly [WaitClass, ...WaitClass[]]);
const cost = {
  by: v.picklist(COST_KEYS),
  total: v.object(part),
  rows: v.array(v.object({ name: text("Day"), ...part })),
  runs: count("Times that an instance ran in the window: launches, and starts after a stop"),
  unpriced: sentences("Instance types without a price"),
  endUnknown: sentences("Instances whose end was not noted"),
};
const some = (description: string) => v.pipe(v.number(), v.minValue(0), v.description(description));
const spread = v.object({
  count: count("How many"),
  p50: some("Seconds that half of them took at most"),
  p90: some("Seconds, of 90 in 100"),
  p99: some("Seconds, of 99 in 100"),
  most: some("Seconds of the longest"),
});
const boots = v.object({
  name: text("Type, zone or image"),
  failed: count("Instances that ended without having come up"),
  seconds: v.optional(spread),
});

/** What `report` prints. */
export const REPORT: Output = output<Report>(
  1,
  "What happened in a window of time",
  v.object({
    cluster: text("Slurm's ClusterName"),
    from: time("Begin of the window"),
    to: time("End of the window"),
    step: count("Seconds of one step of the timeline"),
    timeline: v.array(v.object({
      from: time("Begin of the step"),
      asked: count("Nodes that slurmctld asked to power up"),
      launched: count("Instances that EC2 launched"),
      refused: count("Launches that EC2 refused"),
      failed: count("Nodes that got a verdict instead of an instance"),
    })),
    boots: v.object({
      all: boots,
      byType: v.array(boots),
      byZone: v.array(boots),
      byImage: v.array(boots),
      steps: v.pipe(
        v.array(
          v.object({
            name: text("As the boot script names it; kernel: what comes before it"),
            seconds: spread,
          }),
        ),
        v.description("Where the time of boots went whose nodes have said so"),
      ),
    }),
    requests: v.pipe(
      v.record(v.string(), spread),
      v.description("From a hook's call until all of its nodes had an outcome, by hook"),
    ),
    pools: v.array(v.object({
      pool: text("Type, capacity type and subnet; ? where the launch is older than the window"),
      launched: count("Instances"),
      refused: v.pipe(v.record(v.string(), count("Refusals")), v.description("By code")),
      refusedBy: v.pipe(v.array(count("Refusals")), v.description("By step of the timeline")),
    })),
    reasons: v.array(v.object({
      class: waitClass,
      code: text("AWS's code or one of ours"),
      nodes: count("Nodes that got such a verdict"),
      last: time("When for the last time"),
      example: v.optional(text("What was said then; absent where it was redacted")),
      advice: text("What to do about it"),
    })),
    launches: count("Calls of RunInstances that were planned"),
    throttled: count("Of them refused for too many calls"),
    calls: v.pipe(
      v.array(v.object({
        operation: text("As AWS spells it"),
        calls: count("Calls"),
        throttled: count("Of them refused for too many calls"),
      })),
      v.description("What was called of AWS: noted each five minutes, and when a worker ends"),
    ),
    cost: v.object(cost),
    prices: text("Where the prices come from"),
    proposals: v.object({
      boots: count("Boots that it is made from"),
      resumeTimeout: v.optional(count("ResumeTimeout in seconds; absent: too few boots")),
      expectedBootSeconds: v.optional(count("limits.expectedBootSeconds")),
      failureRate: v.optional(some("Part of the boots that failed, 0 to 1")),
      failuresInARow: v.optional(
        count("Failures in a row that come by chance less than once in 10,000 times"),
      ),
      breakerLimit: count("After how many in a row the breaker opens"),
    }),
  }),
);

/** What `history prune` prints. */
export const HISTORY_PRUNE: Output = output<PruneOutput>(
  1,
  "What was dropped from the history",
  v.object({
    dropped: count("Events that were dropped"),
    left: count("Events that are left"),
    oldest: v.optional(time("Time of the oldest of them")),
  }),
);

/** What `metrics` prints. */
export const METRICS: Output = output<MetricsOutput>(
  1,
  "The cluster's figures",
  v.object({
    cluster: text("Slurm's ClusterName"),
    samples: v.array(v.object({
      name: text("Name of the metric, without slurm_ec2_"),
      value: v.number(),
      labels: v.record(v.string(), text("Value of the label")),
    })),
  }),
);

/** What `notify` prints. */
export const NOTIFY: Output = output<NotifyOutput>(
  1,
  "What notify.command was run for",
  v.object({
    cluster: text("Slurm's ClusterName"),
    notices: v.pipe(
      v.array(v.object({
        event: v.picklist(["test", ...NOTICE_KINDS]),
        count: count("How often it happened since the last notice of its kind"),
        outcome: v.picklist(["sent", "failed"]),
        why: v.optional(text("Why the program failed")),
      })),
      v.description("What the program was run for, now"),
    ),
    waiting: v.pipe(
      v.record(v.string(), count("How often")),
      v.description("What waits for its time, by event"),
    ),
  }),
);
