import { errorText } from "../base/error_text.ts";
import type { State } from "../controller/state.ts";
import type { EventBody } from "../events/event.ts";
import type { History, Retention } from "./history.ts";
import type { MemoryStore } from "./memory.ts";
import type { Store } from "./store.ts";

/** Milliseconds between two tries to write again. */
const TRY_AGAIN = 60_000;

/** What a guarded store does when its file fails. */
export interface Guard {
  /**
   * A new file for the whole state, in the place of what is there, which is set aside.
   * @throws {Error} when that can't be written either
   */
  readonly renew: (state: State) => Store;
  /** Sets the file aside, so that nobody takes it for the last word. @throws {Error} */
  readonly setAside: () => void;
  /** Whether the name of the directory stands for another one than it did. */
  readonly isDirectoryReplaced: () => boolean;
  /** Says one sentence to the administrator. */
  readonly say: (sentence: string) => void;
  /** Milliseconds, monotonic. */
  readonly clock: () => number;
  readonly path: string;
  /** Whether what can't be written is thrown, and the file left as it is. */
  readonly isOneChange?: boolean;
  readonly memory: (state: State) => MemoryStore;
}

/**
 * A store that never fails: jobs must start on a full disk, too. When its file can't be written it is set aside,
 * because what it holds is no longer true, and the state lasts as long as the worker; each minute a new file is
 * tried.
 */
export class GuardedStore implements Store {
  #inner: Store;
  readonly #guard: Guard;
  #kept: boolean;
  #triedAt: number;

  /** @param kept Whether `inner` outlives the process */
  constructor(inner: Store, kept: boolean, guard: Guard) {
    this.#inner = inner;
    this.#kept = kept;
    this.#guard = guard;
    this.#triedAt = guard.clock();
  }

  /** Whether the next worker finds what was committed last. */
  get kept(): boolean {
    return this.#kept;
  }

  load(): State {
    return this.#inner.load();
  }

  commit(next: State, events: readonly EventBody[]): void {
    if (this.#kept && !this.#inner.isInPlace()) this.#moveAfterRemoval();
    else if (!this.#kept && this.#guard.clock() - this.#triedAt >= TRY_AGAIN) this.#tryAgain();
    try {
      this.#inner.commit(next, events);
    } catch (error) {
      if (this.#guard.isOneChange) throw error;
      this.#goOnInMemory(error, next, events);
    }
  }

  get history(): History {
    return this.#inner.history;
  }

  prune(retention: Retention): number {
    try {
      return this.#inner.prune(retention);
    } catch {
      // A commit will say what is wrong.
      return 0;
    }
  }

  /** A file that is gone is written again; only a new directory has a lock that others may hold by now. */
  isInPlace(): boolean {
    return !this.#guard.isDirectoryReplaced();
  }

  close(): void {
    this.#inner.close();
  }

  #goOnInMemory(error: unknown, next: State, events: readonly EventBody[]): void {
    const { path, memory, setAside, say } = this.#guard;
    const state = this.#inner.load();
    this.#replace(memory(state), false);
    say(
      `Can't write ${path} (${
        errorText(error)
      }): going on without it, and trying again each minute; make room there, or make it writable`,
    );
    try {
      setAside();
    } catch {
      // Then nothing in this directory can be changed. The file stays, and what it says grows old.
    }
    this.#inner.commit(next, events);
  }

  #moveAfterRemoval(): void {
    const { path, renew, say, memory } = this.#guard;
    const state = this.#inner.load();
    try {
      this.#replace(renew(state), true);
      say(`${path} was removed or replaced while it was in use: it is written again, its history is lost`);
    } catch (error) {
      this.#replace(memory(state), false);
      say(
        `${path} was removed or replaced while it was in use, and can't be written again (${
          errorText(error)
        }): going on without it`,
      );
    }
  }

  #tryAgain(): void {
    this.#triedAt = this.#guard.clock();
    try {
      this.#replace(this.#guard.renew(this.#inner.load()), true);
      this.#guard.say(`${this.#guard.path} can be written again`);
    } catch {
      // It was said when it began.
    }
  }

  #replace(store: Store, kept: boolean): void {
    try {
      this.#inner.close();
    } catch {
      // It is of no use any more.
    }
    this.#inner = store;
    this.#kept = kept;
    this.#triedAt = this.#guard.clock();
  }
}
