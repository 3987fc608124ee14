import type { CheckResult } from "../check_result.ts";
import type { Unanswered } from "./machine.ts";

/** What a finding is about. */
export interface About {
  readonly check: string;
  readonly what: string;
}

/** A finding about one thing. */
export function found(
  { check, what }: About,
  status: CheckResult["status"],
  evidence: string,
  fix?: string,
): CheckResult {
  return { check, status, what, evidence, ...(fix !== undefined && { fix }) };
}

/** That something could not be found out, which of the three ways it failed in, and what to do. */
export function cannotTell(about: About, why: Unanswered): CheckResult {
  switch (why.kind) {
    case "missing":
      return found(about, "can't tell", `there is no ${why.program} on this machine`);
    case "cut":
      return {
        ...found(about, "can't tell", `${why.what} had not ended after ${why.seconds} s: given up`),
        code: "Timeout",
        fix: "run that manually and see what it waits for; see dmesg",
      };
    case "denied":
      return {
        ...found(about, "can't tell", `this slurm-ec2 was started without the permission to ${why.what}`),
        code: "NotCapable",
        fix: "run doctor with the portable program (deno task compile --portable) or from the sources",
      };
  }
}
