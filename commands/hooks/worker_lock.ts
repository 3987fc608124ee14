import { errorText } from "../../lib/base/error_text.ts";
import type { Log } from "../../lib/base/log.ts";
import { holdWorkerLock, isOfOtherHost } from "../../lib/controller_run/hold_lock.ts";
import { readHeartbeat } from "../../lib/store/heartbeat.ts";
import type { HeldLock } from "../../lib/store/lock.ts";
import { Queue } from "../../lib/store/queue.ts";
import { CommandError } from "../base/command.ts";
import { ExitCode } from "../base/exit_code.ts";
import type { Host } from "../base/host.ts";

/**
 * The lock of the one worker. Where nothing can be written there is none, and what was asked for is served all the same.
 * @param isAlone Whether the request came as arguments
 * @throws {CommandError} when nothing can be written, and nothing was asked for
 */
export async function lockOf(
  host: Host,
  stateDir: string,
  log: Log,
  isAlone: boolean,
): Promise<HeldLock | "busy" | undefined> {
  try {
    new Queue(stateDir).make();
    return await holdWorkerLock(stateDir, host.sleep) ?? "busy";
  } catch (error) {
    if (!isAlone) throw new CommandError(`Can't work in ${stateDir}: ${errorText(error)}`);
    log.warn(`Working without the lock of ${stateDir}: ${errorText(error)}`);
    return undefined;
  }
}

/**
 * How a worker ends that finds another one at work.
 * @throws {CommandError} when that is on another host
 */
export function busy(host: Host, stateDir: string, bootId: string | undefined): ExitCode {
  if (!isOfOtherHost(readHeartbeat(stateDir), bootId, host.now())) return ExitCode.Partly;
  throw new CommandError(
    `A worker on another host uses ${stateDir}: give each controller a stateDir on its own disk`,
  );
}

/** Tells whether the lock's file is still the one that it was now: stateDir may be removed or replaced meanwhile. */
export function lockKeeper(path: string): () => boolean {
  const identity = () => {
    try {
      const { dev, ino } = Deno.lstatSync(path);
      return `${dev} ${ino}`;
    } catch {
      return undefined;
    }
  };
  const own = identity();
  return () => own === undefined || identity() === own;
}

/** Whether the supervisor would start another program by now. */
export function hasOtherProgram(host: Host, stateDir: string, own: string | undefined): boolean {
  if (own === undefined) return false;
  try {
    const now = host.files.readText(`${stateDir}/program`).trim();
    return now !== "" && now !== own;
  } catch {
    return false;
  }
}
