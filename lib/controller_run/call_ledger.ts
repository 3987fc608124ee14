import type { CallCounts } from "../aws/call_counter.ts";
import type { EventBody } from "../events/event.ts";

/** Milliseconds between two notes of a worker that goes on. */
const NOTE_EVERY = 300_000;

/** What of the calls of AWS the history has not got yet. */
export class CallLedger {
  readonly #counts: CallCounts;
  readonly #throttled: CallCounts;
  readonly #clock: () => number;
  #noted: { readonly counts: CallCounts; readonly throttled: CallCounts };
  #at: number;

  /**
   * @param counts Calls so far by operation, kept up to date by others
   * @param throttled Those of them that AWS refused for too many calls
   * @param clock Milliseconds, monotonic
   */
  constructor(counts: CallCounts, throttled: CallCounts, clock: () => number) {
    this.#counts = counts;
    this.#throttled = throttled;
    this.#clock = clock;
    this.#noted = { counts: { ...counts }, throttled: { ...throttled } };
    this.#at = clock();
  }

  /** The event that is due: one in five minutes. */
  due(): EventBody[] {
    return this.#clock() - this.#at < NOTE_EVERY ? [] : this.rest();
  }

  /** The event of all that is not noted yet; none where nothing was called. */
  rest(): EventBody[] {
    this.#at = this.#clock();
    const calls = difference(this.#counts, this.#noted.counts);
    const throttled = difference(this.#throttled, this.#noted.throttled);
    this.#noted = { counts: { ...this.#counts }, throttled: { ...this.#throttled } };
    return Object.keys(calls).length === 0 && Object.keys(throttled).length === 0
      ? []
      : [{ kind: "calls", calls, throttled }];
  }
}

function difference(now: CallCounts, before: CallCounts): CallCounts {
  return Object.fromEntries(
    Object.entries(now).map(([name, count]) => [name, count - (before[name] ?? 0)] as const)
      .filter(([, count]) => count > 0),
  );
}
