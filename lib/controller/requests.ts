import type { FailureVerdict } from "../cluster/verdict.ts";
import type { Draft } from "./draft.ts";
import { mayPass } from "./refused.ts";
import type { InstanceRecord, NodeOutcome, NodeRecord, RequestRecord } from "./state.ts";

/** Milliseconds for which a settled request is kept for the process that follows it. */
const KEPT = 600_000;

/** Finds out what has become of the nodes of each open request. */
export function settleRequests(draft: Draft): void {
  for (const request of [...draft.requests.map.values()]) {
    if (request.settledAt === undefined) settle(draft, request);
    else if (draft.now.clock - request.settledAt >= KEPT) draft.requests.delete(request.id);
  }
}

function settle(draft: Draft, request: RequestRecord): void {
  const found: Record<string, NodeOutcome> = {};
  let open = 0;
  for (const name of request.nodes) {
    if (Object.hasOwn(request.outcomes, name)) continue;
    const outcome = outcomeOf(draft, request, name);
    if (outcome === undefined) open++;
    else found[name] = outcome;
  }
  if (open > 0 && Object.keys(found).length === 0) return;
  draft.requests.put({
    ...request,
    outcomes: { ...request.outcomes, ...found },
    ...(open === 0 && { settledAt: draft.now.clock }),
  });
}

function outcomeOf(draft: Draft, request: RequestRecord, name: string): NodeOutcome | undefined {
  if (!Object.hasOwn(request.generations, name)) return undefined;
  const node = draft.nodes.get(name);
  const generation = request.generations[name];
  if (request.kind === "resume") {
    if (node === undefined || node.generation !== generation) {
      return lastOf(draft, name, generation) ?? { kind: "superseded" };
    }
    return outcomeOfUp(draft, node);
  }
  if (node === undefined || node.generation !== generation) {
    return { kind: isKept(draft, request, node) ? "up" : "superseded" };
  }
  return outcomeOfDown(draft, request, node);
}

/** Whether a node that slurmctld gave up has registered all the same, so that nothing was done to it. */
function isKept(draft: Draft, { kind }: RequestRecord, node: NodeRecord | undefined): boolean {
  return kind === "resume-fail" && node?.want === "up" && node.because === "slurm" &&
    draft.views.get(node.name)?.use === "up";
}

/** A node that was given back at once has begun its next generation with the verdict as its outcome. */
function lastOf(draft: Draft, name: string, generation: number | undefined): NodeOutcome | undefined {
  const last = draft.lastVerdicts.get(name);
  return last !== undefined && last.generation === generation ? withoutReport(last.verdict) : undefined;
}

function outcomeOfUp(draft: Draft, node: NodeRecord): NodeOutcome | undefined {
  const { verdict, reportedInstance } = node;
  if (verdict?.reported === true) return withoutReport(verdict);
  if (node.refusal !== undefined || reportedInstance === undefined) return undefined;
  const instance = draft.instances.get(reportedInstance);
  if (instance === undefined) return undefined;
  return { kind: "assigned", instanceId: instance.id, nodeAddr: instance.privateIpAddress ?? "" };
}

/** A verdict as commands print it. */
function withoutReport(verdict: FailureVerdict): NodeOutcome {
  return verdict.kind === "down"
    ? { kind: "down", reason: verdict.reason, until: verdict.until }
    : { kind: "powered-down", reason: verdict.reason };
}

function outcomeOfDown(draft: Draft, request: RequestRecord, node: NodeRecord): NodeOutcome | undefined {
  const own = draft.instances.of(node.name);
  const failed = own.find(({ end, endRefusal }) => end === "due" && endRefusal !== undefined);
  if (failed?.endRefusal !== undefined && node.verdict?.reported === true) {
    return { kind: "failed", reason: `${failed.endRefusal.code}: ${failed.endRefusal.message}` };
  }
  if (own.some(({ end }) => end !== "asked") || draft.launches.of(node.name).length > 0) return undefined;
  const gone = draft.endedNow.filter((instance) => instance.node === node.name);
  const ended = [...own, ...gone].filter((instance) => isEndedFor(instance, node));
  if (ended.length > 0) {
    const kind = ended.every(({ endAction }) => endAction === "stop") ? "stopped" : "terminated";
    return { kind, instanceIds: ended.map(({ id }) => id) };
  }
  // Before a complete listing nobody knows that it has none.
  if (draft.listedAt === undefined) return outcomeUnread(draft);
  return { kind: request.kind !== "resume" && !draft.groups.has(node.name) ? "not-ours" : "no-instance" };
}

function outcomeUnread(draft: Draft): NodeOutcome | undefined {
  const { readingRefused } = draft.memory;
  if (readingRefused === undefined || mayPass(readingRefused.refusal.code, readingRefused.tries)) {
    return undefined;
  }
  const { code, message } = readingRefused.refusal;
  return { kind: "failed", reason: `${code}: ${message}` };
}

/** Whether its end got due by this power-down of its node, or it was stopped by an earlier one. */
function isEndedFor({ endAt, endAction, state }: InstanceRecord, node: NodeRecord): boolean {
  return (endAt ?? -Infinity) >= node.since || (endAction === "stop" && state === "stopped");
}
