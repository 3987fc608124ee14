import { AwsError } from "./aws_error.ts";
import { errorClass } from "./error_codes.ts";

/** Calls by operation, e.g. `{ RunInstances: 2 }`. */
export type CallCounts = Record<string, number>;

/**
 * The same port, counting each call under its operation's name as AWS spells it.
 * Only methods are counted; a call counts whether it succeeds or not. `throttled` counts those that AWS refused for too
 * many calls: nothing below repeats such a call.
 */
export function countCalls<T extends object>(api: T, counts: CallCounts, throttled: CallCounts = {}): T {
  return new Proxy(api, {
    get(target, property, receiver) {
      const member = Reflect.get(target, property, receiver);
      if (typeof member !== "function" || typeof property !== "string") return member;
      return (...args: unknown[]) => {
        const operation = property[0]!.toUpperCase() + property.slice(1);
        counts[operation] = (counts[operation] ?? 0) + 1;
        const answer: unknown = member.apply(target, args);
        if (answer instanceof Promise) {
          answer.catch((error: unknown) => {
            if (!(error instanceof AwsError) || errorClass(error.code) !== "throttle") return;
            throttled[operation] = (throttled[operation] ?? 0) + 1;
          });
        }
        return answer;
      };
    },
  });
}
