import type { ResumeJob } from "../slurm/resume_file.ts";
import type { Strategy } from "../config/model.ts";

/** Nodes that are launched together. */
export interface LaunchUnit {
  readonly nodes: readonly string[];
  /** All of them or none. */
  readonly whole: boolean;
}

/**
 * Splits a group's nodes by the jobs that wait for them: under `all-or-nothing` the nodes of each job of two
 * nodes or more are a unit of their own, since the job can't start on fewer; all others go together. A node of
 * several jobs belongs to the first.
 */
export function launchUnits(
  nodes: readonly string[],
  strategy: Strategy,
  jobs: readonly ResumeJob[],
): LaunchUnit[] {
  if (nodes.length === 0) return [];
  if (strategy === "best-effort") return [{ nodes, whole: false }];
  const free = new Set(nodes);
  const units: LaunchUnit[] = [];
  for (const job of jobs) {
    const own = [...new Set(job.nodes)].filter((name) => free.has(name));
    if (own.length < 2) continue;
    for (const name of own) free.delete(name);
    units.push({ nodes: own, whole: true });
  }
  return free.size === 0 ? units : [...units, { nodes: [...free], whole: false }];
}
