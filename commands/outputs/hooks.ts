import * as v from "valibot";
import type { PauseOutput } from "../hooks/pause.ts";
import type { PlanOutput } from "../hooks/forecast_output.ts";
import { count, type Output, output, seconds, sentences, text } from "./output.ts";

/** Every verdict that a hook gives a node; the README says what each means. */
export const VERDICTS = [
  ...["assigned", "up", "superseded", "down", "powered-down"],
  ...["terminated", "stopped", "no-instance", "failed", "unsettled", "not-ours"],
] as const;

const verdict = v.pipe(v.picklist(VERDICTS), v.description("What became of the node"));

const amount = v.pipe(v.number(), v.minValue(0));
const priceRange = (description: string) =>
  v.optional(v.pipe(
    v.object({
      first: v.pipe(amount, v.description("By the first pool of each node group")),
      most: v.pipe(amount, v.description("By the dearest pool that may follow it")),
    }),
    v.description(description),
  ));
const why = { code: text("Error code"), message: text("Why") };

const FORECAST: v.GenericSchema<PlanOutput> = v.object({
  groups: v.array(v.object({
    nodeGroup: text("Its name"),
    nodes: text("Hostlist"),
    count: count("How many"),
    pools: v.pipe(
      v.array(v.object({
        instanceType: text("EC2's name"),
        subnetId: text("Subnet"),
        capacityType: v.picklist(["on-demand", "spot"]),
        reservation: v.optional(text("Capacity reservation that it is launched into")),
        usdPerHour: v.optional(v.pipe(amount, v.description("USD/h of one; absent: not known"))),
      })),
      v.description("In the order in which they are asked for"),
    ),
    out: v.pipe(
      v.array(v.object({ pool: text("Which"), reason: text("Why it is not asked for") })),
      v.description("Pools that are not asked for now"),
    ),
    refusal: v.optional(v.pipe(v.object(why), v.description("Why nothing of the group is launched"))),
  })),
  launched: count("Instances that are launched, where the pools have them"),
  held: v.pipe(
    v.array(v.object({ nodes: text("Hostlist"), ...why })),
    v.description("What limits hold back"),
  ),
  calls: count("RunInstances"),
  seconds: v.pipe(amount, v.description("Until the last of them")),
  tooLate: count("Nodes that EC2's buckets give after ResumeTimeout"),
  usdPerHour: priceRange("USD/h of what is launched; absent: a price is not known"),
  unpriced: sentences("Instance types without a price"),
  served: text("Nodes that have an instance, or get one now: a hostlist"),
  timeLimit: v.optional(v.pipe(amount, v.description("The job's, in seconds"))),
  usd: priceRange("USD for the job's time limit"),
});

/** What `resume`, `stop` and `resume-fail` print. */
export const HOOK: Output = output(
  1,
  "What became of each node, and what it took",
  v.object({
    nodes: v.pipe(v.record(v.string(), verdict), v.description("Node name to verdict")),
    details: v.pipe(
      v.record(
        v.string(),
        v.object({
          kind: verdict,
          reason: v.optional(text("As Slurm has it")),
          until: v.optional(v.pipe(
            v.number(),
            v.description("Milliseconds since 1970 UTC; a hook after it gives the node back"),
          )),
          instanceId: v.optional(text("Its instance")),
          instanceIds: v.optional(sentences("Its instances, which are ended")),
          nodeAddr: v.optional(text("Its private address")),
        }),
      ),
      v.description("Node name to verdict with all that is known of it"),
    ),
    calls: v.pipe(
      v.record(v.string(), count("Calls")),
      v.description("AWS requests by action; retries within a call are not counted"),
    ),
    troubles: sentences("What could not be reported to Slurm or ended at EC2, for a person"),
    seconds,
    forecast: v.optional(v.pipe(FORECAST, v.description("With resume --dry-run: as plan prints it"))),
    plan: v.optional(
      sentences("With --dry-run: what would be changed, in order; nodes and details are empty then"),
    ),
  }),
);

/** What `pause` and `unpause` print. */
export const PAUSE: Output = output<PauseOutput>(
  1,
  "What is paused now",
  v.object({
    changed: v.pipe(v.boolean(), v.description("Whether anything is otherwise now")),
    paused: v.array(v.object({
      nodeGroup: text("Its name; *: every node group"),
      since: v.pipe(v.number(), v.description("Milliseconds since 1970 UTC")),
    })),
  }),
);

/** What `plan` prints. */
export const PLAN: Output = output<PlanOutput>(1, "What launching nodes now would come to", FORECAST);
