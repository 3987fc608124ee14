import { findingsGithub } from "../../base/finding.ts";
import type { LintFinding } from "../rule.ts";

/** Findings as workflow commands, which GitHub shows next to the lines. */
export function formatGithub(findings: readonly LintFinding[]): string {
  return findingsGithub(
    findings.map(({ rule, severity, message, ...place }) => ({ id: rule, severity, message, place })),
  );
}
