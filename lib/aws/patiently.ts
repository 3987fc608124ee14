import { backoff } from "../base/backoff.ts";
import { AwsError } from "./aws_error.ts";
import { errorRule } from "./error_codes.ts";

/** What waiting needs: a clock, a way to sleep, chance, and when to give up. */
export interface Patience {
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** 0..1. */
  readonly random: () => number;
  /** Milliseconds since 1970 UTC after which nothing is tried again. */
  readonly deadline: number;
}

/**
 * Milliseconds between tries of a throttled call. EC2's smallest bucket, RunInstances, refills 2 tokens a
 * second: less than half a second gains nothing, and the five launches that a hook has in flight take what it
 * refills when each waits 2 seconds, which is the mean below a cap of 4; a higher one leaves tokens unused.
 * https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
 */
const THROTTLE_BACKOFF = { base: 500, cap: 4_000 };

/** Tries of a call that gets no valid answer: a dead endpoint is not worth a job's whole ResumeTimeout. */
const UNANSWERED_TRIES = 3;

/**
 * Makes a call, and again while AWS throttles it or has a passing fault, until the deadline; a call without a
 * valid answer is made {@link UNANSWERED_TRIES} times. The call must be safe to repeat: a read, or one with a
 * client token.
 * @throws {AwsError} the last one, when the deadline is near or the error would not pass by waiting
 */
export async function patiently<T>(patience: Patience, call: () => Promise<T>): Promise<T> {
  let unanswered = 0;
  for (let attempt = 1;; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const { repeat } = errorRule(error.code);
      if (repeat === "thrice") unanswered++;
      if (repeat === "never" || unanswered === UNANSWERED_TRIES) throw error;
      const wait = backoff(attempt, THROTTLE_BACKOFF, patience.random());
      if (patience.now() + wait > patience.deadline) throw error;
      await patience.sleep(wait);
    }
  }
}
