/** One item that failed by itself, and what it threw. */
export interface Isolated<T> {
  readonly item: T;
  readonly error: unknown;
}

/** Failing runs after which a search ends: enough for a hundred bad items, few enough to wait for. */
const FAILURES_MAX = 200;

/**
 * Runs a batch operation that fails as a whole for one bad item: on failure the batch is halved until the bad
 * items stand alone. Errors that `isFatal` names would fail every part, so they end the search for the batch;
 * so does the {@link FAILURES_MAX}th failure, since then hardly any item is good.
 */
export async function isolate<T>(
  items: readonly T[],
  run: (items: readonly T[]) => Promise<void>,
  isFatal: (error: unknown) => boolean = () => false,
): Promise<Isolated<T>[]> {
  let failures = 0;
  const search = async (part: readonly T[]): Promise<Isolated<T>[]> => {
    if (part.length === 0) return [];
    try {
      await run(part);
      return [];
    } catch (error) {
      failures++;
      if (part.length === 1 || failures >= FAILURES_MAX || isFatal(error)) {
        return part.map((item) => ({ item, error }));
      }
      const middle = Math.ceil(part.length / 2);
      return [...await search(part.slice(0, middle)), ...await search(part.slice(middle))];
    }
  };
  return await search(items);
}
