import type { Lifetime } from "../../store/lifetime.ts";
import { Durations, type Spread } from "./percentiles.ts";

/** How boots of one kind went. */
export interface BootRow {
  readonly name: string;
  /** Instances that ended without having come up. */
  readonly failed: number;
  /** From launch to slurmd's start; absent: none came up. */
  readonly seconds?: Spread;
}

interface Kind {
  failed: number;
  readonly seconds: Durations;
}

/** Counts boots by a key, one after the other. */
export class Boots {
  readonly #keyOf: (lifetime: Lifetime) => string;
  readonly #kinds = new Map<string, Kind>();

  constructor(keyOf: (lifetime: Lifetime) => string) {
    this.#keyOf = keyOf;
  }

  /** Takes one lifetime in; what still boots does not count yet. */
  add(lifetime: Lifetime): void {
    const { began, up, ended } = lifetime;
    if (up === undefined && ended === undefined) return;
    const key = this.#keyOf(lifetime);
    const kind = this.#kinds.get(key) ?? { failed: 0, seconds: new Durations() };
    this.#kinds.set(key, kind);
    if (up === undefined) kind.failed++;
    else kind.seconds.add((up - began) / 1000);
  }

  /** A row for each key, in their order. */
  rows(): BootRow[] {
    return [...this.#kinds].sort(([a], [b]) => a < b ? -1 : 1).map(([name, { failed, seconds }]) => {
      const spread = seconds.spread();
      return { name, failed, ...(spread !== undefined && { seconds: spread }) };
    });
  }
}
