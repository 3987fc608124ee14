import { AwsError } from "./aws_error.ts";
import type { CallOptions } from "./ec2_api.ts";
import { REQUEST_ABORTED } from "./error_codes.ts";

/**
 * Seconds that hooks wait for the answer to one call of a service; the SDK's own limits are for each of its tries.
 * Commands that check what hooks do have the same limits, or say where theirs are shorter.
 */
export const CALL_LIMITS = { ec2: 60, ssm: 20 } as const;

/**
 * The same port with a limit of `seconds` on each call: it then throws {@link AwsError} `RequestAborted`, also
 * where the port underneath does not listen to its signal. The call may have been carried out all the same.
 */
export function limitCalls<T extends object>(api: T, seconds: number): T {
  return new Proxy(api, {
    get(target, property, receiver) {
      const member = Reflect.get(target, property, receiver);
      if (typeof member !== "function" || typeof property !== "string") return member;
      const operation = property[0]!.toUpperCase() + property.slice(1);
      return (input: unknown, options?: CallOptions) =>
        limited(operation, seconds, options?.signal, (signal) => member.call(target, input, { signal }));
    },
  });
}

async function limited(
  operation: string,
  seconds: number,
  outer: AbortSignal | undefined,
  call: (signal: AbortSignal) => Promise<unknown>,
): Promise<unknown> {
  const limit = new AbortController();
  const signal = outer === undefined ? limit.signal : AbortSignal.any([limit.signal, outer]);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const message = `${operation} had no answer within ${seconds} s`;
      reject(new AwsError({ code: REQUEST_ABORTED, message, operation }));
      limit.abort();
    }, seconds * 1000);
  });
  try {
    return await Promise.race([call(signal), late]);
  } finally {
    clearTimeout(timer);
  }
}
