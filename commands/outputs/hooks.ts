import * as v from "valibot";
import type { PauseOutput } from "../hooks/pause.ts";
import { count, type Output, output, seconds, sentences, text } from "./output.ts";

/** Every verdict that a hook gives a node; the README says what each means. */
export const VERDICTS = [
  ...["assigned", "up", "superseded", "down", "powered-down"],
  ...["terminated", "stopped", "no-instance", "failed", "unsettled", "not-ours"],
] as const;

const verdict = v.pipe(v.picklist(VERDICTS), v.description("What became of the node"));

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
