import { githubCommand, type GithubLevel } from "./github_command.ts";
import type { Tone } from "./paint.ts";

/** How bad a finding is: an error stops something, a warning may, and info is a remark that needs no action. */
export type Severity = "error" | "warning" | "info";

/** Lines and columns of a file, from 1; `endColumn` is behind the last character. */
export interface FileRange {
  /** Its path. */
  readonly file: string;
  /** The first line. */
  readonly line: number;
  /** The first column. */
  readonly column: number;
  /** The last line. */
  readonly endLine: number;
  /** The column behind the last character. */
  readonly endColumn: number;
}

/** What all findings say, those of lint in a file and those of a check of an account or a machine. */
export interface Finding {
  /** What found it: a rule such as `CF015`, or a check such as `image`. */
  readonly id: string;
  /** How bad it is. */
  readonly severity: Severity;
  /** A parameter, a node group, a file: absent where the place says it. */
  readonly what?: string;
  /** Where in a file; absent: it is not about a file. */
  readonly place?: FileRange;
  /** What is wrong, and the next step where there is no remedy. */
  readonly message: string;
  /** How to fix it, where the message does not say so. */
  readonly remedy?: string;
}

/** How a severity looks at a terminal and at GitHub. */
export const SEVERITIES: Readonly<Record<Severity, { readonly tone: Tone; readonly github: GithubLevel }>> = {
  error: { tone: "bad", github: "error" },
  warning: { tone: "doubtful", github: "warning" },
  info: { tone: "remark", github: "notice" },
};

/** Findings as workflow commands, which GitHub shows with a run, and next to the lines of those with a place. */
export function findingsGithub(findings: readonly Finding[]): string {
  return findings.map(({ id, severity, what, place, message, remedy }) => {
    const about = what === undefined ? message : `${what}: ${message}`;
    const text = remedy === undefined ? about : `${about}\nFix: ${remedy}`;
    return githubCommand(SEVERITIES[severity].github, { ...properties(place), title: id }, text);
  }).join("");
}

function properties(place: FileRange | undefined): Readonly<Record<string, string | number>> {
  if (place === undefined) return {};
  const { file, line, endLine, column, endColumn } = place;
  // Columns are taken only where the finding is on one line.
  const isOneLine = endLine === line && endColumn > column;
  return { file, line, endLine, col: column, ...(isOneLine && { endColumn: endColumn - 1 }) };
}
