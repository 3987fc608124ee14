import * as v from "valibot";
import type { ReconcileOutput } from "../hooks/reconcile.ts";
import type { Status } from "../hooks/status.ts";
import { count, type Output, output, sentences, text } from "./output.ts";

const age = count("Seconds");
const usdPerHour = v.optional(
  v.pipe(v.number(), v.minValue(0), v.description("USD/h, where a price is known")),
);
const hostlist = text("Hostlist");
const nodes = count("How many nodes or instances");

/** What `status` prints. */
export const STATUS: Output = output<Status>(
  1,
  "Nodes next to instances, and what the controller is doing",
  v.object({
    cluster: text("Slurm's ClusterName"),
    worker: v.optional(v.pipe(
      v.object({
        pid: count("Its process"),
        beatAgo: count("Seconds since its last sign of life"),
        kept: v.pipe(v.boolean(), v.description("Whether its state can be written")),
      }),
      v.description("The worker; absent where none runs"),
    )),
    slurmAnswers: v.pipe(v.boolean(), v.description("Whether slurmctld gave the nodes' states")),
    rows: v.pipe(
      v.array(v.object({
        nodes: text("Hostlist; - for instances whose tags name no node"),
        count: nodes,
        slurm: text("slurmctld's state; ? where it did not say"),
        instance: text("EC2's state as last seen; -: no instance"),
        instanceType: v.optional(text("EC2's name")),
        zone: v.optional(text("Availability zone")),
        capacityType: v.optional(text("on-demand or spot")),
        age: v.optional(v.object({ least: age, most: age })),
        usdPerHour,
        note: v.optional(text("What goes on, or why the nodes are down")),
        until: v.optional(
          v.pipe(v.number(), v.description("When they are given back: milliseconds since 1970 UTC")),
        ),
      })),
      v.description("Nodes that are alike, in one row"),
    ),
    launches: v.pipe(
      v.array(v.object({
        nodes: hostlist,
        count: nodes,
        age,
        doubt: v.pipe(v.boolean(), v.description("It may have been carried out without an answer")),
        refused: v.optional(text("Code of EC2's last refusal")),
      })),
      v.description("RunInstances that are not settled"),
    ),
    requests: v.pipe(
      v.array(v.object({ kind: text("resume, stop or resume-fail"), nodes: hostlist, count: nodes, age })),
      v.description("Requests that are not settled, with the nodes that have no outcome yet"),
    ),
    exhausted: v.pipe(
      v.array(v.object({
        what: text("Pool, subnet, quota, reservation or capacity type, in words"),
        code: text("EC2's code of the last refusal"),
        misses: count("Refusals in a row"),
        until: v.pipe(v.number(), v.description("When it is asked for again: milliseconds since 1970 UTC")),
      })),
      v.description("What EC2 had no capacity of, so that nothing of it is asked for"),
    ),
    paused: v.pipe(
      v.array(v.object({ nodeGroup: text("Its name; *: every node group"), age })),
      v.description("Node groups whose launches a person has stopped"),
    ),
    held: v.pipe(
      v.array(v.object({
        nodeGroups: sentences("Those that nothing is launched of meanwhile"),
        jobId: v.optional(count("The job that waits")),
        code: text("Which limit, e.g. LimitMaxNodes"),
        message: text("What holds it"),
      })),
      v.description("What waits for room within a limit"),
    ),
    running: count("Instances that are pending or running"),
    usdPerHour,
    listedAgo: v.optional(count("Seconds since EC2 was last listed; absent: never")),
  }),
);

const FINDING_KINDS = [
  ...["orphan", "duplicate", "missing", "wrong-address", "down-for-ever", "not-in-configuration"],
  ...["no-node", "stopped-too-long", "stopped-drift", "failed-status", "scheduled-event", "test-launch"],
] as const;

/** What `reconcile` prints. */
export const RECONCILE: Output = output<ReconcileOutput>(
  1,
  "What Slurm wants and EC2 has differently",
  v.object({
    applied: v.pipe(v.boolean(), v.description("Whether the controller has seen to it")),
    findings: v.array(v.object({
      kind: v.picklist(FINDING_KINDS),
      nodes: sentences("Node names"),
      instanceIds: sentences("Instances"),
      evidence: text("What was seen"),
      action: v.picklist(["terminate", "give-back", "report-address", "none"]),
      deferred: v.optional(
        v.pipe(v.boolean(), v.description("Beyond what one pass may end without --force")),
      ),
      usdPerHour,
      usdSoFar: v.optional(v.pipe(v.number(), v.description("USD since their launch"))),
    })),
    unread: v.optional(text("Why nothing was compared")),
    healthUnread: v.optional(text("Why EC2's status checks and planned events are not part of it")),
  }),
);
