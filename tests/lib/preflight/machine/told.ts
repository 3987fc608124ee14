import type { CheckResult } from "../../../../lib/preflight/check_result.ts";

/** `status: evidence` of each finding. */
export function told(findings: readonly CheckResult[]): string[] {
  return findings.map(({ status, evidence }) => `${status}: ${evidence}`);
}

/** What a check must say of facts, by the beginning of each finding; every fail and warn has a fix. */
export function assertTold(findings: readonly CheckResult[], wanted: readonly string[], what: string): void {
  const lines = told(findings);
  const isRight = lines.length === wanted.length &&
    lines.every((line, index) => line.startsWith(wanted[index]!));
  if (!isRight) throw new Error(`${what}\nwanted ${JSON.stringify(wanted)}\ngot    ${JSON.stringify(lines)}`);
  const helpless = findings.find(({ status, fix }) => ["fail", "warn"].includes(status) && fix === undefined);
  if (helpless) throw new Error(`${what}: no fix for "${helpless.evidence}"`);
}
