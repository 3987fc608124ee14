import type { LoopPorts, QueueFact, RequestQueue } from "./ports.ts";

/** Requests that come this close together share their launches; milliseconds. */
const QUIET = 10;
/** The first of them waits no longer than this for others; milliseconds. */
const LONGEST = 60;

/**
 * The requests that lie in the queue, and those that arrive within the next moments: slurmctld calls its hooks in
 * bursts, and 20 of them are to become a few launches.
 */
export async function gather(
  queue: Pick<RequestQueue, "take">,
  known: ReadonlySet<string>,
  sleep: LoopPorts["sleep"],
): Promise<QueueFact[]> {
  const found = new Map<string, QueueFact>();
  for (let waited = 0;; waited += QUIET) {
    const before = found.size;
    for (const request of await queue.take()) if (!known.has(request.id)) found.set(request.id, request);
    if (found.size === before || waited >= LONGEST) return [...found.values()];
    await sleep(QUIET, new AbortController().signal);
  }
}
