/** A time as people and programs read it, e.g. `2026-11-23T10:52:53Z`; one that no calendar has is `?`. */
export function utcTime(milliseconds: number): string {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? "?" : date.toISOString().replace(/\.\d+Z$/, "Z");
}
