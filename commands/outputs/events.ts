import * as v from "valibot";
import type { Event } from "../../lib/events/event.ts";
import { count, type Output, output, text } from "./output.ts";

const common = {
  v: v.pipe(v.literal(1), v.description("Version of this schema: skip lines of another")),
  time: v.pipe(v.string(), v.isoTimestamp(), v.description("ISO 8601, UTC")),
  run: text("Id of the hook run that wrote it"),
  cluster: text("Slurm's ClusterName"),
};
const nodes = text("Hostlist");
const clientToken = text("Names one launch, in every event of it");
const since1970 = (description: string) =>
  v.pipe(v.number(), v.description(`${description}: milliseconds since 1970 UTC`));
const milliseconds = v.pipe(v.number(), v.description("How long it took"));

const event: v.GenericSchema<Event> = v.variant("kind", [
  v.object({
    ...common,
    kind: v.literal("asked"),
    hook: text("resume, stop or resume-fail"),
    nodes,
    jobs: v.pipe(
      v.array(v.number()),
      v.description("Ids of the jobs that wait, as far as Slurm reported them"),
    ),
  }),
  v.object({
    ...common,
    kind: v.literal("launch"),
    nodes,
    nodeGroup: v.string(),
    instanceType: v.string(),
    subnetId: v.string(),
    capacityType: v.string(),
    imageId: v.string(),
    clientToken,
  }),
  v.object({
    ...common,
    kind: v.literal("launched"),
    clientToken,
    asked: count("Instances asked for"),
    got: count("Instances that EC2 answered with"),
    instances: v.optional(v.record(v.string(), text("Instance id by node name"))),
    milliseconds,
  }),
  v.object({
    ...common,
    kind: v.literal("refused"),
    clientToken,
    code: text("EC2's error code"),
    message: text("EC2's message"),
    requestId: v.optional(text("For AWS's support")),
    milliseconds,
  }),
  v.object({
    ...common,
    kind: v.literal("replayed"),
    clientToken,
    nodes,
    outcome: text("What became of another hook's unfinished launch"),
  }),
  v.object({
    ...common,
    kind: v.literal("verdict"),
    verdict: text("As the hooks print it"),
    nodes,
    reason: v.optional(text("As Slurm has it")),
  }),
  v.object({
    ...common,
    kind: v.literal("ended"),
    action: v.picklist(["terminate", "stop"]),
    instanceIds: v.array(v.string()),
    why: v.string(),
  }),
  v.object({
    ...common,
    kind: v.literal("console"),
    node: text("Name of the node"),
    instanceId: v.string(),
    tail: text("The last lines of its console"),
    steps: v.optional(
      text("When each part of the boot began, in seconds since the kernel: imds 4.21, names 5.02"),
    ),
  }),
  v.object({
    ...common,
    kind: v.literal("booted"),
    node: text("Name of the node"),
    instanceId: v.string(),
    nodeGroup: v.string(),
    steps: text("When each part of the boot began, in seconds since the kernel: imds 4.21, names 5.02"),
  }),
  v.object({
    ...common,
    kind: v.literal("lifetime"),
    instanceId: v.string(),
    node: v.optional(text("Name of the node; absent where its tags name none")),
    nodeGroup: v.string(),
    instanceType: v.string(),
    availabilityZone: v.string(),
    capacityType: v.string(),
    imageId: v.string(),
    began: since1970("EC2's launch time"),
    up: v.optional(since1970("When its slurmd started, or was first seen up")),
    ended: v.optional(since1970("When EC2 accepted its end, or it was first seen ended")),
    why: v.optional(text("Why it ended, where we ended it")),
  }),
  v.object({ ...common, kind: v.picklist(["pause", "unpause"]), nodeGroup: text("Its name; *: every one") }),
  v.object({
    ...common,
    kind: v.literal("calls"),
    calls: v.pipe(
      v.record(v.string(), count("Calls")),
      v.description("By operation, since the last such event"),
    ),
    throttled: v.pipe(
      v.record(v.string(), count("Calls")),
      v.description("Those of them that AWS refused for too many calls"),
    ),
  }),
  v.object({ ...common, kind: v.literal("trouble"), message: text("For a person") }),
  v.object({
    ...common,
    kind: v.literal("done"),
    hook: text("resume, stop or resume-fail"),
    verdicts: v.pipe(v.record(v.string(), count("Nodes")), v.description("Verdict to number of nodes")),
    calls: v.pipe(v.record(v.string(), count("Calls")), v.description("AWS requests by action")),
    milliseconds,
  }),
]);

/** A line of `stateDir/events.jsonl`. */
export const EVENT: Output = output(
  1,
  "One line of stateDir/events.jsonl: what a hook decided, or what came of it. A string of more than 8,000 characters is cut and ends in …",
  event,
);
