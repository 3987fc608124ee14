import type { Machine } from "../peers/results.ts";

/** Slurm's settings of a cluster that is measured. */
export type ModeName = "defaults" | "defaults, ready" | "rendered, ready: off" | "rendered";

/** How a job comes. */
export type FormName = "sbatch -N1" | "sbatch -N3" | "srun -N2" | "salloc -N2";

/** What a job waits for, in order; seconds since it was submitted. */
export type StepName =
  | "allocated"
  | "hook called"
  | "hook done"
  | "instances run"
  | "registered"
  | "configured"
  | "first line";

/** Seconds by step, one a run. slurmctld does not always say when a job is configured: then null. */
export type TimeLines = Readonly<Record<StepName, readonly (number | null)[]>>;

/**
 * Whom a refusal speaks for: the node's group, or the node alone. Of these its instance ended while it booted (`node`),
 * EC2 throttled its launch until it was too late (`throttle`), or it could not be launched in time (`deadline`).
 */
export type RefusalKind = "group" | "node" | "throttle" | "deadline";

/** Refusals of the node alone that take a cluster of their own, since they keep every launch from happening. */
export type WithoutLaunches = Readonly<Record<"throttle" | "deadline", NextTries>>;

/** Seconds since slurmctld put the refused job back into the queue, one a job. */
export interface NextTries {
  /** When it may be scheduled again; slurmctld says so in whole seconds. */
  readonly eligible: readonly number[];
  /** When ResumeProgram is called for it again. */
  readonly resumeProgram: readonly number[];
}

/** What one cluster came to. */
export interface ModeResult {
  readonly jobs: Readonly<Record<FormName, TimeLines>>;
  readonly refused: Readonly<Record<"group" | "node", NextTries>>;
}

/** What one version came to. */
export interface VersionResult {
  /** When it began, ISO 8601 in UTC. */
  readonly date: string;
  readonly commit: string;
  /** As slurmctld says it. */
  readonly slurm: string;
  readonly machine: Omit<Machine, "versions">;
  /** Jobs of each form. */
  readonly rounds: number;
  readonly modes: Readonly<Record<ModeName, ModeResult>>;
  /** As rendered; absent from runs of before it was measured. */
  readonly withoutLaunches?: WithoutLaunches;
}

/** `tests/bench/first_line.json`: all that the pages are made of. */
export interface FirstLineResults {
  /** Seconds that a simulated machine takes from running to the start of its boot script. */
  readonly bootSeconds: number;
  readonly versions: Readonly<Record<string, VersionResult>>;
}

/** Steps in the order in which they come. */
export const STEPS: readonly StepName[] = [
  "allocated",
  "hook called",
  "hook done",
  "instances run",
  "registered",
  "configured",
  "first line",
];
