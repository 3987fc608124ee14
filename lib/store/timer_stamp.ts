import { readPlainFile } from "../base/plain_file.ts";
import type { Clock } from "./clock.ts";
import { overwriteLine } from "./overwrite.ts";

/** Name of the file in stateDir that the timer's unit writes each time: the line `UPTIME BOOT-ID`, as the hook has them. */
const TIMER_STAMP_FILE = "timer";

/** Milliseconds for which a stamp is not written again. */
const STAMP_EVERY = 30_000;

/**
 * Keeps the stamp fresh while the timer's own worker runs: its unit does not run again before that has ended, which is not
 * a sign of a timer that was stopped (https://www.freedesktop.org/software/systemd/man/latest/systemd.timer.html).
 */
export function renewTimerStamp(dir: string, clock: Clock): void {
  const [uptime, bootId, age] = [clock.uptime(), clock.bootId, timerAge(dir, clock)];
  if (uptime === undefined || bootId === undefined) return;
  if (age !== undefined && age < STAMP_EVERY) return;
  overwriteLine(`${dir}/${TIMER_STAMP_FILE}`, `${(uptime / 1000).toFixed(2)} ${bootId}`);
}

/**
 * Milliseconds since the timer's unit last ran; undefined when it never did, or not since the machine started, or
 * this clock was not given the machine's uptime.
 */
export function timerAge(dir: string, clock: Clock): number | undefined {
  const now = clock.uptime();
  const stamp = readTimerStamp(dir);
  if (now === undefined || stamp === undefined || stamp.bootId !== clock.bootId) return undefined;
  return Math.max(0, now - stamp.uptime);
}

/** When the timer's unit last ran: milliseconds of the machine's uptime, and which start of the machine they count from. */
export function readTimerStamp(
  dir: string,
): { readonly uptime: number; readonly bootId: string } | undefined {
  try {
    const text = new TextDecoder().decode(readPlainFile(`${dir}/${TIMER_STAMP_FILE}`, { maxBytes: 4096 }));
    const [uptime = "", bootId = ""] = text.trim().split(" ");
    if (!/^\d{1,12}(?:\.\d{1,6})?$/.test(uptime) || bootId === "") return undefined;
    return { uptime: Number(uptime) * 1000, bootId };
  } catch {
    return undefined;
  }
}
