import { JOB_INCOMPLETE } from "../aws/error_codes.ts";
import { WHOLE_MAX } from "../power_up/launch_plan.ts";
import type { ResumeJob } from "../slurm/resume_file.ts";
import type { Draft } from "./draft.ts";
import type { NodeRecord } from "./state.ts";

/** The jobs that wait for some nodes, as the requests that are known name them. */
export function jobsOf(draft: Draft, nodes: readonly NodeRecord[]): ReadonlyMap<number, ResumeJob> {
  const wanted = new Set(nodes.flatMap(({ jobs }) => jobs));
  const jobs = new Map<number, ResumeJob>();
  if (wanted.size === 0) return jobs;
  for (const request of draft.requests.map.values()) {
    for (const job of request.jobs) if (wanted.has(job.jobId)) jobs.set(job.jobId, job);
  }
  return jobs;
}

/**
 * A job whose nodes come all or not at all is over once one of them got no instance, whatever its group: its other
 * nodes are refused too, unless they are up already or another job waits for them.
 */
export function refuseIncomplete(draft: Draft): void {
  const refused = [...draft.nodes.map.values()].filter(({ want, refusal, verdict, died, jobs }) =>
    want === "up" && refusal !== undefined && verdict === undefined && died === undefined && jobs.length > 0
  );
  if (refused.length === 0) return;
  const failed = new Map<number, NodeRecord>();
  const jobs = jobsOf(draft, refused);
  for (const node of refused) {
    for (const id of node.jobs) {
      const job = jobs.get(id);
      if (job !== undefined && !failed.has(id) && wholeOf(draft, job).includes(node.name)) {
        failed.set(id, node);
      }
    }
  }
  for (const [id, { name, refusal }] of failed) {
    for (const other of wholeOf(draft, jobs.get(id)!)) {
      const node = draft.nodes.get(other);
      if (node === undefined || !node.jobs.every((job) => failed.has(job))) continue;
      if (!node.jobs.includes(id) || draft.views.get(other)?.use === "up") continue;
      draft.refuse(other, node.generation, {
        code: JOB_INCOMPLETE,
        message: `job ${id} starts with all of its nodes, and ${name} got none: ${refusal!.code}`,
      });
    }
  }
}

/** Whether every job that waits for a node comes whole or not at all, and lacks another of its nodes already. */
export function isOfFailedJobs(draft: Draft, node: NodeRecord): boolean {
  const jobs = jobsOf(draft, [node]);
  return node.jobs.length > 0 && node.jobs.every((id) => {
    const job = jobs.get(id);
    const whole = job === undefined ? [] : wholeOf(draft, job);
    return whole.includes(node.name) && whole.some((name) => {
      const other = name === node.name ? undefined : draft.nodes.get(name);
      return other?.jobs.includes(id) === true &&
        (other.refusal !== undefined || other.verdict !== undefined);
    });
  });
}

/** The nodes of a job that come all or not at all; none of a job too large for that. */
function wholeOf(draft: Draft, { nodes }: ResumeJob): readonly string[] {
  const whole = nodes.filter((name) => draft.groups.get(name)?.strategy === "all-or-nothing");
  return whole.length < 2 || whole.length > WHOLE_MAX ? [] : whole;
}
