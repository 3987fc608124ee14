import { ERROR_CLASSES, type ErrorClass } from "../aws/error_codes.ts";
import { formatReason } from "./reason.ts";

/**
 * What becomes of a node that could not be powered up. `down`: a cooldown, the node stays out of scheduling
 * until a time; `powered-down`: given back at once, the scheduler may try again.
 */
export type FailureVerdict = {
  readonly kind: "down";
  readonly reason: string;
  /** Milliseconds since 1970 UTC. */
  readonly until: number;
} | {
  readonly kind: "powered-down";
  readonly reason: string;
};

/**
 * The verdict on nodes that got no instance, from the refusal's code, class and message.
 * @param clock the time in milliseconds since 1970 UTC, and `limits.cooldown` in seconds
 */
export function failureVerdict(
  refusal: { readonly code: string; readonly message: string },
  errorClass: ErrorClass,
  clock: { readonly now: number; readonly cooldown: number },
): FailureVerdict {
  const { rest } = ERROR_CLASSES[errorClass];
  if (rest === 0) return tryAgain(refusal);
  const until = clock.now + rest * clock.cooldown * 1000;
  const { code, message } = refusal;
  return { kind: "down", reason: formatReason({ code, message, until }), until };
}

/** The verdict by which nodes go back to Slurm at once. */
export function tryAgain(
  { code, message }: { readonly code: string; readonly message: string },
): FailureVerdict {
  return { kind: "powered-down", reason: formatReason({ code, message }) };
}
