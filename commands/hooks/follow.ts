import type { RequestRecord } from "../../lib/controller/state.ts";
import { type HeldLock, tryWorkerLock } from "../../lib/store/lock.ts";
import { openStateReader, type StateReader } from "../../lib/store/reader.ts";
import type { Host } from "../base/host.ts";

/** Milliseconds between two looks at what the worker has written. */
const LOOK_EVERY = 200;

/** How following a request ended: it is settled, or this process may be the worker, or neither in time. */
export type Followed =
  | { readonly kind: "settled"; readonly request: RequestRecord }
  | { readonly kind: "lock"; readonly lock: HeldLock }
  | { readonly kind: "late"; readonly request?: RequestRecord };

/**
 * Waits until another process has settled a request, as its database says, or until the lock of the worker is
 * free and held by this process: a worker that died leaves the request to the next process.
 * @param until {@link Host.now} after which nothing is waited for
 */
export async function followRequest(
  host: Pick<Host, "now" | "sleep">,
  { stateDir, cluster, id, until }: {
    readonly stateDir: string;
    readonly cluster: string;
    readonly id: string;
    readonly until: number;
  },
): Promise<Followed> {
  let reader: StateReader | undefined;
  try {
    for (;;) {
      // First: the holder of the lock that finds the request settled gives it back at once.
      const lock = await tryWorkerLock(stateDir);
      if (lock !== undefined) return { kind: "lock", lock };
      reader ??= openReader(stateDir, cluster);
      const request = lookUp(reader, id);
      if (request?.settledAt !== undefined) return { kind: "settled", request };
      if (host.now() > until) return { kind: "late", ...(request && { request }) };
      await host.sleep(LOOK_EVERY);
    }
  } finally {
    reader?.close();
  }
}

function openReader(stateDir: string, cluster: string): StateReader | undefined {
  const opened = openStateReader(stateDir, cluster);
  return opened.kind === "open" ? opened.reader : undefined;
}

/** Undefined also where the file was replaced meanwhile: the next look finds the new one, or the lock. */
function lookUp(reader: StateReader | undefined, id: string): RequestRecord | undefined {
  try {
    return reader?.state().requests.get(id);
  } catch {
    return undefined;
  }
}
