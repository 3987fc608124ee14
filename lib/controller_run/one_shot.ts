import type { Fact } from "../controller/fact.ts";
import type { RequestRecord } from "../controller/state.ts";
import type { StepResult } from "../controller/step.ts";
import { runLoop } from "./loop.ts";
import type { LoopPorts, RequestFact, RequestQueue } from "./ports.ts";

/** A queue that nobody writes to. */
const NO_QUEUE: RequestQueue = {
  take: () => Promise.resolve([]),
  forget: () => Promise.resolve(),
  watch: () => () => {},
};

/**
 * Milliseconds for what follows from a settled request, such as giving its nodes back: then whatever keeps on being
 * unsettled is left to the next worker.
 */
const FOLLOW_UP = 5_000;

/** Whether a request is settled, and what follows from it, as far as that did not take long. */
export function isFollowedUp({ state, settled }: StepResult, id: string, clock: number): boolean {
  const settledAt = state.requests.get(id)?.settledAt;
  return settledAt !== undefined && (settled || clock - settledAt >= FOLLOW_UP);
}

/**
 * Serves one request with no queue and no worker's lock: what comes of it, with an outcome for every node once it is
 * settled, and all that followed from it. For a store in memory, which nobody else has.
 */
export async function serveOnce(
  ports: Omit<LoopPorts, "queue">,
  request: RequestFact,
  facts: readonly Fact[] = [],
): Promise<RequestRecord> {
  let record: RequestRecord | undefined;
  await runLoop({ ...ports, queue: NO_QUEUE }, {
    facts: [...facts, request],
    reached(result) {
      record = result.state.requests.get(request.id);
      return isFollowedUp(result, request.id, ports.now().clock);
    },
  });
  return record!;
}
