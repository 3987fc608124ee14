import type { Action } from "../controller/action.ts";
import type { Fact } from "../controller/fact.ts";
import type { State } from "../controller/state.ts";
import { Pace, type Why } from "./pace.ts";
import type { Performed } from "./performed.ts";
import type { LoopPorts } from "./ports.ts";
import { CHANGES, CHANNEL, CHANNEL_LIMITS, narrowed, subjectsOf } from "./subjects.ts";

/** Milliseconds before the same question is asked again: whatever a rule wants, it can't spin. */
const REST = 200;
/** Waits after which a subject's past refusals count no more, milliseconds. */
const FORGET_AFTER = 10 * 60_000;
/** Refusals that pass by themselves within seconds are not news until they repeat. */
const PASSING: ReadonlySet<Why> = new Set(["throttle", "transient", "not-found", "state", "deadline"]);

/** The calls under way: one for each subject, a few in each channel, each at its pace. */
export class Flight {
  readonly #ports: Pick<LoopPorts, "perform" | "now" | "random" | "log" | "refused">;
  readonly #arrived: (facts: readonly Fact[]) => void;
  readonly #pace = new Pace();
  readonly #busy = new Set<string>();
  readonly #calls = new Map<Promise<void>, Action["kind"]>();
  readonly #said = new Map<string, number>();

  constructor(
    ports: Pick<LoopPorts, "perform" | "now" | "random" | "log" | "refused">,
    arrived: (facts: readonly Fact[]) => void,
  ) {
    this.#ports = ports;
    this.#arrived = arrived;
  }

  /** Calls under way. */
  get size(): number {
    return this.#calls.size;
  }

  /**
   * Starts what is free to start; what is not comes again with a later step.
   * @returns when the next of the refused may be tried again ({@link Now.clock}); Infinity: none waits
   */
  start(actions: readonly Action[], state: State): number {
    const { clock } = this.#ports.now();
    this.#pace.forgetBefore(clock - FORGET_AFTER);
    let retryAt = Infinity;
    const isFree = (subject: string) => {
      if (this.#busy.has(subject)) return false;
      const readyAt = this.#pace.readyAt(subject);
      if (readyAt > clock) retryAt = Math.min(retryAt, readyAt);
      return readyAt <= clock;
    };
    for (const action of actions) {
      const free = narrowed(action, isFree);
      if (free !== undefined) this.#begin(free, state);
    }
    return retryAt;
  }

  /** Calls under way that change something: what they come to must be known. */
  get changes(): number {
    return this.#changes().length;
  }

  /** Resolves when one of the calls that change something has ended. */
  async changed(): Promise<void> {
    const changes = this.#changes();
    if (changes.length > 0) await Promise.race(changes);
  }

  #changes(): Promise<void>[] {
    return [...this.#calls].filter(([, kind]) => CHANGES[kind]).map(([call]) => call);
  }

  /** Nothing when its channel is full: the end of a call there brings the next step. */
  #begin(action: Action, state: State): void {
    const channel = CHANNEL[action.kind];
    const inChannel = [...this.#calls.values()].filter((other) => CHANNEL[other] === channel).length;
    if (inChannel >= CHANNEL_LIMITS[channel]) return;
    const subjects = subjectsOf(action);
    for (const subject of subjects) this.#busy.add(subject);
    const call: Promise<void> = this.#ports.perform(action, state).then((performed) => {
      for (const subject of subjects) this.#busy.delete(subject);
      this.#calls.delete(call);
      this.#remember(action, subjects, performed);
      this.#arrived(performed.facts);
    });
    this.#calls.set(call, action.kind);
  }

  #remember(action: Action, subjects: readonly string[], { refusals }: Performed): void {
    const { now, random, log } = this.#ports;
    const { clock } = now();
    const refused = new Set(refusals.flatMap((refusal) => refusal.subjects));
    this.#pace.done(subjects.filter((subject) => !refused.has(subject)), clock, REST);
    for (const { subjects, why, message } of refusals) {
      this.#pace.refused(subjects, why, { now: clock, random: random() });
      this.#ports.refused?.(message);
      if (why === "fault") log.error(`Internal fault, please report it: ${message}`);
      else if (!PASSING.has(why) || this.#isRepeated(action.kind)) log.warn(message);
    }
    if (refusals.length === 0) this.#said.delete(action.kind);
  }

  /** Whether this kind of action has been refused before; said once, then only now and then. */
  #isRepeated(kind: Action["kind"]): boolean {
    const times = (this.#said.get(kind) ?? 0) + 1;
    this.#said.set(kind, times);
    return times === 2 || times % 20 === 0;
  }
}
