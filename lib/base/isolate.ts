/** One item that failed by itself, and what it threw. */
export interface Isolated<T> {
  readonly item: T;
  readonly error: unknown;
}

/**
 * Runs a batch operation that fails as a whole for one bad item: on failure the batch is halved until the bad
 * items stand alone. Errors that `isFatal` names would fail every part, so they end the search for the batch.
 */
export async function isolate<T>(
  items: readonly T[],
  run: (items: readonly T[]) => Promise<void>,
  isFatal: (error: unknown) => boolean = () => false,
): Promise<Isolated<T>[]> {
  if (items.length === 0) return [];
  try {
    await run(items);
    return [];
  } catch (error) {
    if (items.length === 1 || isFatal(error)) return items.map((item) => ({ item, error }));
    const middle = Math.ceil(items.length / 2);
    return [
      ...await isolate(items.slice(0, middle), run, isFatal),
      ...await isolate(items.slice(middle), run, isFatal),
    ];
  }
}
