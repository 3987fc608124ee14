import type { DatabaseSync } from "node:sqlite";
import type { EventBody } from "../events/event.ts";

/** One time of an instance for which EC2 charges, as far as the history knows; times are milliseconds since 1970 UTC. */
export interface Lifetime {
  readonly instanceId: string;
  /** Absent: its tags named none. */
  readonly node?: string;
  readonly nodeGroup: string;
  readonly instanceType: string;
  readonly availabilityZone: string;
  readonly capacityType: string;
  readonly imageId: string;
  readonly began: number;
  /** When it had booted; absent: it never came up. */
  readonly up?: number;
  /** Absent: it goes on, or its end was never noted. */
  readonly ended?: number;
}

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

/** The lifetimes that lie in part between two times, oldest first; none in a file of a release that kept none. */
export function readLifetimes(db: DatabaseSync, from: number, to: number): Lifetime[] {
  const known = db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'lifetimes'").get();
  if (known === undefined) return [];
  const found: Lifetime[] = [];
  const rows = db.prepare(
    `SELECT * FROM lifetimes WHERE began < ? AND ended > ?
    UNION ALL SELECT * FROM lifetimes WHERE began < ? AND ended IS NULL ORDER BY began, instance`,
  ).iterate(to, from, to);
  for (const row of rows) {
    found.push({
      instanceId: String(row.instance),
      ...(row.node !== null && { node: String(row.node) }),
      nodeGroup: String(row.node_group),
      instanceType: String(row.type),
      availabilityZone: String(row.zone),
      capacityType: String(row.capacity),
      imageId: String(row.image),
      began: Number(row.began),
      ...(row.up !== null && { up: Number(row.up) }),
      ...(row.ended !== null && { ended: Number(row.ended) }),
    });
  }
  return found;
}

/** Drops the lifetimes that ended before a time, and those without an end that began as long ago. */
export function pruneLifetimes(db: DatabaseSync, before: number): void {
  db.prepare("DELETE FROM lifetimes WHERE ended < ? OR (ended IS NULL AND began < ?)").run(before, before);
}
