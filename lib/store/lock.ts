import { giveToDirectoryOwnerSync } from "../base/directory_owner.ts";
import { notPlain } from "../base/plain_file.ts";

/**
 * Name of the file in stateDir that the worker locks (flock(2)) as long as it lives. The supervisor locks
 * `supervisor.lock`: it holds that while the worker ends, and lets go before it looks at the queue.
 */
export const WORKER_LOCK = "worker.lock";

/** A lock that is held until it is disposed, or its process dies. */
export type HeldLock = Disposable;

/**
 * Becomes the one worker of a stateDir; undefined when another process is. Where the file can't be made, as on a
 * read-only disk, the directory itself is locked. Where there is no directory either, nothing can be: a worker that
 * keeps nothing is better than none.
 *
 * @throws {Error} when the file is a link, or can't be opened for another reason: nobody can tell then whether another
 * worker lives
 */
export async function tryWorkerLock(dir: string): Promise<HeldLock | undefined> {
  const file = await openLock(dir);
  if (file === undefined) return { [Symbol.dispose]() {} };
  if (await file.tryLock(true)) return file;
  file.close();
  return undefined;
}

async function openLock(dir: string): Promise<Deno.FsFile | undefined> {
  const path = `${dir}/${WORKER_LOCK}`;
  const wrong = notPlain(path);
  if (wrong !== undefined) throw new Error(`Can't lock ${path}: ${wrong}; remove it`);
  try {
    const file = await Deno.open(path, { create: true, write: true, mode: 0o640 });
    giveToDirectoryOwnerSync(path);
    return file;
  } catch (error) {
    return await openOf([path, dir], error);
  }
}

/** The first of these that is there, to lock it; undefined when none is. */
async function openOf(paths: readonly string[], cause: unknown): Promise<Deno.FsFile | undefined> {
  for (const path of paths) {
    try {
      return await Deno.open(path, { read: true });
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw cause;
    }
  }
  return undefined;
}
