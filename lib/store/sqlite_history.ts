import type { DatabaseSync, SQLInputValue, SQLOutputValue } from "node:sqlite";
import type { EventBody } from "../events/event.ts";
import type { History, HistoryQuery, PastEvent, Retention } from "./history.ts";
import { lifetimeKeeper, pruneLifetimes, readLifetimes } from "./lifetime.ts";
import { subjectsOf } from "./subjects.ts";

/** Events dropped in one go: some 50 ms, so that a request that comes meanwhile does not wait for long. */
const PRUNE_BATCH = 10_000;

/** The events in an open database, as a reader sees them. */
export function sqliteHistory(db: DatabaseSync): History {
  return {
    read: (query) => read(db, query),
    scan: (query, visit) => scan(db, query, visit),
    after: (query) => after(db, query),
    last: () => lastId(db),
    lifetimes: (from, to) => readLifetimes(db, from, to),
    extent() {
      const count = Number(db.prepare("SELECT count(*) AS n FROM events").get()!.n);
      const oldest = db.prepare("SELECT min(time) AS time FROM events").get()!.time;
      return { count, oldest: oldest === null ? undefined : Number(oldest) };
    },
  };
}

/** Adds events within the transaction that is open. */
export function eventAdder(db: DatabaseSync): (time: number, run: string, body: EventBody) => void {
  const event = db.prepare("INSERT INTO events (time, run, kind, body) VALUES (?, ?, ?, ?)");
  const subject = db.prepare("INSERT INTO subjects (kind, name, event) VALUES (?, ?, ?)");
  const keepLifetime = lifetimeKeeper(db);
  return (time, run, body) => {
    keepLifetime(body);
    const { lastInsertRowid } = event.run(time, run, body.kind, JSON.stringify(body));
    for (const { kind, name } of subjectsOf(body)) subject.run(kind, name, lastInsertRowid);
  };
}

/** Drops the oldest events within the transaction that is open, a batch at most; returns how many. */
export function pruneEvents(db: DatabaseSync, { before, count, bytes }: Retention): number {
  const large = usedBytes(db) > bytes ? oldest(db, SIZE_BATCH) : [];
  const ids = new Set([...large.map(({ id }) => id), ...due(db, before, count)]);
  const event = db.prepare("DELETE FROM events WHERE id = ?");
  const subject = db.prepare("DELETE FROM subjects WHERE event = ?");
  // What the events are about goes with them, or hours alone could fill the file.
  pruneLifetimes(db, Math.max(before, large.at(-1)?.time ?? -Infinity));
  for (const id of ids) {
    subject.run(id);
    event.run(id);
  }
  return ids.size;
}

/** Events dropped in one go where the file is too large: some 200 KiB, then it is looked at again. */
const SIZE_BATCH = 1_000;

/** What the file holds; pages that have become free are used again before it grows. */
function usedBytes(db: DatabaseSync): number {
  const pragma = (name: string) => Number(db.prepare(`PRAGMA ${name}`).get()?.[name]);
  return (pragma("page_count") - pragma("freelist_count")) * pragma("page_size");
}

function oldest(db: DatabaseSync, count: number): { readonly id: number; readonly time: number }[] {
  return db.prepare("SELECT id, time FROM events ORDER BY id LIMIT ?").all(count)
    .map(({ id, time }) => ({ id: Number(id), time: Number(time) }));
}

function lastId(db: DatabaseSync): number {
  return Number(db.prepare("SELECT coalesce(max(id), 0) AS id FROM events").get()!.id);
}

/** Events that are too old or too many, a batch at most. */
function due(db: DatabaseSync, before: number, count: number): number[] {
  const last = lastId(db);
  return db.prepare(
    "SELECT id FROM events WHERE id <= ? UNION SELECT id FROM events WHERE time < ? LIMIT ?",
  ).all(last - count, before, PRUNE_BATCH).map(({ id }) => Number(id));
}

function read(db: DatabaseSync, { subject, from, to, event, limit }: HistoryQuery): PastEvent[] {
  const conditions: string[] = [];
  const values: SQLInputValue[] = [];
  const where = (condition: string, ...more: SQLInputValue[]) => {
    conditions.push(condition);
    values.push(...more);
  };
  if (subject !== undefined) where("s.kind = ? AND s.name = ?", subject.kind, subject.name);
  if (from !== undefined) where("e.time >= ?", from);
  if (to !== undefined) where("e.time < ?", to);
  if (event !== undefined) where("e.kind = ?", event);
  const rows = db.prepare(
    `SELECT e.id, e.time, e.run, e.body
    FROM ${subject === undefined ? "events e" : "subjects s CROSS JOIN events e ON e.id = s.event"}
    ${conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`}
    ORDER BY ${subject === undefined ? "e.time DESC, e.id DESC" : "s.event DESC"} LIMIT ?`,
  ).all(...values, Math.max(0, Math.floor(limit)));
  return rows.reverse().flatMap(pastEvent);
}

function after(db: DatabaseSync, { id, kinds, limit }: Parameters<History["after"]>[0]): PastEvent[] {
  const marks = kinds.map(() => "?").join(", ");
  return db.prepare(
    `SELECT id, time, run, body FROM events WHERE id > ? AND kind IN (${marks}) ORDER BY id LIMIT ?`,
  ).all(id, ...kinds, limit).flatMap(pastEvent);
}

function pastEvent({ id, time, run, body }: Readonly<Record<string, SQLOutputValue>>): PastEvent[] {
  const event = readBody(String(body));
  return event === undefined ? [] : [{ id: Number(id), time: Number(time), run: String(run), body: event }];
}

function scan(
  db: DatabaseSync,
  { from, to, kinds }: Parameters<History["scan"]>[0],
  visit: Parameters<History["scan"]>[1],
): void {
  const marks = kinds.map(() => "?").join(", ");
  const rows = db.prepare(
    `SELECT time, body FROM events WHERE time >= ? AND time < ? AND kind IN (${marks}) ORDER BY time, id`,
  ).iterate(from, to, ...kinds);
  for (const { time, body } of rows) {
    const event = readBody(String(body));
    if (event !== undefined) visit(Number(time), event);
  }
}

/** An event that somebody has changed is left out rather than stopping the reader. */
function readBody(text: string): EventBody | undefined {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === "object" && body !== null && "kind" in body ? body as EventBody : undefined;
  } catch {
    return undefined;
  }
}
