import { UsageError } from "../base/command.ts";

const UNIT_MS: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/**
 * A moment that a flag names: a duration before now (`12h`, `30d`, `4w`), a UTC day (`2026-11-30`) or an ISO 8601 time.
 * @throws {UsageError} for anything else
 */
function readMoment(flag: string, text: string, now: number): number {
  const [, number, unit = ""] = /^(\d+)([hdw])$/.exec(text) ?? [];
  if (number !== undefined) return now - Number(number) * UNIT_MS[unit]!;
  const isTime = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?)?$/.test(text);
  const hasZone = /(?:Z|[+-]\d\d:\d\d)$/.test(text) || !text.includes("T");
  const time = isTime ? Date.parse(hasZone ? text : `${text}Z`) : NaN;
  if (!Number.isNaN(time)) return time;
  throw new UsageError(
    `Flag --${flag} takes a time such as 24h, 30d, 2026-11-30 or 2026-11-30T12:00Z, got "${text}"`,
  );
}

/**
 * The window that `--since` and `--until` name.
 * @param fallback what `--since` is unless given
 * @throws {UsageError} where it is empty
 */
export function readWindow(
  { since = "", until }: { readonly since: string | undefined; readonly until: string | undefined },
  now: number,
  fallback: string,
): { readonly from: number; readonly to: number } {
  const from = readMoment("since", since === "" ? fallback : since, now);
  const to = until === undefined ? now : Math.min(readMoment("until", until, now), now);
  if (to > from) return { from, to };
  throw new UsageError("Flag --since must lie before --until, and before now");
}
