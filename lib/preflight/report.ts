import { findingsGithub, SEVERITIES } from "../base/finding.ts";
import { type Paint, PLAIN, type Tone } from "../base/paint.ts";
import { tableRows } from "../base/text_table.ts";
import { visible } from "../base/visible.ts";
import { asFinding, type CheckResult, countStatuses, type Status } from "./check_result.ts";

/** The worst first, as a summary tells them. */
const ORDER: readonly Status[] = ["fail", "warn", "can't tell", "info", "pass"];

const TONES: Readonly<Record<Status, Tone>> = {
  fail: SEVERITIES.error.tone,
  warn: SEVERITIES.warning.tone,
  "can't tell": "doubtful",
  info: SEVERITIES.info.tone,
  pass: "good",
};

/** Results as a table, each with the way to fix it below, and how many there are of each kind. */
export function resultsText(
  findings: readonly CheckResult[],
  paint: Paint = PLAIN,
  columns?: number,
): string {
  const [head, ...lines] = tableLines(findings, { paint, columns });
  return [head!, ...withFixes(findings, lines, paint), "", summaryLine(findings), ""].join("\n");
}

/** Findings that belong together. */
export interface SectionFindings {
  readonly name: string;
  /** What was looked at, in a few words. */
  readonly summary: string;
  readonly findings: readonly CheckResult[];
}

/** Sections as {@link resultsText} prints results, each a table of its own; what all came to stands at the end. */
export function sectionsText(
  sections: readonly SectionFindings[],
  paint: Paint = PLAIN,
  columns?: number,
): string {
  const filled = sections.filter(({ findings }) => findings.length > 0);
  const tables = filled.flatMap(({ name, summary, findings }) => [
    `${paint("bold", name)}: ${summary}`,
    ...withFixes(findings, tableLines(findings, { paint, columns }, WIDEST).slice(1), paint),
    "",
  ]);
  return [...tables, summaryLine(filled.flatMap(({ findings }) => findings)), ""].join("\n");
}

/** Columns of the longest result: tables below each other line up. */
const WIDEST = Math.max(...ORDER.map((status) => status.length));

function tableLines(
  findings: readonly CheckResult[],
  { paint, columns }: { readonly paint: Paint; readonly columns: number | undefined },
  width = 0,
): string[] {
  const rows = findings.map((
    { status, what, evidence },
  ) => [status.padEnd(width), what, evidence]);
  return tableRows(
    ["RESULT", "WHAT", "EVIDENCE"],
    rows,
    { look: (cell, column, row) => column === 0 ? paint(TONES[findings[row]!.status], cell) : cell, columns },
  );
}

function withFixes(findings: readonly CheckResult[], lines: readonly string[], paint: Paint): string[] {
  return findings.flatMap(({ fix, status }, i) =>
    fix === undefined || status === "pass"
      ? [lines[i]!]
      : [lines[i]!, `            ${paint("dim", "fix:")} ${visible(fix)}`]
  );
}

/** E.g. `2 fail, 1 warn, 9 pass`. */
function summaryLine(findings: readonly CheckResult[]): string {
  const counts = countStatuses(findings);
  return ORDER.flatMap((status) => counts[status] === undefined ? [] : `${counts[status]} ${status}`).join(
    ", ",
  );
}

/** Results as workflow commands, which GitHub shows with a run; those that passed are left out. */
export function resultsGithub(results: readonly CheckResult[], command: string): string {
  return findingsGithub(results.flatMap((result) => asFinding(result, command) ?? []));
}
