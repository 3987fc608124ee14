/** Bytes that are written to ask a disk: what SQLite takes to begin with, and more than a full one has left over. */
const TRIED = 64 * 1024;

/** What a disk says of itself: no room, no quota, read-only. */
const OF_DISK: ReadonlySet<unknown> = new Set(["ENOSPC", "EDQUOT", "EROFS"]);

/**
 * What a directory's disk answers to a small file: an error of Deno with the system's code `ENOSPC`, `EDQUOT` or `EROFS`,
 * for SQLite does not say in the system's words why it can't write. Undefined where the disk takes the file, or something
 * else is wrong.
 */
export function askDisk(dir: string): Error | undefined {
  const path = `${dir}/.room.${crypto.randomUUID()}`;
  try {
    using file = Deno.openSync(path, { createNew: true, write: true, mode: 0o600 });
    for (let left = TRIED; left > 0;) left -= file.writeSync(new Uint8Array(left));
    file.syncSync();
    return undefined;
  } catch (error) {
    return error instanceof Error && OF_DISK.has((error as { readonly code?: unknown }).code)
      ? error
      : undefined;
  } finally {
    try {
      Deno.removeSync(path);
    } catch {
      // It was never made.
    }
  }
}
