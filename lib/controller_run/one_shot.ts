import type { Fact } from "../controller/fact.ts";
import type { RequestRecord } from "../controller/state.ts";
import { runLoop } from "./loop.ts";
import type { LoopPorts, RequestFact, RequestQueue } from "./ports.ts";

/** A queue that nobody writes to. */
const NO_QUEUE: RequestQueue = {
  take: () => Promise.resolve([]),
  forget: () => Promise.resolve(),
  watch: () => () => {},
};

/**
 * Serves one request with no queue and no worker's lock: what comes of it, with an outcome for every node once it is
 * settled. For a store in memory, which nobody else has.
 */
export async function serveOnce(
  ports: Omit<LoopPorts, "queue">,
  request: RequestFact,
  facts: readonly Fact[] = [],
): Promise<RequestRecord> {
  let record: RequestRecord | undefined;
  await runLoop({ ...ports, queue: NO_QUEUE }, {
    facts: [...facts, request],
    reached(state) {
      record = state.requests.get(request.id);
      return record?.settledAt !== undefined;
    },
  });
  return record!;
}
