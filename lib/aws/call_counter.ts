/** Calls by operation, e.g. `{ RunInstances: 2 }`. */
export type CallCounts = Record<string, number>;

/**
 * The same port, counting each call under its operation's name as AWS spells it.
 * Only methods are counted; a call counts whether it succeeds or not.
 */
export function countCalls<T extends object>(api: T, counts: CallCounts): T {
  return new Proxy(api, {
    get(target, property, receiver) {
      const member = Reflect.get(target, property, receiver);
      if (typeof member !== "function" || typeof property !== "string") return member;
      return (...args: unknown[]) => {
        const operation = property[0]!.toUpperCase() + property.slice(1);
        counts[operation] = (counts[operation] ?? 0) + 1;
        return member.apply(target, args);
      };
    },
  });
}
