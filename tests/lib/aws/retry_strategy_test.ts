import { assert, assertEquals, assertRejects } from "@std/assert";
import { MAX_ATTEMPTS, RETRY_DELAYS_MS, retryDelay, retryStrategy } from "../../../lib/aws/retry_strategy.ts";

function answer(code: string, fields: object = {}): Error {
  return Object.assign(new Error(code), { $fault: "server", name: code, Code: code, ...fields });
}

const REPEATED: readonly unknown[] = [
  answer("InternalError"),
  answer("Unavailable"),
  answer("RequestExpired", { $metadata: { clockSkewCorrected: true } }),
  Object.assign(new Error(), { code: "ECONNRESET" }),
  Object.assign(new Error(), { code: "ECONNREFUSED" }),
];

const NOT_REPEATED: readonly unknown[] = [
  answer("RequestLimitExceeded"),
  answer("InsufficientInstanceCapacity"),
  answer("VcpuLimitExceeded"),
  answer("InvalidParameterValue"),
  answer("RequestExpired"),
  Object.assign(new Error(), { code: "ENOTFOUND" }),
  Object.assign(new Error(), { code: "ETIMEDOUT", name: "TimeoutError" }),
  Object.assign(new Error(), { name: "CredentialsProviderError" }),
  Object.assign(new Error(), { $metadata: { httpStatusCode: 502 } }),
];

Deno.test("retryDelay() repeats what may pass, a stated number of times", { permissions: "none" }, () => {
  for (const error of REPEATED) {
    assertEquals(RETRY_DELAYS_MS.map((_, done) => retryDelay(error, done, () => 1)), [...RETRY_DELAYS_MS]);
    assertEquals(retryDelay(error, RETRY_DELAYS_MS.length), undefined);
    assert(retryDelay(error, 0, () => 0)! > 0);
  }
});

Deno.test(
  "retryDelay() leaves throttling, capacity and requests to the callers",
  { permissions: "none" },
  () => {
    for (const error of NOT_REPEATED) assertEquals(retryDelay(error, 0), undefined, String(error));
  },
);

Deno.test(
  "retryStrategy() counts its tokens and refuses the one too many",
  { permissions: "none" },
  async () => {
    const strategy = retryStrategy();
    let token: { getRetryCount(): number } = await strategy.acquireInitialRetryToken();
    assertEquals(token.getRetryCount(), 0);
    for (let attempt = 2; attempt <= MAX_ATTEMPTS; attempt++) {
      token = await strategy.refreshRetryTokenForRetry(token, { error: answer("InternalError") });
      assertEquals(token.getRetryCount(), attempt - 1);
    }
    await assertRejects(
      () => strategy.refreshRetryTokenForRetry(token, { error: answer("InternalError") }),
      Error,
    );
  },
);
