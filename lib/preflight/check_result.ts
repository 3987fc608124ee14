import type { Finding, Severity } from "../base/finding.ts";

/** What a check came to; `info` is a remark that needs no action. */
export type Status = "pass" | "info" | "warn" | "fail" | "can't tell";

/** One result of a check, for a person or a program; one that did not pass is a {@link Finding}, see asFinding(). */
export interface CheckResult {
  /** Which check, e.g. `image`. */
  readonly check: string;
  readonly status: Status;
  /** What was looked at: a parameter's name, or the place in the configuration. */
  readonly what: string;
  /** What was seen. */
  readonly evidence: string;
  /** How to fix it: a command to paste, or what to do. */
  readonly fix?: string;
  /** AWS's error code, where it refused to say. */
  readonly code?: string;
}

/**
 * Whether a result asks for action. Something that is not known does not; a refused answer does.
 */
export function isFound({ status, code }: CheckResult): boolean {
  return status === "warn" || status === "fail" || (status === "can't tell" && code !== undefined);
}

/** How many results there are of each status, those of none left out. */
export function countStatuses(results: readonly CheckResult[]): Partial<Record<Status, number>> {
  const counts: Partial<Record<Status, number>> = {};
  for (const { status } of results) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

/** How bad a result is that did not pass. */
const SEVERITY_OF: Readonly<Record<Exclude<Status, "pass">, Severity>> = {
  fail: "error",
  warn: "warning",
  "can't tell": "info",
  info: "info",
};

/** A result as the finding of a command, which GitHub shows by that name; undefined where the check passed. */
export function asFinding(
  { status, what, evidence, fix }: CheckResult,
  command: string,
): Finding | undefined {
  if (status === "pass") return undefined;
  return { id: `slurm-ec2 ${command}`, severity: SEVERITY_OF[status], what, message: evidence, remedy: fix };
}
