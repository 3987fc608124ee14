import { EMPTY_STATE, type State } from "../controller/state.ts";
import type { EventBody } from "../events/event.ts";
import type { History, HistoryQuery, PastEvent, Retention } from "./history.ts";
import { type Lifetime, lifetimeOf, overlaps } from "./lifetime.ts";
import { type Store, withoutMemory } from "./store.ts";
import { subjectsOf } from "./subjects.ts";

/** Events that are kept: a worker that can't write may run for long. */
const KEEP_EVENTS = 10_000;

/** A store that lasts as long as the process: where nothing can be written, and in tests. */
export class MemoryStore implements Store {
  #state: State;
  #events: PastEvent[] = [];
  #lastId = 0;
  readonly #run: string;
  readonly #wall: () => number;

  /**
   * @param options.run Id of the run that writes the events
   * @param options.wall Milliseconds since 1970 UTC
   * @param options.state What it begins with
   */
  constructor(options: { readonly run: string; readonly wall: () => number; readonly state?: State }) {
    this.#state = options.state ?? EMPTY_STATE;
    this.#run = options.run;
    this.#wall = options.wall;
  }

  load(): State {
    return this.#state;
  }

  commit(next: State, events: readonly EventBody[]): void {
    this.#state = withoutMemory(next);
    const [time, run] = [this.#wall(), this.#run];
    for (const body of events) this.#events.push({ id: ++this.#lastId, time, run, body });
    if (this.#events.length > 2 * KEEP_EVENTS) this.#events = this.#events.slice(-KEEP_EVENTS);
  }

  readonly history: History = {
    read: (query) => {
      const fitting = this.#events.filter((event) => fits(event, query));
      return query.limit > 0 ? fitting.slice(-query.limit) : [];
    },
    scan: ({ from, to, kinds }, visit) => {
      for (const { time, body } of this.#events) {
        if (time >= from && time < to && kinds.includes(body.kind)) visit(time, body);
      }
    },
    after: ({ id, kinds, limit }) =>
      this.#events.filter((event) => event.id > id && kinds.includes(event.body.kind)).slice(0, limit),
    last: () => this.#events.at(-1)?.id ?? 0,
    lifetimes: (from, to) => lifetimesOf(this.#events).filter((lifetime) => overlaps(lifetime, from, to)),
    extent: () => ({ count: this.#events.length, oldest: this.#events[0]?.time }),
  };

  prune({ before, count }: Retention): number {
    const had = this.#events.length;
    this.#events = this.#events.slice(Math.max(0, had - count)).filter(({ time }) => time >= before);
    return had - this.#events.length;
  }

  isInPlace(): boolean {
    return true;
  }

  close(): void {}
}

/** The last event of a lifetime says all that is known of it. */
function lifetimesOf(events: readonly PastEvent[]): Lifetime[] {
  const found = new Map<string, Lifetime>();
  for (const { body } of events) {
    if (body.kind !== "lifetime") continue;
    const key = `${body.instanceId} ${body.began}`;
    found.set(key, { ...found.get(key), ...lifetimeOf(body) });
  }
  return [...found.values()];
}

function fits({ time, body }: PastEvent, { subject, from, to, event }: HistoryQuery): boolean {
  return (from === undefined || time >= from) && (to === undefined || time < to) &&
    (event === undefined || body.kind === event) &&
    (subject === undefined ||
      subjectsOf(body).some(({ kind, name }) => kind === subject.kind && name === subject.name));
}
