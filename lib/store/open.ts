import { makeStateDirectorySync } from "../base/directory_owner.ts";
import type { DatabaseSync } from "node:sqlite";
import { errorText } from "../base/error_text.ts";
import { EMPTY_STATE, type State } from "../controller/state.ts";
import { askDisk } from "./ask_disk.ts";
import { Clock, type ClockAnchor, type MachineTime } from "./clock.ts";
import { GuardedStore } from "./guarded_store.ts";
import { legacyCluster, takeOver, withLegacy, writeLegacyCluster } from "./legacy.ts";
import { MemoryStore } from "./memory.ts";
import { STATE_FILE } from "./schema.ts";
import { type LoadedState, readClock, readState, SqliteStore } from "./sqlite.ts";
import { createFile, type Examined, openFile, setAside } from "./sqlite_file.ts";

/** The state may not be used by this program or this cluster: nothing is changed, and nothing may be done. */
export class StateRefusedError extends Error {
  override readonly name = "StateRefusedError";
}

/** Where the state is, whose it is, and what the machine says of time. */
export interface OpenOptions {
  /** `stateDir`; made when it is absent. */
  readonly dir: string;
  readonly cluster: string;
  /** Id of the run that writes the events. */
  readonly run: string;
  readonly machine: MachineTime;
  /** Milliseconds, monotonic: `performance.now`. */
  readonly elapsed: () => number;
  /** Milliseconds since 1970 UTC: `Date.now`. */
  readonly wall: () => number;
  /** Says one sentence to the administrator: a new start, a file set aside, a full disk. */
  readonly say: (sentence: string) => void;
  /**
   * Whether it is opened for one change that a person makes: where that can't be written the error is thrown, and the file
   * stays, for what it says is still true.
   */
  readonly isOneChange?: boolean;
}

/** A store for this worker alone, and its clock. */
export interface OpenedStore {
  readonly store: GuardedStore;
  readonly clock: Clock;
}

/**
 * Opens the state for the one worker of a cluster; the caller holds the lock. Whatever is wrong with the file
 * costs a complete listing and one sentence: what is damaged, a link or another program's is set aside; where
 * nothing can be written, the state lasts as long as the worker.
 *
 * @throws {StateRefusedError} when a newer release or another cluster wrote the file: it is left as it is
 * @throws {Error} for one change of a person's, when the disk is full or read-only
 */
export function openStore(options: OpenOptions): OpenedStore {
  const path = `${options.dir}/${STATE_FILE}`;
  refuseForeign(options);
  const opened = openOrCreate(path, options);
  const clock = new Clock(opened.anchor, options.machine, options.elapsed, options.wall);
  const { run, wall, say, cluster, isOneChange = false } = options;
  const anchor = () => clock.anchor();
  const memory = (state: State) => new MemoryStore({ run, wall, state });
  const directory = inode(options.dir);
  const guard = {
    path,
    isDirectoryReplaced() {
      const now = inode(options.dir);
      return directory !== undefined && now !== undefined && now !== directory;
    },
    say,
    isOneChange,
    memory,
    clock: () => clock.now().clock,
    setAside: () => void setAside(path, wall()),
    renew(state: State) {
      setAside(path, wall());
      const db = createFile(path, cluster);
      const store = new SqliteStore(db, NOTHING_LOADED, { path, run, wall, anchor });
      store.commit(state, []);
      return store;
    },
  };
  const legacy = takeOver(options.dir, wall(), say);
  if (opened.db !== undefined) {
    try {
      const store = new SqliteStore(opened.db, opened.loaded, { path, run, wall, anchor });
      if (legacy !== undefined) store.commit(withLegacy(store.load(), legacy), []);
      writeLegacyCluster(options.dir, cluster);
      return { store: new GuardedStore(store, true, guard), clock };
    } catch (error) {
      opened.db.close();
      if (isOneChange) throw error;
      say(`Can't write ${path} (${errorText(error)}): going on without it; ${REMEDY}`);
      setAsideIfPossible(path, wall());
    }
  }
  // Others may have gone on without the file before us, so what it says may be old: EC2 is listed first.
  const { listedAt: _, ...rest } = opened.loaded.state;
  const state = legacy === undefined ? rest : withLegacy(rest, legacy);
  return { store: new GuardedStore(memory(state), false, guard), clock };
}

const NOTHING_LOADED: LoadedState = { state: EMPTY_STATE, dropped: [], whole: true };
const REMEDY = "make room there, or make it writable";

interface Found {
  readonly db: DatabaseSync | undefined;
  readonly loaded: LoadedState;
  readonly anchor: ClockAnchor | undefined;
}

function openOrCreate(path: string, options: OpenOptions): Found {
  const { dir, cluster, wall, say, isOneChange } = options;
  const nothing: Found = { db: undefined, loaded: NOTHING_LOADED, anchor: undefined };
  try {
    makeStateDirectorySync(dir);
  } catch (error) {
    say(`Can't make ${dir} (${errorText(error)}): going on without it; ${REMEDY}`);
    return nothing;
  }
  // SQLite can't open a whole file either on such a disk: it would be taken for a damaged one.
  const trouble = isOneChange ? askDisk(dir) : undefined;
  if (trouble !== undefined) throw trouble;
  const examined = openFile(path, cluster);
  refuse(path, examined, cluster);
  if (examined.kind === "open") {
    try {
      return load(path, examined.db, say);
    } catch (error) {
      examined.db.close();
      return replace(path, errorText(error), options) ?? nothing;
    }
  }
  if (examined.kind === "damaged") return replace(path, examined.why, options) ?? nothing;
  try {
    return { ...nothing, db: createFile(path, cluster) };
  } catch (error) {
    say(`Can't write ${path} (${errorText(error)}): going on without it; ${REMEDY}`);
    setAsideIfPossible(path, wall());
    return nothing;
  }
}

function load(path: string, db: DatabaseSync, say: (sentence: string) => void): Found {
  const loaded = readState(db);
  if (!loaded.whole) {
    const names = loaded.dropped.slice(0, 5).map(({ field, key }) => `${field} ${key}`).join(", ");
    say(
      `${path} holds what this program did not write${names && ` (${names})`}: left out, EC2 is listed again`,
    );
  }
  return { db, loaded, anchor: readClock(db) };
}

/** A new file in the place of one that can't be used. */
function replace(path: string, why: string, { cluster, wall, say }: OpenOptions): Found | undefined {
  try {
    const aside = setAside(path, wall());
    const db = createFile(path, cluster);
    say(`${path} can't be used (${why}): set aside as ${aside}, a new one begins with complete listings`);
    return { db, loaded: NOTHING_LOADED, anchor: undefined };
  } catch (error) {
    const also = errorText(error);
    say(`${path} can't be used (${why}${also === why ? "" : `; ${also}`}): going on without it; ${REMEDY}`);
    return undefined;
  }
}

/** An older release may have worked here for another cluster, and have left no state of ours. */
function refuseForeign({ dir, cluster }: OpenOptions): void {
  const owner = legacyCluster(dir);
  if (owner === undefined || owner === cluster) return;
  throw new StateRefusedError(
    `State directory ${dir} belongs to cluster "${owner}", not "${cluster}": give each cluster a stateDir of its own`,
  );
}

function refuse(path: string, examined: Examined, cluster: string): void {
  if (examined.kind === "newer") {
    throw new StateRefusedError(
      `${path} was written by a newer release (version ${examined.version}): nothing was changed; install that release, or move the file away`,
    );
  }
  if (examined.kind === "foreign") {
    throw new StateRefusedError(
      `${path} belongs to cluster "${examined.cluster}", not "${cluster}": give each cluster a stateDir of its own`,
    );
  }
}

/** Which directory a name stands for; undefined when there is none, or it can't be looked at. */
function inode(dir: string): string | undefined {
  try {
    const { dev, ino } = Deno.statSync(dir);
    return `${dev} ${ino}`;
  } catch {
    return undefined;
  }
}

function setAsideIfPossible(path: string, wall: number): void {
  try {
    setAside(path, wall);
  } catch {
    // Nothing in the directory can be changed; that it can't be written has been said.
  }
}
