/** Records by key, copied only when one of them changes, so that an untouched map stays the very same object. */
export class Table<K, V> {
  readonly #before: ReadonlyMap<K, V>;
  #now: Map<K, V> | undefined;

  constructor(before: ReadonlyMap<K, V>) {
    this.#before = before;
  }

  /** The records as they are now: the map that was given as long as nothing has changed. */
  get map(): ReadonlyMap<K, V> {
    return this.#now ?? this.#before;
  }

  get(key: K): V | undefined {
    return this.map.get(key);
  }

  /** Puts a record in; the same object again changes nothing. */
  set(key: K, value: V): void {
    if (this.map.get(key) === value) return;
    this.#now ??= new Map(this.#before);
    this.#now.set(key, value);
  }

  delete(key: K): void {
    if (!this.map.has(key)) return;
    this.#now ??= new Map(this.#before);
    this.#now.delete(key);
  }
}
