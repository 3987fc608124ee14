import { readReason } from "../../cluster/reason.ts";
import { expandHostlist, foldHostlist } from "../../slurm/hostlist.ts";
import type { JobView } from "../../slurm/job_view.ts";
import type { NodeState } from "../../slurm/node_state.ts";
import { useOf, whyBooting, type WhyContext, whyDown } from "./node.ts";
import { reasonCode, slurmReason } from "./slurm_reason.ts";
import { type Why, whyRefused } from "./why.ts";

/** Why a job waits, or that it does not. `nodes` are all that slurmctld has shown. */
export function whyJob(job: JobView, nodes: readonly NodeState[], context: WhyContext): Why {
  if (job.state === "PENDING") return whyPending(job, nodes, context);
  if (job.state === "CONFIGURING") return whyConfiguring(job, nodes, context);
  const said = ourWords(job);
  const isLive = ["RUNNING", "COMPLETING", "SUSPENDED", "STOPPED", "RESIZING", "SIGNALING"].includes(
    job.state,
  );
  const sentence = isLive
    ? `the job is ${job.state} on ${job.nodeList || "no node"}`
    : `the job has ended: ${job.state}`;
  const reason = isLive || job.reason === "None" ? "" : ` (${job.reason})`;
  const earlier = said === undefined ? "" : `; said earlier: ${job.adminComment}`;
  const since = isLive ? job.startTime : job.endTime;
  return {
    class: "NONE",
    code: job.state,
    sentence: `${sentence}${reason}${earlier}`,
    ...(since !== undefined && { since }),
    next: "nothing is waited for",
  };
}

/** The record of a job array that says most: the one that waits before those that run or have ended. */
export function chooseRecord(jobs: readonly JobView[]): JobView | undefined {
  return jobs.find(({ state }) => state === "PENDING") ?? jobs.find(({ state }) => state === "CONFIGURING") ??
    jobs.find(({ state }) => state === "RUNNING") ?? jobs.at(-1);
}

/** What the controller last said to the job's user: `[CLASS: ]node NAME: CODE: MESSAGE [slurm-ec2 …]`. */
function ourWords({ adminComment }: JobView) {
  return readReason(adminComment.replace(/^(?:[A-Z]+: )?nodes? \S+: /, ""));
}

function whyConfiguring(job: JobView, nodes: readonly NodeState[], context: WhyContext): Why {
  const mine = nodesIn(job.nodeList, nodes);
  const refused = mine.find((node) => useOf(node) === "refused");
  if (refused !== undefined) {
    return { ...whyDown(refused, context.now), next: "the job goes back into the queue" };
  }
  const booting = mine.filter((node) => useOf(node) === "booting").map(({ name }) => name);
  if (booting.length > 0) return whyBooting(booting, job.startTime, context);
  return {
    class: "BOOTING",
    code: "PROLOG",
    sentence: `the nodes of the job are up (${job.nodeList}), its prolog has not ended`,
    ...(job.startTime !== undefined && { since: job.startTime }),
    next: "the job starts when PrologSlurmctld and the nodes' prologs have ended",
  };
}

function whyPending(job: JobView, nodes: readonly NodeState[], context: WhyContext): Why {
  const { now } = context;
  const since = job.eligibleTime !== undefined && job.eligibleTime <= now ? { since: job.eligibleTime } : {};
  const said = ourWords(job);
  const rule = slurmReason(job.reason);
  if (rule !== undefined) {
    if (job.reason === "BeginTime" && said !== undefined && job.restarts > 0) {
      return whyRefused(said, {
        next: "the job was requeued; slurmctld considers it again",
        ...(job.eligibleTime !== undefined && { at: job.eligibleTime }),
      });
    }
    const begins = job.reason === "BeginTime" ? job.startTime ?? job.eligibleTime : undefined;
    return {
      class: "SLURM",
      code: reasonCode(job.reason),
      sentence: `${rule.sentence}${detailOf(job)}`,
      ...(job.submitTime !== undefined && { since: job.submitTime }),
      next: rule.next.replace("JOB", job.id),
      ...(begins !== undefined && { at: begins }),
    };
  }
  const candidates = candidatesOf(job, nodes);
  const isFree = (node: NodeState) => ["off", "idle"].includes(useOf(node));
  const refused = candidates.filter((node) => useOf(node) === "refused");
  if (refused.length > 0 && !candidates.some(isFree)) return { ...whyMost(refused, now), ...since };
  const planned = whyPlanned(job, nodes, candidates.filter((node) => useOf(node) === "off"), now);
  if (planned !== undefined) return { ...planned, ...since };
  if (said !== undefined) {
    const next = "slurmctld tries it again with its next scheduling";
    const { until } = said;
    return whyRefused(said, { ...since, next, ...(until !== undefined && until > now && { at: until }) });
  }
  return {
    class: "SLURM",
    code: reasonCode(job.reason),
    sentence: `${waitsFor(job.reason)} (${countsOf(candidates)})`,
    ...since,
    next: "slurmctld starts it, or powers nodes up for it, when there is room",
    ...(job.startTime !== undefined && job.startTime > now && { at: job.startTime }),
  };
}

function waitsFor(reason: string): string {
  if (reason === "Priority") return "jobs of higher priority are before it";
  if (reason === "None") return "slurmctld has not looked at it yet";
  if (reason === "Resources") return "no node that fits is free";
  return `slurmctld says: ${reason}`;
}

function detailOf({ reason, dependency, licenses, partition }: JobView): string {
  if (reason.startsWith("Dependency")) return `: ${dependency}`;
  if (reason === "Licenses") return `: ${licenses}`;
  return reason.startsWith("Partition") ? `: ${partition}` : "";
}

/** Nodes that the job may use, as far as slurmctld tells: those that it names, else all of its partitions. */
function candidatesOf(job: JobView, nodes: readonly NodeState[]): readonly NodeState[] {
  const named = nodesIn(job.requestedNodes, nodes);
  if (named.length > 0) return named;
  const partitions = new Set(job.partition.split(","));
  return nodes.filter((node) => node.partitions.some((name) => partitions.has(name)));
}

/** The refusal that most nodes have, and when the first of them is given back. */
function whyMost(refused: readonly NodeState[], now: number): Why {
  const byCode = Map.groupBy(refused, ({ reason }) => readReason(reason)!.code);
  const most = [...byCode.values()].reduce((a, b) => b.length > a.length ? b : a);
  const answers = most.map((node) => whyDown(node, now));
  const first = answers.reduce((a, b) => (b.at ?? 0) < (a.at ?? 0) ? b : a);
  const names = foldHostlist(most.map(({ name }) => name));
  return { ...first, sentence: `${first.sentence} (${most.length === 1 ? "node" : "nodes"} ${names})` };
}

/** Backfill has a place for it, on nodes that are in use now. */
function whyPlanned(
  { plannedNodes, startTime }: JobView,
  nodes: readonly NodeState[],
  off: readonly NodeState[],
  now: number,
): Why | undefined {
  const busy = nodesIn(plannedNodes, nodes).filter((node) => ["busy", "booting"].includes(useOf(node)));
  if (busy.length === 0 || startTime === undefined || startTime <= now) return undefined;
  const although = off.length === 0
    ? ""
    : `, although ${off.length} powered-down ${off.length === 1 ? "node" : "nodes"} of its partition ` +
      `(${
        foldHostlist(off.map(({ name }) => name))
      }) are idle: they don't have what it asks for, or Slurm prefers to wait`;
  return {
    class: "SLURM",
    code: "Planned",
    sentence: `slurmctld plans it on ${plannedNodes}, where other jobs are${although}`,
    next: "it is expected to start",
    at: startTime,
  };
}

function countsOf(nodes: readonly NodeState[]): string {
  const counts = [...Map.groupBy(nodes, useOf)].map(([use, some]) => `${some.length} ${use}`);
  return counts.length === 0 ? "no node is known of its partition" : `nodes: ${counts.join(", ")}`;
}

function nodesIn(hostlist: string, nodes: readonly NodeState[]): readonly NodeState[] {
  if (hostlist === "") return [];
  try {
    const names = new Set(expandHostlist(hostlist));
    return nodes.filter(({ name }) => names.has(name));
  } catch {
    // What slurmctld writes in a way that is not known names no node.
    return [];
  }
}
