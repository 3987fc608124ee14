import { errorClass } from "../aws/error_codes.ts";
import { tokensAnswered, tokensThrottled } from "../capacity/tokens.ts";
import type { Draft } from "./draft.ts";
import type { LaunchRecord, Refusal } from "./state.ts";

/** Whether EC2 refused a call for its rate: nothing is known of capacity. */
export function isThrottle(code: string): boolean {
  return errorClass(code) === "throttle";
}

/** A launch was answered by that number of instances; 0: refused, and not for its rate. */
export function rememberAnswer(draft: Draft, { nodes, at: sentAt }: LaunchRecord, got: number): void {
  const { now: { clock: now }, context } = draft;
  const batch = context.config.limits.launchBatch;
  draft.tokens = tokensAnswered(draft.tokens, { size: nodes.length, got, batch, sentAt, now });
}

/** A launch was refused for its rate. */
export function rememberThrottle(
  draft: Draft,
  { nodes, at: sentAt }: LaunchRecord,
  { code, message }: Refusal,
): void {
  const { now: { clock: now }, context: { random = () => 0.5 } } = draft;
  draft.tokens = tokensThrottled(draft.tokens, {
    size: nodes.length,
    sentAt,
    now,
    random: random(),
    code,
    message,
  });
}
