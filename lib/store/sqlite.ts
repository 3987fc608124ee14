import type { DatabaseSync, StatementSync } from "node:sqlite";
import { EMPTY_STATE, type State } from "../controller/state.ts";
import type { EventBody } from "../events/event.ts";
import { type ClockAnchor, readAnchor } from "./clock.ts";
import type { History, Retention } from "./history.ts";
import {
  isRecordOf,
  isValueOf,
  MAP_FIELDS,
  type MapField,
  VALUE_FIELDS,
  type ValueField,
} from "./record_shape.ts";
import { eventAdder, pruneEvents, sqliteHistory } from "./sqlite_history.ts";
import { type Store, withoutMemory } from "./store.ts";

/** A state as it was read, and what of it was not to be used. */
export interface LoadedState {
  readonly state: State;
  /** Records that were not written by this program, or were changed since. */
  readonly dropped: readonly { readonly field: MapField; readonly key: string }[];
  /** Whether all of it was to be used. */
  readonly whole: boolean;
}

/** What a store of one file needs besides its database. */
export interface SqliteStoreOptions {
  readonly path: string;
  /** Id of the run that writes the events. */
  readonly run: string;
  /** Milliseconds since 1970 UTC. */
  readonly wall: () => number;
  /** Where the worker's clock is; written with each commit. */
  readonly anchor: () => ClockAnchor;
}

/** The state and the history in one SQLite file: what is committed outlives the process and the machine. */
export class SqliteStore implements Store {
  readonly history: History;
  readonly #db: DatabaseSync;
  readonly #options: SqliteStoreOptions;
  readonly #file: Deno.FileInfo;
  readonly #addEvent: ReturnType<typeof eventAdder>;
  readonly #put: ReadonlyMap<MapField, StatementSync>;
  readonly #delete: ReadonlyMap<MapField, StatementSync>;
  readonly #putValue: StatementSync;
  readonly #deleteValue: StatementSync;
  #state: State;

  /**
   * @param db An open database with the tables of schema.ts
   * @param loaded What {@link readState} found in it
   * @throws {Error} of SQLite when records that were dropped can't be removed: nothing can be written then
   */
  constructor(db: DatabaseSync, loaded: LoadedState, options: SqliteStoreOptions) {
    this.#db = db;
    this.#options = options;
    this.#file = Deno.lstatSync(options.path);
    this.#state = loaded.state;
    this.history = sqliteHistory(db);
    this.#addEvent = eventAdder(db);
    this.#put = new Map(MAP_FIELDS.map((field) => [
      field,
      db.prepare(
        `INSERT INTO ${field} (key, record) VALUES (?, ?) ON CONFLICT DO UPDATE SET record = excluded.record`,
      ),
    ]));
    this.#delete = new Map(
      MAP_FIELDS.map((field) => [field, db.prepare(`DELETE FROM ${field} WHERE key = ?`)]),
    );
    this.#putValue = db.prepare(
      "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
    );
    this.#deleteValue = db.prepare("DELETE FROM meta WHERE key = ?");
    // A write at once: a full or read-only disk is found out before anything depends on it.
    this.#transaction(() => {
      for (const { field, key } of loaded.dropped) this.#delete.get(field)!.run(key);
      if (!loaded.whole) VALUE_FIELDS.forEach((field) => this.#writeValue(field, loaded.state));
      this.#writeAnchor();
    });
  }

  load(): State {
    return this.#state;
  }

  commit(next: State, events: readonly EventBody[]): void {
    this.#transaction(() => {
      for (const field of MAP_FIELDS) this.#writeRecords(field, next);
      for (const field of VALUE_FIELDS) {
        if (next[field] !== this.#state[field]) this.#writeValue(field, next);
      }
      this.#writeAnchor();
      const time = this.#options.wall();
      for (const body of events) this.#addEvent(time, this.#options.run, body);
    });
    this.#state = withoutMemory(next);
  }

  prune(retention: Retention): number {
    let count = 0;
    this.#transaction(() => count = pruneEvents(this.#db, retention));
    return count;
  }

  isInPlace(): boolean {
    try {
      const found = Deno.lstatSync(this.#options.path);
      return found.ino === this.#file.ino && found.dev === this.#file.dev;
    } catch {
      return false;
    }
  }

  close(): void {
    this.#db.close();
  }

  #writeRecords(field: MapField, next: State): void {
    const [before, after] = [this.#state[field], next[field]];
    if (before === after) return;
    const [put, remove] = [this.#put.get(field)!, this.#delete.get(field)!];
    for (const [key, record] of after) {
      if (before.get(key) !== record) put.run(key, JSON.stringify(record));
    }
    for (const key of before.keys()) {
      if (!after.has(key)) remove.run(key);
    }
  }

  #writeValue(field: ValueField, state: State): void {
    const value = state[field];
    if (value === undefined) this.#deleteValue.run(field);
    else this.#putValue.run(field, JSON.stringify(value));
  }

  #writeAnchor(): void {
    this.#putValue.run(CLOCK, JSON.stringify(this.#options.anchor()));
  }

  #transaction(work: () => void): void {
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      work();
      this.#db.exec("COMMIT");
    } catch (error) {
      try {
        this.#db.exec("ROLLBACK");
      } catch {
        // SQLite has rolled back by itself, as it does on a full disk.
      }
      throw error;
    }
  }
}

/** Key of the clock's anchor in `meta`. */
const CLOCK = "clock";
/** Key of the cluster's name in `meta`. */
const CLUSTER = "cluster";

/** Everything that a database holds of the state. @throws {Error} of SQLite when it is damaged */
export function readState(db: DatabaseSync): LoadedState {
  const dropped: { readonly field: MapField; readonly key: string }[] = [];
  const records = (field: MapField) => {
    const found = new Map<string, unknown>();
    for (const { key, record } of db.prepare(`SELECT key, record FROM ${field}`).iterate()) {
      const value = readJson(record);
      if (isRecordOf(field, String(key), value)) found.set(String(key), value);
      else dropped.push({ field, key: String(key) });
    }
    return found;
  };
  const read: Record<string, unknown> = { ...EMPTY_STATE };
  for (const field of MAP_FIELDS) read[field] = records(field);
  let whole = dropped.length === 0;
  for (const field of VALUE_FIELDS) {
    const value = readValue(db, field);
    if (value === undefined) continue;
    if (isValueOf(field, value)) read[field] = value;
    else whole = false;
  }
  const state = read as unknown as State;
  if (whole) return { state, dropped, whole };
  // Something is missing that may be an instance: only a complete listing shows it.
  const { listedAt: _, ...rest } = state;
  return { state: { ...rest, lastGeneration: highestGeneration(state) }, dropped, whole };
}

function highestGeneration({ lastGeneration, nodes, instances, launches }: State): number {
  let highest = lastGeneration;
  for (const { generation } of [...nodes.values(), ...instances.values()]) {
    highest = Math.max(highest, generation);
  }
  for (const { generations } of launches.values()) highest = Math.max(highest, ...generations);
  return highest;
}

/** Name of the cluster whose state it is; undefined when it does not say. */
export function readCluster(db: DatabaseSync): string | undefined {
  const value = readValue(db, CLUSTER);
  return typeof value === "string" ? value : undefined;
}

/** Says whose state it is; once, when the file is made. */
export function writeCluster(db: DatabaseSync, cluster: string): void {
  db.prepare("INSERT INTO meta (key, value) VALUES (?, ?)").run(CLUSTER, JSON.stringify(cluster));
}

/** Where the clock of the last worker was. */
export function readClock(db: DatabaseSync): ClockAnchor | undefined {
  return readAnchor(readValue(db, CLOCK));
}

function readValue(db: DatabaseSync, key: string): unknown {
  return readJson(db.prepare("SELECT value FROM meta WHERE key = ?").get(key)?.value);
}

function readJson(text: unknown): unknown {
  if (typeof text !== "string") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
