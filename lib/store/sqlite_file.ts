import { giveToDirectoryOwnerSync } from "../base/directory_owner.ts";
import { DatabaseSync } from "node:sqlite";
import { errorText } from "../base/error_text.ts";
import { notPlain } from "../base/plain_file.ts";
import { MAP_FIELDS } from "./record_shape.ts";
import { ADDITIONS, APPLICATION_ID, COMPANIONS, SCHEMA, SCHEMA_VERSION } from "./schema.ts";
import { readCluster, writeCluster } from "./sqlite.ts";

/** Milliseconds to wait for another process's lock: a reader's last glance, a writer that is about to end. */
const BUSY = 5_000;

/** Owner writes, group reads: the state names instances, addresses and jobs. */
const MODE = 0o640;

/** Bytes that the write-ahead log keeps on disk after a large transaction. */
const LOG_BYTES = 16 * 1024 * 1024;

/** What a file turned out to be. */
export type Examined =
  | { readonly kind: "open"; readonly db: DatabaseSync }
  | { readonly kind: "absent" }
  /** It can't be used, and may be set aside. */
  | { readonly kind: "damaged"; readonly why: string }
  /** A newer release wrote it. */
  | { readonly kind: "newer"; readonly version: number }
  /** Another cluster's. */
  | { readonly kind: "foreign"; readonly cluster: string };

/** Opens the state's file if it is a whole one of ours; nothing in it is changed before that is known. */
export function openFile(path: string, cluster: string): Examined {
  let present: boolean;
  try {
    const why = findLink(path);
    if (why !== undefined) return { kind: "damaged", why };
    present = exists(path);
  } catch (error) {
    return { kind: "damaged", why: errorText(error) };
  }
  if (!present) return { kind: "absent" };
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path, { timeout: BUSY });
    const examined = examine(db, cluster);
    if (examined !== undefined) {
      db.close();
      return examined;
    }
    setUp(db);
    db.exec(ADDITIONS);
    return { kind: "open", db };
  } catch (error) {
    db?.close();
    return { kind: "damaged", why: errorText(error) };
  }
}

/** Makes a new file. @throws {Error} of SQLite or Deno when it can't be written; nothing is left of it then */
export function createFile(path: string, cluster: string): DatabaseSync {
  // SQLite would take the umask, and a log next to it takes the mode of the file.
  Deno.openSync(path, { createNew: true, write: true, mode: MODE }).close();
  // SQLite gives the log next to it to the same owner: https://www.sqlite.org/src/file/src/os_unix.c (robustFchown).
  giveToDirectoryOwnerSync(path, { mode: MODE });
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path, { timeout: BUSY });
    setUp(db);
    db.exec(`BEGIN IMMEDIATE;\n${SCHEMA};\n${ADDITIONS}`);
    writeCluster(db, cluster);
    db.exec("COMMIT");
    return db;
  } catch (error) {
    db?.close();
    for (const suffix of COMPANIONS) removeIfThere(path + suffix);
    throw error;
  }
}

/** Opens the state's file to read it while a worker may write. @throws {Error} of SQLite */
export function openReader(path: string): DatabaseSync {
  return new DatabaseSync(path, { readOnly: true, timeout: BUSY });
}

/** Why a database is not a whole one of ours and this cluster's; undefined when it is. */
export function examine(db: DatabaseSync, cluster: string): Exclude<Examined, { kind: "open" }> | undefined {
  const pragma = (name: string) => Number(db.prepare(`PRAGMA ${name}`).get()?.[name]);
  if (pragma("application_id") !== APPLICATION_ID) {
    return { kind: "damaged", why: "it is empty, or another program's" };
  }
  const version = pragma("user_version");
  if (version > SCHEMA_VERSION) return { kind: "newer", version };
  if (version !== SCHEMA_VERSION) return { kind: "damaged", why: `its version is ${version}` };
  // The history may be large, and nothing is decided by it: damage in it shows when it is written or read.
  for (const table of [...MAP_FIELDS, "meta"]) {
    const answer = Object.values(db.prepare(`PRAGMA quick_check(${table})`).get() ?? {})[0];
    if (answer !== "ok") return { kind: "damaged", why: String(answer).replaceAll("\n", " ") };
  }
  const owner = readCluster(db);
  if (owner === undefined) return { kind: "damaged", why: "it does not say which cluster it is of" };
  return owner === cluster ? undefined : { kind: "foreign", cluster: owner };
}

/** Files set aside that are kept; where one is damaged each minute, the disk must not fill up with them. */
const KEPT_ASIDE = 3;

/**
 * Renames the file and what belongs to it, and drops the oldest of those renamed before. @returns the new name of the file
 * @throws {Error} of Deno when the directory can't be written
 */
export function setAside(path: string, wall: number): string {
  const stamp = new Date(wall).toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const aside = `${path}${ASIDE}${stamp}`;
  for (const suffix of COMPANIONS) {
    try {
      Deno.renameSync(path + suffix, aside + suffix);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  dropOldAside(path);
  return aside;
}

const ASIDE = ".set-aside-";

function dropOldAside(path: string): void {
  const cut = path.lastIndexOf("/") + 1;
  const prefix = path.slice(cut) + ASIDE;
  const stamps = new Set<string>();
  const names: string[] = [];
  for (const { name } of Deno.readDirSync(path.slice(0, cut))) {
    if (!name.startsWith(prefix)) continue;
    names.push(name);
    stamps.add(stampOf(name, prefix));
  }
  const old = [...stamps].sort().slice(0, -KEPT_ASIDE);
  for (const name of names) {
    if (old.includes(stampOf(name, prefix))) removeIfThere(path.slice(0, cut) + name);
  }
}

function stampOf(name: string, prefix: string): string {
  return name.slice(prefix.length).split("-")[0]!;
}

function setUp(db: DatabaseSync): void {
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = ${LOG_BYTES}`);
}

/** A link could make us write somewhere else; so could a second name. */
function findLink(path: string): string | undefined {
  for (const suffix of COMPANIONS) {
    const why = notPlain(path + suffix);
    if (why !== undefined) return suffix === "" ? why : `${path}${suffix}: ${why}`;
  }
  return undefined;
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // It is of no use, but it does no harm either.
  }
}
