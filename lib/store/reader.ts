import type { DatabaseSync } from "node:sqlite";
import { errorText } from "../base/error_text.ts";
import { notPlain } from "../base/plain_file.ts";
import type { State } from "../controller/state.ts";
import type { ClockAnchor } from "./clock.ts";
import type { History } from "./history.ts";
import { STATE_FILE } from "./schema.ts";
import { readClock, readState } from "./sqlite.ts";
import { examine, openReader } from "./sqlite_file.ts";
import { sqliteHistory } from "./sqlite_history.ts";

/** A store that is only read, while a worker may write it. */
export interface StateReader {
  /** As it was last committed, each time it is called. */
  state(): State;
  /** Where the worker's clock was at its last commit. */
  anchor(): ClockAnchor | undefined;
  readonly history: History;
  close(): void;
}

/** A reader, or the sentence that says why there is none. */
export type OpenedReader =
  | { readonly kind: "open"; readonly reader: StateReader }
  /** No worker has run yet. */
  | { readonly kind: "absent"; readonly why: string }
  | { readonly kind: "unreadable"; readonly why: string };

/** Opens the state of a cluster for `status`, `why` and `history`: nothing is written, set aside or waited for long. */
export function openStateReader(dir: string, cluster: string): OpenedReader {
  const path = `${dir}/${STATE_FILE}`;
  let db: DatabaseSync | undefined;
  try {
    Deno.lstatSync(path);
    // Opening a pipe would never end.
    const why = notPlain(path);
    if (why !== undefined) {
      return { kind: "unreadable", why: `${path}: ${why}; the next worker begins a new one` };
    }
    db = openReader(path);
    const wrong = examine(db, cluster);
    if (wrong !== undefined) {
      db.close();
      return { kind: "unreadable", why: `${path}: ${explain(wrong)}` };
    }
  } catch (error) {
    db?.close();
    if (error instanceof Deno.errors.NotFound) {
      return { kind: "absent", why: `There is no ${path}: the controller has not run on this host yet` };
    }
    return {
      kind: "unreadable",
      why: `Can't read ${path} as this user (${errorText(error)}): ask as SlurmUser or root`,
    };
  }
  return { kind: "open", reader: readerOf(db) };
}

function readerOf(db: DatabaseSync): StateReader {
  return {
    state: () => readState(db).state,
    anchor: () => readClock(db),
    history: sqliteHistory(db),
    close: () => db.close(),
  };
}

function explain(wrong: NonNullable<ReturnType<typeof examine>>): string {
  switch (wrong.kind) {
    case "absent":
      return "it is not there";
    case "damaged":
      return `it is damaged (${wrong.why}); the next worker begins a new one`;
    case "newer":
      return `a newer release wrote it (version ${wrong.version}): use that one`;
    case "foreign":
      return `it is cluster "${wrong.cluster}"'s`;
  }
}
