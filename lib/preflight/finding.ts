/** What a check came to; `info` is a remark that nobody need act on. */
export type Status = "pass" | "info" | "warn" | "fail" | "can't tell";

/** One result of a check, for a person or a program. */
export interface Finding {
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
 * Whether a finding is one that somebody must act on. Something that is not known is not; being
 * refused an answer is.
 */
export function isFound({ status, code }: Finding): boolean {
  return status === "warn" || status === "fail" || (status === "can't tell" && code !== undefined);
}

/** How many findings there are of each status, those of none left out. */
export function countStatuses(findings: readonly Finding[]): Partial<Record<Status, number>> {
  const counts: Partial<Record<Status, number>> = {};
  for (const { status } of findings) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}
