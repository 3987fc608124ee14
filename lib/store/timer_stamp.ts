import { readPlainFile } from "../base/plain_file.ts";
import type { Clock } from "./clock.ts";

/** Name of the file in stateDir that the timer's unit writes each time: the line `UPTIME BOOT-ID`, as the hook has them. */
const TIMER_STAMP_FILE = "timer";

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
