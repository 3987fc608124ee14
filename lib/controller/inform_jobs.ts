import { readReason } from "../cluster/reason.ts";
import { waitClassOf } from "../cluster/wait_class.ts";
import { foldHostlist } from "../slurm/hostlist.ts";
import type { Draft } from "./draft.ts";
import type { NodeRecord } from "./state.ts";

/** Jobs that one scontrol call may name: a list of them is one update. */
const JOBS_MAX = 100;

/** Milliseconds after which a verdict waits for its jobs no longer. */
const PATIENCE = 10_000;

/** The jobs of a node that are informed before the verdict on it sends them back into the queue. */
export function uninformedOf(
  { now }: Draft,
  { jobs }: NodeRecord,
): Pick<NonNullable<NodeRecord["verdict"]>, "uninformed"> {
  return jobs.length === 0 ? {} : { uninformed: { jobs, until: now.clock + PATIENCE } };
}

/** Writes to the users whose jobs a verdict ends, before it does: one comment for all jobs of one reason. */
export function planComments(draft: Draft): void {
  const byReason = new Map<string, { readonly nodes: string[]; readonly jobs: Set<number> }>();
  for (const node of draft.nodes.map.values()) {
    const jobs = waitsFor(draft, node);
    if (jobs.length === 0) continue;
    const { reason } = node.verdict!;
    const same = byReason.get(reason) ?? { nodes: [], jobs: new Set() };
    byReason.set(reason, same);
    same.nodes.push(node.name);
    for (const job of jobs) same.jobs.add(job);
    draft.wakeAt(node.verdict!.uninformed!.until + 1);
  }
  for (const [reason, { nodes, jobs }] of byReason) {
    // The class first: users read it in squeue without knowing AWS's codes.
    const known = waitClassOf(readReason(reason)?.code ?? "");
    const text = `${known}: ${nodes.length === 1 ? "node" : "nodes"} ${foldHostlist(nodes)}: ${reason}`;
    const ids = [...jobs].sort((a, b) => a - b);
    for (let i = 0; i < ids.length; i += JOBS_MAX) {
      draft.actions.push({ kind: "comment", jobIds: ids.slice(i, i + JOBS_MAX), text });
    }
  }
}

/** The jobs that the verdict on a node still waits for. */
export function waitsFor({ now }: Draft, { verdict }: NodeRecord): readonly number[] {
  if (verdict?.uninformed === undefined || verdict.reported || now.clock > verdict.uninformed.until) {
    return [];
  }
  return verdict.uninformed.jobs;
}

/** These jobs are informed, or are gone. */
export function takeInformed(draft: Draft, jobIds: readonly number[]): void {
  const informed = new Set(jobIds);
  for (const { name, verdict } of [...draft.nodes.map.values()]) {
    if (verdict?.uninformed === undefined) continue;
    const { uninformed, ...rest } = verdict;
    const jobs = uninformed.jobs.filter((job) => !informed.has(job));
    if (jobs.length === uninformed.jobs.length) continue;
    draft.changeNode(name, {
      verdict: jobs.length === 0 ? rest : { ...rest, uninformed: { ...uninformed, jobs } },
    });
  }
}
