import { type Charged, dayStart } from "../capacity/day_cost.ts";
import type { EventBody } from "../events/event.ts";
import type { History } from "../store/history.ts";

/** What has ended since midnight UTC of what EC2 charges for: read from the history once a day, and kept up from the events. */
export class DayUsage {
  readonly #history: Pick<History, "lifetimes">;
  readonly #ended = new Map<string, Charged>();
  #day: number | undefined;

  constructor(history: Pick<History, "lifetimes">) {
    this.#history = history;
  }

  /** The times that ended today, at this time (milliseconds since 1970 UTC). */
  ended(wall: number): Iterable<Charged> {
    const day = dayStart(wall);
    if (day !== this.#day) {
      this.#day = day;
      this.#ended.clear();
      for (const lifetime of this.#history.lifetimes(day, wall)) this.#put(lifetime);
    }
    return this.#ended.values();
  }

  /** Events that go into the history now. */
  take(events: readonly EventBody[]): void {
    if (this.#day === undefined) return;
    for (const event of events) if (event.kind === "lifetime") this.#put(event);
  }

  #put(
    { instanceId, instanceType, capacityType, began, ended }: Charged & { readonly instanceId: string },
  ): void {
    if (ended === undefined) return;
    this.#ended.set(`${instanceId} ${began}`, { instanceType, capacityType, began, ended });
  }
}
