import { AwsError } from "../aws/aws_error.ts";
import { errorClass } from "../aws/error_codes.ts";
import { errorText } from "../base/error_text.ts";
import type { Fact } from "../controller/fact.ts";
import type { Refusal } from "../controller/state.ts";
import { ScontrolError } from "../slurm/scontrol_api.ts";
import type { Why } from "./pace.ts";

/** Subjects of an action that were refused by one call. */
export interface Refused {
  readonly subjects: readonly string[];
  readonly why: Why;
  /** A sentence for the log. */
  readonly message: string;
}

/** What came of an action; subjects that no refusal names went through. */
export interface Performed {
  readonly facts: readonly Fact[];
  readonly refusals: readonly Refused[];
}

/** A refusal as data, of EC2, SSM or slurmctld alike. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof AwsError) {
    return {
      code: error.code,
      message: error.message,
      ...(error.requestId !== undefined && { requestId: error.requestId }),
    };
  }
  return { code: "InternalFault", message: errorText(error) };
}

/** How long to wait after an error depends on whose it is. */
export function whyOf(error: unknown): Why {
  if (error instanceof AwsError) return errorClass(error.code);
  if (error instanceof ScontrolError) {
    return error.kind === "refused" ? "slurmctld-refused" : "slurmctld-away";
  }
  return "fault";
}
