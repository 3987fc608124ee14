import { MAP_FIELDS } from "./record_shape.ts";

/**
 * Version of the tables and of what is in them (`PRAGMA user_version`). One more whenever an older release could
 * misread what this one writes: a release does not touch a file of a newer version.
 */
export const SCHEMA_VERSION = 1;

/** `PRAGMA application_id`, "sec2" in ASCII: tells our file from another program's (https://www.sqlite.org/pragma.html#pragma_application_id). */
export const APPLICATION_ID = 0x73656332;

/** Name of the file in stateDir. */
export const STATE_FILE = "state.db";

/** What SQLite puts next to its file; to move the file is to move these (https://www.sqlite.org/wal.html#the_wal_file). */
export const COMPANIONS = ["", "-wal", "-shm", "-journal"] as const;

/**
 * What later releases have added, made when a worker opens a file that lacks it. An older release neither reads nor
 * misreads it, so the version stays: it may take over again.
 */
export const ADDITIONS =
  "CREATE TABLE IF NOT EXISTS lifetimes (instance TEXT NOT NULL, began INTEGER NOT NULL, up INTEGER, ended INTEGER, node TEXT, node_group TEXT NOT NULL, type TEXT NOT NULL, zone TEXT NOT NULL, capacity TEXT NOT NULL, image TEXT NOT NULL, PRIMARY KEY (instance, began)) WITHOUT ROWID";

/** Tables: one for each kind of record, single values in `meta`, and the history with what it can be looked up by. */
export const SCHEMA = [
  ...MAP_FIELDS.map((name) => `CREATE TABLE ${name} (key TEXT PRIMARY KEY, record TEXT NOT NULL)`),
  "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
  "CREATE TABLE events (id INTEGER PRIMARY KEY, time INTEGER NOT NULL, run TEXT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL)",
  "CREATE INDEX events_by_time ON events (time)",
  "CREATE TABLE subjects (kind TEXT NOT NULL, name TEXT NOT NULL, event INTEGER NOT NULL, PRIMARY KEY (kind, name, event)) WITHOUT ROWID",
  "CREATE INDEX subjects_by_event ON subjects (event)",
  `PRAGMA application_id = ${APPLICATION_ID}`,
  `PRAGMA user_version = ${SCHEMA_VERSION}`,
].join(";\n");
