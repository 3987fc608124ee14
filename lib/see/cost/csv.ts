import { visible } from "../../base/visible.ts";
import type { Cost, CostPart } from "./cost.ts";
import { PHASES } from "./slices.ts";

/** A cost as CSV (RFC 4180), a line for each row and one for the total; hours with four decimals, USD with two. */
export function costCsv({ by, rows, total }: Cost): string {
  const heads = [
    by,
    "hours",
    "usd",
    "unpriced_hours",
    ...PHASES.flatMap((phase) => [`${phase}_hours`, `${phase}_usd`]),
  ];
  const lines = [heads, ...rows.map((row) => [row.name, ...figures(row)]), ["total", ...figures(total)]];
  return lines.map((line) => `${line.map(cell).join(",")}\r\n`).join("");
}

function figures({ hours, cents, unpricedHours, phases }: CostPart): string[] {
  return [
    hours.toFixed(4),
    usd(cents),
    unpricedHours.toFixed(4),
    ...PHASES.flatMap((phase) => [phases[phase].hours.toFixed(4), usd(phases[phase].cents)]),
  ];
}

/** Cents as USD with two decimals. */
export function usd(cents: number): string {
  return (cents / 100).toFixed(2);
}

/** Quoted where it must be; a spreadsheet would take a text that begins like this for a formula (https://owasp.org/www-community/attacks/CSV_Injection). */
function cell(text: string): string {
  const shown = visible(text);
  const safe = /^[=+@\t]|^-(?!$|\d)/.test(shown) ? `'${shown}` : shown;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
