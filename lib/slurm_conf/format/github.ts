import type { Finding, Severity } from "../rule.ts";

const COMMANDS: Readonly<Record<Severity, string>> = { error: "error", warning: "warning", info: "notice" };

/**
 * Findings as workflow commands, which GitHub shows beside the lines
 * (https://docs.github.com/actions/reference/workflow-commands-for-github-actions).
 */
export function formatGithub(findings: readonly Finding[]): string {
  return findings.map((finding) => {
    const { file, line, column, endLine, endColumn, rule, message } = finding;
    // Columns are taken only where the finding is on one line.
    const columns = endLine === line && endColumn > column
      ? `,col=${column},endColumn=${endColumn - 1}`
      : `,col=${column}`;
    const place = `file=${property(file)},line=${line},endLine=${endLine}${columns}`;
    return `::${COMMANDS[finding.severity]} ${place},title=${property(rule)}::${data(message)}\n`;
  }).join("");
}

function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
