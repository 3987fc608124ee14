import { readPlainFile } from "../base/plain_file.ts";
import { overwriteLine } from "./overwrite.ts";

/** Name of the file in stateDir. */
const HEARTBEAT_FILE = "heartbeat";

/** Milliseconds after which a worker that has not beaten is taken for stuck; deploy/hooks/supervisor has the same. */
export const STUCK_AFTER = 60_000;

/** The last sign of life of a worker. */
export interface Heartbeat {
  readonly pid: number;
  /** Of the machine, in seconds; undefined when the worker did not know it. */
  readonly uptime: number | undefined;
  /** Which start of the machine that is. */
  readonly bootId: string | undefined;
  /** Milliseconds since 1970 UTC. */
  readonly wall: number;
  /** Whether the worker's state outlives it. */
  readonly kept: boolean;
}

/**
 * Beats: the line `PID UPTIME BOOT-ID WALL KEPT`, which the supervisor reads, in stateDir/heartbeat. Throws nothing:
 * where it can't be written, nobody can find the worker stuck either.
 */
export function beat(dir: string, { pid, uptime, bootId, wall, kept }: Heartbeat): void {
  const words = [pid, uptime?.toFixed(2) ?? "-", bootId ?? "-", Math.floor(wall), kept ? "kept" : "lost"];
  // The supervisor leaves a worker alone whose heartbeat it can't read.
  overwriteLine(`${dir}/${HEARTBEAT_FILE}`, words.join(" "));
}

/** The last beat; undefined when there is none, or it can't be read. */
export function readHeartbeat(dir: string): Heartbeat | undefined {
  try {
    const bytes = readPlainFile(`${dir}/${HEARTBEAT_FILE}`, { maxBytes: 4096 });
    const [pid, uptime, bootId, wall, kept] = new TextDecoder().decode(bytes).trim().split(" ");
    const beat = {
      pid: Number(pid),
      uptime: uptime === "-" ? undefined : Number(uptime),
      bootId: bootId === "-" ? undefined : bootId,
      wall: Number(wall),
      kept: kept === "kept",
    };
    const whole = Number.isSafeInteger(beat.pid) && beat.pid > 0 && Number.isFinite(beat.wall) &&
      kept !== undefined && (beat.uptime === undefined || Number.isFinite(beat.uptime));
    return whole ? beat : undefined;
  } catch {
    return undefined;
  }
}
