import type { Heartbeat } from "../store/heartbeat.ts";
import { type HeldLock, tryWorkerLock } from "../store/lock.ts";

/** Milliseconds between two tries, and how long a worker that is just ending is waited for. */
const TRIES = { every: 100, longest: 1_000 };

/** The lock of the one worker, tried for a second: a worker that ends lets go of it within that. */
export async function holdWorkerLock(
  stateDir: string,
  sleep: (milliseconds: number) => Promise<void>,
): Promise<HeldLock | undefined> {
  for (let waited = 0;; waited += TRIES.every) {
    const lock = await tryWorkerLock(stateDir);
    if (lock !== undefined || waited >= TRIES.longest) return lock;
    await sleep(TRIES.every);
  }
}

/** Milliseconds since its last sign of life after which a worker on another host counts as gone. */
const ALIVE = 60_000;

/**
 * Whether the worker that holds the lock lives on another host, as its last heartbeat says: then two hosts share
 * one state directory.
 */
export function isOfOtherHost(
  beat: Heartbeat | undefined,
  bootId: string | undefined,
  wall: number,
): boolean {
  if (beat?.bootId === undefined || bootId === undefined) return false;
  return beat.bootId !== bootId && Math.abs(wall - beat.wall) < ALIVE;
}
