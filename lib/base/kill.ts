/** Ends a process for good. SIGKILL: below slurmctld signals arrive blocked, so SIGTERM would be ignored. */
export function kill(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // a TypeError says that it has ended by itself
  }
}
