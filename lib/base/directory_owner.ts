/**
 * Gives what this process has made to whose the directory is that it lies in. Root's files in SlurmUser's directory
 * would be of no use to SlurmUser: a command that root runs first must leave nothing that hooks can't use. It throws
 * nothing: who isn't root can't give anything away, and has no need to.
 */
export async function giveToDirectoryOwner(path: string): Promise<void> {
  try {
    const [directory, made] = [await Deno.stat(directoryOf(path)), await Deno.lstat(path)];
    if (isToGive(made, directory)) await Deno.chown(path, directory.uid, directory.gid);
  } catch {
    // doctor says of a file that SlurmUser can't use.
  }
}

/** What {@link giveToDirectoryOwner} does, at once: for a directory that may hold the program up. */
export function giveToDirectoryOwnerSync(path: string): void {
  try {
    const [directory, made] = [Deno.statSync(directoryOf(path)), Deno.lstatSync(path)];
    if (isToGive(made, directory)) Deno.chownSync(path, directory.uid, directory.gid);
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
  await Deno.chmod(path, DIRECTORY_MODE);
  await giveToDirectoryOwner(path);
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
  Deno.chmodSync(path, DIRECTORY_MODE);
  giveToDirectoryOwnerSync(path);
}

function isThere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

function isToGive(made: Deno.FileInfo, directory: Deno.FileInfo): boolean {
  return made.uid !== directory.uid && !made.isSymlink;
}

function directoryOf(path: string): string {
  return path.replace(/\/[^/]*$/, "") || "/";
}
