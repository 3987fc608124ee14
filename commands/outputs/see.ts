import * as v from "valibot";
import { WAIT_CLASSES, type WaitClass } from "../../lib/cluster/wait_class.ts";
import { COST_KEYS } from "../../lib/see/cost/cost.ts";
import type { CostOutput } from "../see/cost.ts";
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
    instances: count("Instances that the window has seen"),
    unpriced: sentences("Instance types without a price"),
    endUnknown: sentences("Instances whose end was not noted: counted until they were up"),
    prices: text("Where the prices come from"),
    accounting: v.optional(text("Why jobs are not known; absent: sacct answered")),
    historyFrom: v.optional(time("Time of the oldest event")),
  }),
);
