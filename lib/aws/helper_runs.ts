import type { HelperCredentials } from "./helper_answer.ts";

/** Milliseconds before their end from which on credentials are asked for again: the SDK's own figure. */
const RENEWED_BEFORE = 300_000;

/** What credential helpers gave, or give now, by their command: the clients of one host take it from one run. */
export class HelperRuns {
  readonly #running = new Map<string, Promise<HelperCredentials>>();

  /** What `run` gives for a command, or what it gave, unless that is about to end. Rejects as `run` does. */
  async once(command: string, run: () => Promise<HelperCredentials>): Promise<HelperCredentials> {
    const last = this.#running.get(command);
    if (last !== undefined && isFresh(await last)) return await last;
    // Of several that have waited, the first runs it again.
    const running = this.#running.get(command) === last ? run() : this.#running.get(command)!;
    this.#running.set(command, running);
    try {
      return await running;
    } catch (error) {
      if (this.#running.get(command) === running) this.#running.delete(command);
      throw error;
    }
  }
}

function isFresh({ expiration }: HelperCredentials): boolean {
  return expiration === undefined || expiration.getTime() - Date.now() >= RENEWED_BEFORE;
}
