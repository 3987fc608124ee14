import { errorRule } from "./error_codes.ts";
import { sdkErrorCode } from "./sdk_error.ts";

/**
 * Longest waits before the first and the second repetition inside one call, in milliseconds. Short, because the
 * callers have deadlines of seconds; the SDK's own strategy waits up to 2 s for a throttled call and repeats
 * InsufficientInstanceCapacity, since that arrives with a 5xx status
 * (https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html).
 */
export const RETRY_DELAYS_MS: readonly number[] = [100, 400];

/** One try and its repetitions, as the SDK's `maxAttempts` counts them. */
export const MAX_ATTEMPTS: number = 1 + RETRY_DELAYS_MS.length;

/**
 * Milliseconds to wait before a failed call is repeated, or undefined when it is not: AWS's internal errors and
 * broken connections are; throttling and capacity are for the callers, who know tokens and other pools; an
 * answer that did not come in time is not, because it used the time up. Every call of ours may be repeated: a
 * launch carries a client token, the others are idempotent.
 */
export function retryDelay(
  error: unknown,
  retriesDone: number,
  random: () => number = Math.random,
): number | undefined {
  const limit = RETRY_DELAYS_MS[retriesDone];
  if (limit === undefined || !isWorthRepeating(error)) return undefined;
  return limit / 2 + random() * limit / 2;
}

/** The fields by which failures of a connection, and of the clock, are distinguished. */
interface Failure {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly $metadata?: { readonly clockSkewCorrected?: boolean };
}

/** DNS, certificates, permission and proxies do not go away within half a second; these may. */
const PASSING_FAILURES: ReadonlySet<unknown> = new Set(["ECONNRESET", "ECONNREFUSED", "EPIPE", "EAI_AGAIN"]);

function isWorthRepeating(error: unknown): boolean {
  const { code, $metadata } = (error ?? {}) as Failure;
  if ($metadata?.clockSkewCorrected) return true;
  return PASSING_FAILURES.has(code) || errorRule(sdkErrorCode(error)).repeat === "at-once";
}

/** The SDK's idea of a token for repetitions. */
export interface RetryToken {
  /** Repetitions so far. */
  getRetryCount(): number;
  /** Milliseconds to wait before the next. */
  getRetryDelay(): number;
  /** Nothing: the number of repetitions is limit enough. */
  getRetryCost(): number | undefined;
}

/** What the SDK's clients take as `retryStrategy` (`RetryStrategyV2` of @smithy/types). */
export interface RetryStrategy {
  /** The token of a first try. */
  acquireInitialRetryToken(): Promise<RetryToken>;
  /** The token of a repetition; rejects when there is to be none. */
  refreshRetryTokenForRetry(
    last: Pick<RetryToken, "getRetryCount">,
    failure: { readonly error?: unknown },
  ): Promise<RetryToken>;
  /** Called at every success. */
  recordSuccess(): void;
}

/** {@link retryDelay} in the form that the SDK's clients take as `retryStrategy`. */
export function retryStrategy(): RetryStrategy {
  return {
    acquireInitialRetryToken: () => Promise.resolve(token(0, 0)),
    refreshRetryTokenForRetry(last, { error }) {
      const delay = retryDelay(error, last.getRetryCount());
      if (delay === undefined) return Promise.reject(new Error("Not repeated"));
      return Promise.resolve(token(last.getRetryCount() + 1, delay));
    },
    recordSuccess: () => {},
  };
}

function token(count: number, delay: number): RetryToken {
  return { getRetryCount: () => count, getRetryDelay: () => delay, getRetryCost: () => undefined };
}
