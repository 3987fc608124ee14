import type { DatabaseSync } from "node:sqlite";
import type { EventBody } from "../events/event.ts";

/** One time of an instance for which EC2 charges, as far as the history knows: the event's facts without why it ended. */
export type Lifetime = Omit<EventBody & { readonly kind: "lifetime" }, "kind" | "why">;

/** A lifetime as an event tells it. */
export function lifetimeOf(body: EventBody & { kind: "lifetime" }): Lifetime {
  const { kind: _, why: __, ...lifetime } = body;
  return lifetime;
}

/** Whether a lifetime lies in part between two times. */
export function overlaps({ began, ended = Infinity }: Lifetime, from: number, to: number): boolean {
  return began < to && ended > from;
}

/** Keeps the lifetimes that events tell of, in their own table: a bill need not read every event. */
export function lifetimeKeeper(db: DatabaseSync): (body: EventBody) => void {
  const put = db.prepare(
    `INSERT INTO lifetimes (instance, began, up, ended, node, node_group, type, zone, capacity, image)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET up = coalesce(excluded.up, up), ended = coalesce(excluded.ended, ended)`,
  );
  return (body) => {
    if (body.kind !== "lifetime") return;
    const { instanceId, began, up = null, ended = null, node = null, nodeGroup } = body;
    const { instanceType, availabilityZone, capacityType, imageId } = body;
    put.run(
      ...[instanceId, began, up, ended, node, nodeGroup],
      ...[instanceType, availabilityZone, capacityType, imageId],
    );
  };
}

/**
 * The lifetimes that lie in part between two times, in no order and one at a time, for there may be many; none in a file
 * of a release that kept none. All of them are looked at: a window of a month has most of them anyway, and an index would
 * cost more with each instance.
 */
export function* readLifetimes(db: DatabaseSync, from: number, to: number): Generator<Lifetime> {
  const known = db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'lifetimes'").get();
  if (known === undefined) return;
  const rows = db.prepare(
    `SELECT instance, node, node_group, type, zone, capacity, image, began, up, ended FROM lifetimes
    WHERE began < ? AND (+ended > ? OR ended IS NULL)`,
  ).iterate(to, from);
  for (const { instance, node, node_group, type, zone, capacity, image, began, up, ended } of rows) {
    // Written out: a spread for each of some 100,000 rows is what takes the time.
    const lifetime: { -readonly [K in keyof Lifetime]: Lifetime[K] } = {
      instanceId: String(instance),
      nodeGroup: String(node_group),
      instanceType: String(type),
      availabilityZone: String(zone),
      capacityType: String(capacity),
      imageId: String(image),
      began: Number(began),
    };
    if (node !== null) lifetime.node = String(node);
    if (up !== null) lifetime.up = Number(up);
    if (ended !== null) lifetime.ended = Number(ended);
    yield lifetime;
  }
}

/** Drops the lifetimes that ended before a time, and those without an end that began as long ago. */
export function pruneLifetimes(db: DatabaseSync, before: number): void {
  db.prepare("DELETE FROM lifetimes WHERE ended < ? OR (ended IS NULL AND began < ?)").run(before, before);
}
