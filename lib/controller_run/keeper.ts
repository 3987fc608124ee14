import { errorText } from "../base/error_text.ts";
import type { State } from "../controller/state.ts";
import type { StepResult } from "../controller/step.ts";
import type { EventBody } from "../events/event.ts";
import { isSameStored } from "../store/store.ts";
import { logFailures } from "./failure_log.ts";
import type { LoopPorts } from "./ports.ts";

/** Events that are kept for the store while it can't be written. */
const UNSAVED_EVENTS_MAX = 10_000;

/** Keeps the state and the history on the disk, before anything is sent; where that fails, the loop goes on in memory. */
export class Keeper {
  readonly #ports: Pick<LoopPorts, "store" | "queue" | "events" | "log">;
  /** As it was committed last. */
  #stored: State;
  #unsavedEvents: EventBody[] = [];
  #isSaved = true;
  /** Requests that are in the state, but not yet for good. */
  readonly #unsavedRequests = new Set<string>();

  constructor(ports: Pick<LoopPorts, "store" | "queue" | "events" | "log">, stored: State) {
    this.#ports = ports;
    this.#stored = stored;
  }

  /** Requests that have to stay in the queue, although the state has them. */
  get unsavedRequests(): ReadonlySet<string> {
    return this.#unsavedRequests;
  }

  /** Commits what came of a step, and removes its requests from the queue once that is done. */
  async keep(result: Pick<StepResult, "state" | "events">, requests: readonly string[]): Promise<void> {
    const isSaved = this.commit(result);
    for (const id of requests) this.#unsavedRequests.add(id);
    if (!isSaved || this.#unsavedRequests.size === 0) return;
    const ids = [...this.#unsavedRequests];
    this.#unsavedRequests.clear();
    await this.#ports.queue.forget(ids);
  }

  /** Commits what came of a step; false where that is not possible, which is said once. */
  commit({ state, events }: Pick<StepResult, "state" | "events">): boolean {
    const { store, log } = this.#ports;
    for (const event of events) this.#ports.events(event);
    logFailures(log, events, state.requests);
    const due = [...this.#unsavedEvents, ...events];
    if (due.length === 0 && this.#isSaved && isSameStored(this.#stored, state)) return true;
    try {
      store.commit(state, due);
      this.#stored = state;
      if (!this.#isSaved) log.info("The state can be written again");
      this.#unsavedEvents = [];
      return this.#isSaved = true;
    } catch (error) {
      if (this.#isSaved) log.error(`The state can't be written, going on without: ${errorText(error)}`);
      this.#unsavedEvents = due.slice(-UNSAVED_EVENTS_MAX);
      return this.#isSaved = false;
    }
  }
}
