/** What more there is to say of what was made. */
export interface Made {
  /** Directory whose owner gets it; absent: the one that it lies in. */
  readonly ownerOf?: string | undefined;
  /** What was made, as it is open still; absent: what is under the name. */
  readonly made?: Deno.FsFile;
  /** Its mode, whatever the umask; absent: as it was made. */
  readonly mode?: number;
}

/**
 * Gives what root has made to whose the directory is that it lies in. Root's files in SlurmUser's directory would be of
 * no use to SlurmUser: a command that root runs first must leave nothing that hooks can't use. What is given is never
 * found through a link, and has no second name: in SlurmUser's directory both could be another's file. It throws
 * nothing: who isn't root can't give anything away, and has no need to.
 */
export async function giveToDirectoryOwner(path: string, more: Made = {}): Promise<void> {
  try {
    // What may be written only can't be looked at; then it is a hook's own.
    const made = await (more.made?.stat() ?? Deno.lstat(path)).catch(() => undefined);
    const owner = made?.uid === 0
      ? await Deno.stat(more.ownerOf ?? directoryOf(path)).catch(() => undefined)
      : undefined;
    settle(path, made, owner, more.mode);
  } catch {
    // doctor says of a file that SlurmUser can't use.
  }
}

/** What {@link giveToDirectoryOwner} does, at once: for a directory that may hold the program up. */
export function giveToDirectoryOwnerSync(path: string, more: Made = {}): void {
  try {
    const made = ifAllowed(() => more.made?.statSync() ?? Deno.lstatSync(path));
    const owner = made?.uid === 0
      ? ifAllowed(() => Deno.statSync(more.ownerOf ?? directoryOf(path)))
      : undefined;
    settle(path, made, owner, more.mode);
  } catch {
    // doctor says of a file that SlurmUser can't use.
  }
}

/** Owner works in it, group looks: a state directory names instances, addresses and jobs. */
const DIRECTORY_MODE = 0o750;

/**
 * Makes a directory and those above it, each its parent's owner's, whatever the umask; nothing where it is.
 * @throws {Error} of Deno when it can't be made.
 */
export async function makeStateDirectory(path: string): Promise<void> {
  if (isThere(path)) return;
  try {
    await Deno.mkdir(path, { mode: DIRECTORY_MODE });
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return;
    // What is above it is looked at only where it is missing: hooks may not.
    if (!(error instanceof Deno.errors.NotFound) || directoryOf(path) === path) throw error;
    await makeStateDirectory(directoryOf(path));
    await Deno.mkdir(path, { mode: DIRECTORY_MODE });
  }
  await giveToDirectoryOwner(path, { mode: DIRECTORY_MODE });
}

/** What {@link makeStateDirectory} does, at once; throws alike. */
export function makeStateDirectorySync(path: string): void {
  if (isThere(path)) return;
  try {
    Deno.mkdirSync(path, { mode: DIRECTORY_MODE });
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return;
    if (!(error instanceof Deno.errors.NotFound) || directoryOf(path) === path) throw error;
    makeStateDirectorySync(directoryOf(path));
    Deno.mkdirSync(path, { mode: DIRECTORY_MODE });
  }
  giveToDirectoryOwnerSync(path, { mode: DIRECTORY_MODE });
}

function isThere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Undefined where nothing is there, or it may not be looked at. */
function ifAllowed(look: () => Deno.FileInfo): Deno.FileInfo | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

function settle(
  path: string,
  made: Deno.FileInfo | undefined,
  owner: Deno.FileInfo | undefined,
  mode: number | undefined,
): void {
  if (made?.isSymlink) return;
  if (made?.uid === 0 && owner !== undefined && owner.uid !== 0) return give(path, made, owner, mode);
  if (mode !== undefined && (made?.mode ?? 0) % 0o10000 !== mode) Deno.chmodSync(path, mode);
}

/**
 * By its descriptor, and only if that is what was looked at: the directory's owner may have put something else under the
 * name since then.
 */
function give(path: string, made: Deno.FileInfo, owner: Deno.FileInfo, mode: number | undefined): void {
  // Not by import: a hook would load it at every start, 80 ms, and it never gives anything away.
  const fs = globalThis.process.getBuiltinModule("node:fs");
  const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = fs.constants;
  const kind = made.isDirectory ? O_RDONLY | O_DIRECTORY : O_WRONLY;
  const descriptor = fs.openSync(path, kind | O_NOFOLLOW | O_NONBLOCK);
  try {
    const opened = fs.fstatSync(descriptor);
    if (opened.ino !== made.ino || opened.dev !== made.dev) return;
    if (!opened.isDirectory() && (!opened.isFile() || opened.nlink !== 1)) return;
    if (mode !== undefined) fs.fchmodSync(descriptor, mode);
    fs.fchownSync(descriptor, owner.uid!, owner.gid!);
  } finally {
    fs.closeSync(descriptor);
  }
}

function directoryOf(path: string): string {
  return path.replace(/\/[^/]*$/, "") || "/";
}
