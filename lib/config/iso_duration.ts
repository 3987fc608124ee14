const ISO_8601 =
  /^P(?=.)(?:([0-9]+)Y)?(?:([0-9]+)M)?(?:([0-9]+)W)?(?:([0-9]+)D)?(?:T(?=.)(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)S)?)?$/;
const DAY = 86_400;
/** A year counts 365 days, a month 30: durations without a date have no better meaning. */
const SECONDS = [365 * DAY, 30 * DAY, 7 * DAY, DAY, 3600, 60, 1];

/** Seconds of an ISO 8601 duration such as `P0Y0M0DT1H0M0S`; undefined when it is not one. */
export function isoDurationSeconds(text: string): number | undefined {
  const parts = ISO_8601.exec(text)?.slice(1);
  return parts?.reduce((sum, part, index) => sum + Number(part ?? 0) * SECONDS[index]!, 0);
}

/** Seconds as people write them: `1h30m`, `7d`. */
export function durationText(seconds: number): string {
  const units = [["d", DAY], ["h", 3600], ["m", 60], ["s", 1]] as const;
  let rest = seconds;
  let text = "";
  for (const [unit, size] of units) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) text += `${count}${unit}`;
  }
  return text || "0s";
}
