import type { Now } from "../controller/now.ts";

/** What a clock was at some moment; kept in the store, so that the next worker's clock goes on from there. */
export interface ClockAnchor {
  /** Which start of the machine `offset` counts from; undefined when it was not known. */
  readonly bootId: string | undefined;
  /** Milliseconds to add to the machine's uptime. */
  readonly offset: number;
  /** {@link Now.clock} then. */
  readonly clock: number;
  /** {@link Now.wall} then. */
  readonly wall: number;
}

/** What the machine says of time when a worker starts. */
export interface MachineTime {
  /** Of the machine, in milliseconds; undefined when nobody said it: a command run manually can't ask. */
  readonly uptime: number | undefined;
  /** Which start of the machine that is. */
  readonly bootId: string | undefined;
  /** Milliseconds since 1970 UTC. */
  readonly wall: number;
}

/** Milliseconds that a machine is believed to have been off or suspended at most: a wall clock that was set says years. */
const LONGEST_OFF = 24 * 3600 * 1000;

/**
 * The clock of a worker: it never goes back, goes on over restarts of the worker and of the machine, and does not
 * jump with the wall clock while the machine runs.
 */
export class Clock {
  #anchor: ClockAnchor;
  readonly #knowsUptime: boolean;
  readonly #elapsed: () => number;
  readonly #wall: () => number;
  #last: number;
  /** What `elapsed` said when the anchor was set. */
  #from: number;

  /**
   * @param stored The anchor that the store holds; undefined: there is none, the clock begins
   * @param elapsed Milliseconds since any moment, monotonic: `performance.now`
   * @param wall Milliseconds since 1970 UTC: `Date.now`
   */
  constructor(
    stored: ClockAnchor | undefined,
    machine: MachineTime,
    elapsed: () => number,
    wall: () => number,
  ) {
    this.#anchor = nextAnchor(stored, machine);
    this.#knowsUptime = machine.uptime !== undefined && machine.bootId !== undefined;
    this.#last = this.#anchor.clock;
    this.#elapsed = elapsed;
    this.#wall = wall;
    this.#from = elapsed();
  }

  /** Both clocks now. */
  now(): Now {
    this.#last = Math.max(this.#last, this.#anchor.clock + this.#elapsed() - this.#from);
    return { clock: this.#last, wall: this.#wall() };
  }

  /** Of the machine, in milliseconds; undefined when the clock was not given it. */
  uptime(): number | undefined {
    return this.#knowsUptime ? this.now().clock - this.#anchor.offset : undefined;
  }

  /** Which start of the machine {@link uptime} counts from; undefined when the clock was not given it. */
  get bootId(): string | undefined {
    return this.#knowsUptime ? this.#anchor.bootId : undefined;
  }

  /** What the store is to hold for the next worker. */
  anchor(): ClockAnchor {
    const { clock, wall } = this.now();
    return { ...this.#anchor, clock, wall };
  }

  /**
   * When something happened at this uptime of the machine ({@link Now.clock}); now, when that was before the
   * machine's last start, is not known, or lies ahead. An uptime ahead of this clock moves it on: the machine was
   * suspended, and uptime counts that.
   */
  at(uptime: number | undefined, bootId: string | undefined): number {
    const { clock } = this.now();
    if (uptime === undefined || bootId === undefined || bootId !== this.#anchor.bootId) return clock;
    const at = uptime + this.#anchor.offset;
    if (at > clock + LONGEST_OFF) return clock;
    if (at > clock) {
      this.#anchor = { ...this.#anchor, clock: at };
      this.#from = this.#elapsed();
      this.#last = at;
    }
    return Math.max(0, at);
  }
}

/** Where a clock starts, from where the last one was. */
export function nextAnchor(stored: ClockAnchor | undefined, machine: MachineTime): ClockAnchor {
  const { uptime, bootId, wall } = machine;
  if (stored === undefined) return { bootId, offset: 0, clock: uptime ?? 0, wall };
  if (uptime === undefined || bootId === undefined) {
    const off = Math.min(Math.max(0, wall - stored.wall), LONGEST_OFF);
    return { ...stored, clock: stored.clock + off, wall };
  }
  if (bootId === stored.bootId) {
    // A command run manually may have run ahead by the wall clock in between.
    const clock = Math.max(stored.clock, uptime + stored.offset);
    return { bootId, offset: clock - uptime, clock, wall };
  }
  // The machine has been up for this long since the last worker, and was off for some time before.
  const off = Math.min(Math.max(uptime, wall - stored.wall), uptime + LONGEST_OFF);
  const clock = stored.clock + off;
  return { bootId, offset: clock - uptime, clock, wall };
}

/** A stored anchor, or undefined when the value is not one. */
export function readAnchor(value: unknown): ClockAnchor | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { bootId, offset, clock, wall } = value as Record<string, unknown>;
  const whole = [offset, clock, wall].every((number) => Number.isFinite(number)) &&
    (bootId === undefined || typeof bootId === "string");
  return whole ? value as ClockAnchor : undefined;
}
