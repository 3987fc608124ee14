import * as v from "valibot";
import { expandHostlist } from "./hostlist.ts";

/** A job that waits for nodes being resumed (slurm.conf(5), ResumeProgram; https://slurm.schedmd.com/power_save.html). */
export interface ResumeJob {
  /** Slurm's number of the job, or of the array task. */
  readonly jobId: number;
  /** Names of its nodes that are to be resumed now; a node may be in several jobs. */
  readonly nodes: readonly string[];
  /** Names of all its nodes, running ones too; from 23.02. */
  readonly allocatedNodes?: readonly string[];
  /** Partition that the job runs in; from 23.02. */
  readonly partition?: string;
  /** `--constraint` as the user wrote it; from 23.02. */
  readonly features?: string;
  /** `NO`, `YES`, `OK`, `FORCE`, …; from 23.02. */
  readonly oversubscribe?: string;
  /** Name of its reservation; from 23.02. */
  readonly reservation?: string;
  /** `--extra`, free text of the user; from 23.02. */
  readonly extra?: string;
  /** `NO`, `NODE`, `USER`, …; from 26.05. */
  readonly exclusive?: string;
  /** Scheduling priority; from 26.05. */
  readonly priority?: number;
}

/** SLURM_RESUME_FILE: which jobs wait for which nodes. */
export interface ResumeFile {
  /** Names of every node being resumed, those of no job too (`scontrol update … state=power_up`). */
  readonly nodes: readonly string[];
  /** Jobs that wait for some of them. */
  readonly jobs: readonly ResumeJob[];
}

/** Characters; 65,536 nodes in as many jobs stay below it. */
const MAX_LENGTH = 64 * 1024 * 1024;

/** What only describes the job is left out when a Slurm to come writes it otherwise. */
const note = v.fallback(v.optional(v.string()), undefined);
const hostlist = v.nullish(v.string());
const fileSchema = v.object({
  jobs: v.nullish(v.array(v.object({
    job_id: v.pipe(v.number(), v.integer(), v.minValue(1)),
    nodes: hostlist,
    nodes_resume: hostlist,
    nodes_alloc: hostlist,
    partition: note,
    features: note,
    oversubscribe: note,
    reservation: note,
    extra: note,
    exclusive: note,
    priority: v.fallback(v.optional(v.number()), undefined),
  }))),
  all_nodes: hostlist,
  all_nodes_resume: hostlist,
});
type RawJob = NonNullable<v.InferOutput<typeof fileSchema>["jobs"]>[number];

/**
 * Reads SLURM_RESUME_FILE as slurmctld 21.08 to 26.05 writes it: `nodes` and `all_nodes` up to 22.05,
 * `nodes_resume` and `all_nodes_resume` from 23.02. Unknown keys are ignored.
 *
 * @throws {SyntaxError} when the text is empty, cut short, too long or of another shape; power-up can go on
 * without it, then knowing nothing of jobs
 */
export function parseResumeFile(text: string): ResumeFile {
  if (text.trim() === "") {
    throw new SyntaxError("Resume file is empty");
  }
  if (text.length > MAX_LENGTH) {
    throw new SyntaxError(`Resume file has ${text.length} characters: at most ${MAX_LENGTH} are read`);
  }
  const result = v.safeParse(fileSchema, parseJson(text));
  if (!result.success) {
    const [issue] = result.issues;
    throw new SyntaxError(`Resume file: ${v.getDotPath(issue) ?? "the whole"}: ${issue.message}`);
  }
  const file = result.output;
  if (file.jobs == null && file.all_nodes == null && file.all_nodes_resume == null) {
    throw new SyntaxError('Resume file: expected "jobs" and "all_nodes_resume", found neither');
  }
  return {
    nodes: names(file.all_nodes_resume ?? file.all_nodes, "all_nodes_resume"),
    jobs: (file.jobs ?? []).map(resumeJob),
  };
}

function resumeJob(raw: RawJob, index: number): ResumeJob {
  const { job_id, nodes, nodes_resume, nodes_alloc, ...notes } = raw;
  return {
    jobId: job_id,
    nodes: names(nodes_resume ?? nodes, `jobs.${index}.nodes_resume`),
    ...(nodes_alloc != null && { allocatedNodes: names(nodes_alloc, `jobs.${index}.nodes_alloc`) }),
    ...Object.fromEntries(Object.entries(notes).filter(([, value]) => value !== undefined)),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new SyntaxError(`Resume file is cut short or not JSON: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function names(hostlist: string | null | undefined, path: string): string[] {
  try {
    return expandHostlist(hostlist ?? "");
  } catch (error) {
    throw new SyntaxError(`Resume file: ${path}: ${(error as Error).message}`, { cause: error });
  }
}
