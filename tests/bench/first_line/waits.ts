import type { TimeLines } from "./results.ts";

/** Seconds from the last registration to the first line, one a run; null where one of them is not known. */
export function waits(lines: TimeLines): (number | null)[] {
  return lines["first line"].map((first, run) => {
    const registered = lines.registered[run] ?? null;
    return first === null || registered === null ? null : first - registered;
  });
}
