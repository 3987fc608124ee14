import { notPlain } from "../base/plain_file.ts";

/**
 * Name of the file in stateDir that the worker locks (flock(2)) as long as it lives. The supervisor locks
 * `supervisor.lock`: it holds that while the worker ends, and lets go before it looks at the queue.
 */
export const WORKER_LOCK = "worker.lock";

/** A lock that is held until it is disposed, or its process dies. */
export type HeldLock = Disposable;

/**
 * Becomes the one worker of a stateDir; undefined when another process is.
 *
 * @throws {Error} of Deno when the file can't be opened, or is a link: nobody can tell then whether another is
 */
export async function tryWorkerLock(dir: string): Promise<HeldLock | undefined> {
  const path = `${dir}/${WORKER_LOCK}`;
  const wrong = notPlain(path);
  if (wrong !== undefined) throw new Error(`Can't lock ${path}: ${wrong}; remove it`);
  const file = await Deno.open(path, { create: true, write: true, mode: 0o640 });
  if (await file.tryLock(true)) return file;
  file.close();
  return undefined;
}
