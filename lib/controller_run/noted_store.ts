import type { State } from "../controller/state.ts";
import type { EventBody } from "../events/event.ts";
import type { GuardedStore } from "../store/guarded_store.ts";
import type { History, Retention } from "../store/history.ts";
import type { Store } from "../store/store.ts";
import type { CallLedger } from "./call_ledger.ts";

/** A store whose history also gets the calls of AWS, along with what is committed anyway. */
export class NotedStore implements Store {
  readonly #inner: GuardedStore;
  readonly #ledger: CallLedger;

  constructor(inner: GuardedStore, ledger: CallLedger) {
    this.#inner = inner;
    this.#ledger = ledger;
  }

  /** Whether the next worker finds what was committed last. */
  get kept(): boolean {
    return this.#inner.kept;
  }

  load(): State {
    return this.#inner.load();
  }

  commit(next: State, events: readonly EventBody[]): void {
    this.#inner.commit(next, [...events, ...this.#ledger.due()]);
  }

  /** Notes the calls that are not noted yet; for the end of a run whose state is still its own. */
  noteRest(): void {
    const rest = this.#ledger.rest();
    if (rest.length > 0) this.#inner.commit(this.#inner.load(), rest);
  }

  get history(): History {
    return this.#inner.history;
  }

  prune(retention: Retention): number {
    return this.#inner.prune(retention);
  }

  isInPlace(): boolean {
    return this.#inner.isInPlace();
  }

  close(): void {
    this.#inner.close();
  }
}
