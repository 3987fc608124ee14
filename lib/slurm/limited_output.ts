import { kill } from "../base/kill.ts";
import { readText } from "../base/read_text.ts";

/** What a program printed, and how it ended. */
export interface LimitedOutput {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: Deno.CommandStatus;
}

/**
 * What a program prints until it ends; undefined: it had not ended after `timeLimit` milliseconds, and was killed.
 * @param child with both outputs piped
 */
export async function limitedOutput(
  child: Deno.ChildProcess,
  timeLimit: number,
): Promise<LimitedOutput | undefined> {
  const [stdout, stderr] = [child.stdout.getReader(), child.stderr.getReader()];
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    kill(child);
    // A child of the program's (it may be a site's own wrapper) could hold the pipes open: nobody waits for their end.
    for (const reader of [stdout, stderr]) reader.cancel().catch(() => {});
  }, timeLimit);
  try {
    const [output, errors, status] = await Promise.all([readText(stdout), readText(stderr), child.status]);
    return timedOut ? undefined : { stdout: output, stderr: errors, status };
  } finally {
    clearTimeout(timer);
  }
}
