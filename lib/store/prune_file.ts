import { errorText } from "../base/error_text.ts";
import type { Retention } from "./history.ts";
import { STATE_FILE } from "./schema.ts";
import { openFile } from "./sqlite_file.ts";
import { pruneEvents, sqliteHistory } from "./sqlite_history.ts";

/** What pruning came to. */
export type Pruned =
  | {
    readonly kind: "pruned";
    readonly events: number;
    /** Events that are left, and the time of the oldest (milliseconds since 1970 UTC). */
    readonly left: number;
    readonly oldest?: number;
  }
  /** Nothing was dropped, for this reason; `error` where the file is there and could not be opened or written. */
  | { readonly kind: "failed"; readonly why: string; readonly error?: unknown };

/**
 * Drops what is not to be kept from a cluster's history, a batch at a time: a worker that writes at the same time waits
 * for some milliseconds only. A file that is not a whole one of this cluster is left as it is.
 */
export function pruneFile(dir: string, cluster: string, retention: Retention): Pruned {
  const path = `${dir}/${STATE_FILE}`;
  const opened = openFile(path, cluster);
  if (opened.kind === "absent") return { kind: "failed", why: `There is no ${path}` };
  if (opened.kind !== "open") {
    const why = opened.kind === "damaged"
      ? opened.why
      : opened.kind === "newer"
      ? "a newer release wrote it"
      : `it is cluster "${opened.cluster}"'s`;
    return {
      kind: "failed",
      why: `${path}: ${why}`,
      ...(opened.kind === "damaged" && { error: new Error(why) }),
    };
  }
  const { db } = opened;
  try {
    let events = 0;
    for (let some = -1; some !== 0; events += some) {
      db.exec("BEGIN IMMEDIATE");
      some = pruneEvents(db, retention);
      db.exec("COMMIT");
    }
    const { count, oldest } = sqliteHistory(db).extent();
    return { kind: "pruned", events, left: count, ...(oldest !== undefined && { oldest }) };
  } catch (error) {
    return { kind: "failed", why: `${path}: ${errorText(error)}`, error };
  } finally {
    db.close();
  }
}
