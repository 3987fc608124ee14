/**
 * Whether a release's `bin/hook` starts a worker. One that does not acts by itself whenever slurmctld calls it, and reads
 * neither the worker's state nor its reasons.
 */
export function hasWorker(hook: string): boolean {
  return /^\s*worker,--timer\)/m.test(hook);
}
