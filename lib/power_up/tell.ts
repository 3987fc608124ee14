import { errorText } from "../base/error_text.ts";
import type { HookPorts } from "../cluster/ports.ts";
import { addressOf, type NodeInstance } from "../cluster/tend.ts";
import { tellAddresses, tellVerdicts } from "../cluster/tell_slurm.ts";
import { troubleLines } from "../cluster/troubles.ts";
import type { FailureVerdict } from "../cluster/verdict.ts";
import type { ResumeJob } from "../slurm/resume_file.ts";

/** What Slurm is to know. */
export interface News {
  readonly assigned: readonly NodeInstance[];
  readonly failures: ReadonlyMap<string, FailureVerdict>;
  readonly jobs: readonly ResumeJob[];
}

/** Tells slurmctld addresses and verdicts, and the jobs why they wait; answers what could not be told. */
export async function tellSlurm(
  ports: Pick<HookPorts, "scontrol" | "log">,
  { assigned, failures, jobs }: News,
): Promise<string[]> {
  const unaddressed = await tellAddresses(ports.scontrol, assigned.map(addressOf));
  const untold = await tellVerdicts(ports.scontrol, failures);
  await tellJobs(ports, failures, jobs);
  return [
    ...troubleLines(
      unaddressed.map(({ item, error }) => ({ name: item.nodeName, error })),
      (names, error) => `Nodes ${names} have instances, but slurmctld was not told: ${error}`,
    ),
    ...troubleLines(
      untold.map(({ item, error }) => ({ name: item, error })),
      (names, error) => `Nodes ${names} got no instance, but slurmctld was not told: ${error}`,
    ),
  ];
}

/** Jobs told why they wait: one scontrol call each, so a queue of thousands is not told one by one. */
const JOBS_TOLD_MAX = 20;

/** The users' side of it: why their job went back into the queue (scontrol show job, AdminComment). */
async function tellJobs(
  ports: Pick<HookPorts, "scontrol" | "log">,
  failures: ReadonlyMap<string, FailureVerdict>,
  jobs: readonly ResumeJob[],
): Promise<void> {
  const hit = jobs.filter((job) => job.nodes.some((node) => failures.has(node))).slice(0, JOBS_TOLD_MAX);
  for (const job of hit) {
    const node = job.nodes.find((name) => failures.has(name))!;
    try {
      await ports.scontrol.updateJobComment(job.jobId, `node ${node}: ${failures.get(node)!.reason}`);
    } catch (error) {
      ports.log.warn(`Job ${job.jobId} could not be told: ${errorText(error)}`);
      return;
    }
  }
}
