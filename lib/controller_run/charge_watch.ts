import type { Action } from "../controller/action.ts";
import type { LoopPorts } from "./ports.ts";
import { CHANGES } from "./subjects.ts";

/** Between two questions whether this host is in charge, while it is not; milliseconds. */
const ASK_EVERY = 5_000;
/** How long a worker that is not in charge waits to become it: a slurmctld that restarts is back by then; milliseconds. */
const WAIT_FOR_CHARGE = 60_000;
/**
 * Milliseconds after a yes for which nobody can have taken over and given back: `scontrol takeover` alone takes 2 s, and
 * a primary that comes back 1 to 29 s (22.05.8, 24.11.5 and 26.05.5 looked at).
 */
const BELIEVED = 2_000;

/** Who of two hosts acts: asked before anything is changed, since hooks and workers outlive the role of their host. */
export class ChargeWatch {
  readonly #ports: Pick<LoopPorts, "whyNotInCharge" | "now" | "log">;
  #withoutSince: number | undefined;
  #askedAt = -Infinity;

  constructor(ports: Pick<LoopPorts, "whyNotInCharge" | "now" | "log">) {
    this.#ports = ports;
  }

  /**
   * Of these actions those that may be performed: all, or only those that change nothing. `regained`: this host has
   * become the one in charge again, and what was to be done is an old answer by now.
   */
  async permitted(
    actions: readonly Action[],
  ): Promise<{ readonly actions: readonly Action[]; readonly regained: boolean }> {
    const { whyNotInCharge, now, log } = this.#ports;
    if (whyNotInCharge === undefined || !actions.some(({ kind }) => CHANGES[kind])) {
      return { actions, regained: false };
    }
    const { clock } = now();
    const mustWait = this.#withoutSince !== undefined && clock - this.#askedAt < ASK_EVERY;
    const why = mustWait ? "it was not a moment ago" : await whyNotInCharge();
    const isYes = why === undefined;
    // An answer is as old as its question.
    if (!mustWait) this.#askedAt = clock;
    if (isYes && this.#withoutSince === undefined) return { actions, regained: false };
    if (isYes) this.#withoutSince = undefined;
    else if (this.#withoutSince === undefined) {
      this.#withoutSince = clock;
      log.warn(`Nothing is changed from here: ${why}`);
    }
    return { actions: actions.filter(({ kind }) => !CHANGES[kind]), regained: isYes };
  }

  /** Whether another host may have acted since this one was last known to be in charge. */
  mayBeOld(): boolean {
    const { whyNotInCharge, now } = this.#ports;
    return whyNotInCharge !== undefined && now().clock - this.#askedAt > BELIEVED;
  }

  /** Milliseconds until the next question; Infinity while this host is in charge. */
  get wait(): number {
    return this.#withoutSince === undefined ? Infinity : ASK_EVERY;
  }

  /** Whether this host has not been in charge for so long that its worker is of no use. */
  isLong(): boolean {
    return this.#withoutSince !== undefined &&
      this.#ports.now().clock - this.#withoutSince >= WAIT_FOR_CHARGE;
  }
}
