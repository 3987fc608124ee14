import type { JobUse } from "../../slurm/sacct.ts";
import type { Lifetime } from "../../store/lifetime.ts";

/** What an instance was paid for during a time: `up`: jobs or idle, nobody can say which. */
export type Phase = "boot" | "job" | "idle" | "up";

/** Every phase, in the order in which they are shown. */
export const PHASES = ["boot", "job", "idle", "up"] as const satisfies readonly Phase[];

/** A part of a lifetime in which nothing changes; times are milliseconds since 1970 UTC. */
export interface Slice {
  readonly lifetime: Lifetime;
  readonly phase: Phase;
  readonly from: number;
  readonly to: number;
  /** Who had the instance, each with its share of it; the shares sum to 1. Only in phase `job`. */
  readonly jobs?: readonly { readonly job: JobUse; readonly share: number }[];
}

/** A window of time. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/**
 * Cuts a lifetime, as far as it lies in the window, into boot, jobs and idle. Before it is up, jobs only wait for it. Jobs
 * at the same time share it by their CPUs on the node. `jobs`: those of its node; undefined: accounting does not say.
 */
export function slicesOf(
  lifetime: Lifetime,
  ended: number,
  window: Window,
  jobs: readonly JobUse[] | undefined,
): Slice[] {
  const from = Math.max(lifetime.began, window.from);
  const to = Math.min(ended, window.to);
  if (to <= from) return [];
  const up = Math.min(Math.max(lifetime.up ?? to, from), to);
  const boot: Slice[] = up > from ? [{ lifetime, phase: "boot", from, to: up }] : [];
  if (up >= to) return boot;
  if (jobs === undefined) return [...boot, { lifetime, phase: "up", from: up, to }];
  return [...boot, ...usedSlices(lifetime, up, to, jobs)];
}

function usedSlices(lifetime: Lifetime, from: number, to: number, jobs: readonly JobUse[]): Slice[] {
  const mine = jobs.filter(({ start, end = Infinity }) => start < to && end > from)
    .sort((a, b) => a.start - b.start);
  const cuts = mine.flatMap(({ start, end = to }) => [start, end]).filter((time) => time > from && time < to);
  const times = [...new Set([from, ...cuts, to])].sort((a, b) => a - b);
  let running: JobUse[] = [];
  let next = 0;
  return times.slice(1).map((end, i) => {
    const begin = times[i]!;
    while (next < mine.length && mine[next]!.start <= begin) running.push(mine[next++]!);
    running = running.filter(({ end: over = Infinity }) => over >= end);
    if (running.length === 0) return { lifetime, phase: "idle", from: begin, to: end };
    const cpus = running.map(cpusPerNode);
    const all = cpus.reduce((a, b) => a + b, 0);
    const shares = running.map((job, nth) => ({ job, share: cpus[nth]! / all }));
    return { lifetime, phase: "job", from: begin, to: end, jobs: shares };
  });
}

function cpusPerNode({ cpus, nodes }: JobUse): number {
  return Math.max(cpus, 1) / Math.max(nodes.length, 1);
}

/** The jobs of each node. */
export function jobsByNode(jobs: readonly JobUse[]): ReadonlyMap<string, readonly JobUse[]> {
  const byNode = new Map<string, JobUse[]>();
  for (const job of jobs) {
    for (const node of job.nodes) {
      const known = byNode.get(node);
      if (known === undefined) byNode.set(node, [job]);
      else known.push(job);
    }
  }
  return byNode;
}
