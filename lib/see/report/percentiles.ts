/** How long something took; seconds. */
export interface Spread {
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly most: number;
}

/** Counts durations by tenths of a second: a month of boots takes no more room than a day's. */
export class Durations {
  readonly #counts = new Map<number, number>();
  #count = 0;

  /** Takes one in; what is below 0 counts as 0. */
  add(seconds: number): void {
    const tenths = Math.max(0, Math.round(seconds * 10));
    this.#counts.set(tenths, (this.#counts.get(tenths) ?? 0) + 1);
    this.#count++;
  }

  /** Their spread (nearest rank); undefined where there are none. */
  spread(): Spread | undefined {
    if (this.#count === 0) return undefined;
    const sorted = [...this.#counts].sort(([a], [b]) => a - b);
    const rank = (part: number) => {
      let left = Math.max(1, Math.ceil(part * this.#count));
      return sorted.find(([, count]) => (left -= count) <= 0)![0] / 10;
    };
    return { count: this.#count, p50: rank(0.5), p90: rank(0.9), p99: rank(0.99), most: rank(1) };
  }
}
