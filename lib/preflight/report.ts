import { githubCommand, type GithubLevel } from "../base/github_command.ts";
import { type Paint, PLAIN, type Tone } from "../base/paint.ts";
import { tableRows } from "../base/text_table.ts";
import { visible } from "../base/visible.ts";
import { countStatuses, type Finding, type Status } from "./finding.ts";

/** The worst first, as a summary tells them. */
const ORDER: readonly Status[] = ["fail", "warn", "can't tell", "info", "pass"];

const TONES: Readonly<Record<Status, Tone>> = {
  fail: "bad",
  warn: "doubtful",
  "can't tell": "doubtful",
  info: "remark",
  pass: "good",
};

/** Findings as a table, each with the way to fix it below, and how many there are of each kind. */
export function findingsText(findings: readonly Finding[], paint: Paint = PLAIN, columns?: number): string {
  const [head, ...lines] = tableLines(findings, { paint, columns });
  return [head!, ...withFixes(findings, lines, paint), "", summaryLine(findings), ""].join("\n");
}

/** Findings that belong together. */
export interface SectionFindings {
  readonly name: string;
  /** What was looked at, in a few words. */
  readonly summary: string;
  readonly findings: readonly Finding[];
}

/** Sections as {@link findingsText} prints findings, each a table of its own; what all came to stands at the end. */
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
  findings: readonly Finding[],
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

function withFixes(findings: readonly Finding[], lines: readonly string[], paint: Paint): string[] {
  return findings.flatMap(({ fix, status }, i) =>
    fix === undefined || status === "pass"
      ? [lines[i]!]
      : [lines[i]!, `            ${paint("dim", "fix:")} ${visible(fix)}`]
  );
}

/** E.g. `2 fail, 1 warn, 9 pass`. */
function summaryLine(findings: readonly Finding[]): string {
  const counts = countStatuses(findings);
  return ORDER.flatMap((status) => counts[status] === undefined ? [] : `${counts[status]} ${status}`).join(
    ", ",
  );
}

const LEVELS: Readonly<Record<Status, GithubLevel | undefined>> = {
  fail: "error",
  warn: "warning",
  "can't tell": "notice",
  info: "notice",
  pass: undefined,
};

/** Findings as workflow commands, which GitHub shows with a run; those that passed are left out. */
export function findingsGithub(findings: readonly Finding[], command = "ssm validate"): string {
  return findings.flatMap(({ status, what, evidence, fix }) => {
    const level = LEVELS[status];
    if (level === undefined) return [];
    const message = `${what}: ${evidence}${fix === undefined ? "" : `\nFix: ${fix}`}`;
    return [githubCommand(level, { title: `slurm-ec2 ${command}` }, message)];
  }).join("");
}
