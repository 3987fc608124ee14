import { giveToDirectoryOwner, giveToDirectoryOwnerSync } from "./directory_owner.ts";

/**
 * Opens a file to append to; a new one gets this mode whatever the umask, and the owner of its directory where root
 * makes it, or of the directory `ownerOf`. A link is followed only where root made it: in a directory of
 * SlurmUser's, root's command would otherwise write to any file that SlurmUser points it at.
 * @throws {Error} of Deno when it can't be opened, or when it is another user's link.
 */
export async function openToAppend(
  path: string,
  mode: number,
  ownerOf?: string,
): Promise<Deno.FsFile> {
  for (let tries = 0; tries < TRIES; tries++) {
    const made = await Deno.open(path, { append: true, createNew: true, mode }).catch(existing);
    if (made !== undefined) {
      await giveToDirectoryOwner(path, { ownerOf, made, mode });
      return made;
    }
    const before = await Deno.lstat(path).catch(notToBeSeen);
    refuseLink(path, before);
    // A link of root's to a file that is not there yet is made through it.
    const file = await Deno.open(path, { append: true, create: true, mode });
    if (before === undefined || before.isSymlink || isSame(before, await file.stat())) return file;
    file.close();
  }
  throw replaced(path);
}

/** What {@link openToAppend} does, at once; throws alike. */
export function openToAppendSync(path: string, mode: number, ownerOf?: string): Deno.FsFile {
  for (let tries = 0; tries < TRIES; tries++) {
    try {
      const made = Deno.openSync(path, { append: true, createNew: true, mode });
      giveToDirectoryOwnerSync(path, { ownerOf, made, mode });
      return made;
    } catch (error) {
      existing(error);
    }
    const before = lookSync(path);
    refuseLink(path, before);
    const file = Deno.openSync(path, { append: true, create: true, mode });
    if (before === undefined || before.isSymlink || isSame(before, file.statSync())) return file;
    file.close();
  }
  throw replaced(path);
}

/** How often a file may be replaced while it is opened: others begin a new one when it is large. */
const TRIES = 50;

function lookSync(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    return notToBeSeen(error);
  }
}

function existing(error: unknown): undefined {
  if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
}

/** The program may write the file and not look at it, or it was renamed just now. */
function notToBeSeen(error: unknown): undefined {
  if (!(error instanceof Deno.errors.NotCapable || error instanceof Deno.errors.NotFound)) throw error;
}

function refuseLink(path: string, info: Deno.FileInfo | undefined): void {
  if (info?.isSymlink && info.uid !== 0) throw new Error(`${path} is a link: remove it`);
}

/** Deno's own open has no O_NOFOLLOW: what was opened is compared with what was looked at. */
function isSame(before: Deno.FileInfo, opened: Deno.FileInfo): boolean {
  return opened.dev === before.dev && opened.ino === before.ino;
}

function replaced(path: string): Error {
  return new Error(`${path} is replaced each time it is opened`);
}
