/**
 * Milliseconds to wait before try number `attempt` (counted from 1): full jitter over a doubling ceiling, so
 * that concurrent callers spread out. `random` is in 0..1.
 * https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
 */
export function backoff(
  attempt: number,
  limits: { readonly base: number; readonly cap: number },
  random: number,
): number {
  return Math.round(random * Math.min(limits.cap, limits.base * 2 ** (attempt - 1)));
}
