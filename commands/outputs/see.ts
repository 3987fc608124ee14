import * as v from "valibot";
import { WAIT_CLASSES, type WaitClass } from "../../lib/cluster/wait_class.ts";
import type { WhyOutput } from "../see/why.ts";
import { count, type Output, output, text } from "./output.ts";

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
