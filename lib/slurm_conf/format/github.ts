import { githubCommand, type GithubLevel } from "../../base/github_command.ts";
import type { Finding, Severity } from "../rule.ts";

const LEVELS: Readonly<Record<Severity, GithubLevel>> = {
  error: "error",
  warning: "warning",
  info: "notice",
};

/** Findings as workflow commands, which GitHub shows next to the lines. */
export function formatGithub(findings: readonly Finding[]): string {
  return findings.map(({ severity, file, line, column: col, endLine, endColumn, rule, message }) => {
    // Columns are taken only where the finding is on one line.
    const end: Readonly<Record<string, number>> = endLine === line && endColumn > col
      ? { endColumn: endColumn - 1 }
      : {};
    return githubCommand(LEVELS[severity], { file, line, endLine, col, ...end, title: rule }, message);
  }).join("");
}
