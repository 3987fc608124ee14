import { bootSteps } from "../../cluster/boot_steps.ts";
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

/** How long one part of the boots took. */
export interface StepRow {
  /** As the boot script names it; `kernel` is what comes before the script. */
  readonly name: string;
  readonly seconds: Spread;
}

/** Sums up where the time of boots went, one after the other. */
export class BootStepSum {
  readonly #steps = new Map<string, Durations>();

  /** Takes the steps of one boot in, as an event has them. */
  add(text: string): void {
    const [first, ...more] = bootSteps(text);
    if (first === undefined) return;
    this.#take("kernel", first.from);
    for (const { name, seconds } of [first, ...more]) if (seconds !== undefined) this.#take(name, seconds);
  }

  #take(name: string, seconds: number): void {
    const known = this.#steps.get(name) ?? new Durations();
    this.#steps.set(name, known);
    known.add(seconds);
  }

  /** A row for each part, in the order of a boot. */
  rows(): StepRow[] {
    return [...this.#steps].map(([name, seconds]) => ({ name, seconds: seconds.spread()! }));
  }
}

interface Kind {
  failed: number;
  readonly seconds: Durations;
}

/** How long a boot took; slurmd's clock and EC2's may differ, and a boot of less than no time took none. */
export function bootSeconds({ began, up }: { readonly began: number; readonly up: number }): number {
  return Math.max(0, up - began) / 1000;
}

/** Counts boots by a key, one after the other. */
export class Boots {
  readonly #keyOf: (lifetime: Lifetime) => string;
  readonly #kinds = new Map<string, Kind>();

  constructor(keyOf: (lifetime: Lifetime) => string) {
    this.#keyOf = keyOf;
  }

  /**
   * Takes one lifetime in; what still boots does not count yet, nor does a boot whose node said where its time went but
   * was powered down before it was seen up: it did not fail, and how long it took is not known.
   * @param saidSteps when the instance's node last said so: milliseconds since 1970 UTC
   */
  add(lifetime: Lifetime, saidSteps = -Infinity): void {
    const { began, up, ended } = lifetime;
    if (up === undefined && (ended === undefined || saidSteps >= began)) return;
    const key = this.#keyOf(lifetime);
    const kind = this.#kinds.get(key) ?? { failed: 0, seconds: new Durations() };
    this.#kinds.set(key, kind);
    if (up === undefined) kind.failed++;
    else kind.seconds.add(bootSeconds({ began, up }));
  }

  /** A row for each key, in their order. */
  rows(): BootRow[] {
    return [...this.#kinds].sort(([a], [b]) => a < b ? -1 : 1).map(([name, { failed, seconds }]) => {
      const spread = seconds.spread();
      return { name, failed, ...(spread !== undefined && { seconds: spread }) };
    });
  }
}
