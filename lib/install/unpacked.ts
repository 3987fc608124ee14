import { place } from "./survey.ts";

/** A user whose unpacked programs are looked for. */
export interface Unpacker {
  readonly uid: number;
  /** Home directory; undefined where it isn't known. */
  readonly home: string | undefined;
}

/** A directory that a program of ours made for itself, outside the prefix. */
export interface Unpacked {
  /** Absolute. */
  readonly path: string;
  /** The directory around it where that was made for it alone: to be removed once it is empty. */
  readonly around?: string;
}

/** The launcher's line that says which archive it unpacks (deploy/build/portable/launcher). */
const NAME = /^name=slurm-ec2-\$uid-([0-9a-f]{16})$/m;

/** Which archive a portable file's launcher unpacks; undefined: it is not one. */
export function archiveOf(launcher: string): string | undefined {
  return NAME.exec(launcher)?.[1];
}

/** The archives that the releases below a prefix were made of. */
export function archivesOf(prefix: string, releases: readonly string[]): readonly string[] {
  const found = releases.flatMap((name) => {
    const archive = archiveOf(textOf(place(prefix, `lib/${name}/bin/slurm-ec2`)));
    return archive === undefined ? [] : [archive];
  });
  return [...new Set(found)];
}

/**
 * What portable files of these archives have unpacked, where the launcher puts it for these users. A directory counts
 * only where it is one (no link), belongs to its user alone and holds a program.
 * @param bases further directories that launchers unpacked to
 */
export function findUnpacked(
  archives: readonly string[],
  users: readonly Unpacker[],
  bases: readonly string[],
): readonly Unpacked[] {
  return users.flatMap(({ uid, home }) => {
    const own = home === undefined ? undefined : `${home}/.cache/slurm-ec2`;
    const all = new Set([...bases, ...(own === undefined ? [] : [own])]);
    return [...all].flatMap((base) =>
      archives.map((archive) => `${base}/slurm-ec2-${uid}-${archive}`)
        .filter((path) => isPrivate(path, uid) && holdsProgram(path, uid))
        .map((path): Unpacked => base === own ? { path, around: base } : { path })
    );
  });
}

/** Whether a path is a directory that its user alone may enter. */
function isPrivate(path: string, uid: number): boolean {
  const info = look(path);
  return info !== undefined && info.isDirectory && info.uid === uid && ((info.mode ?? 0) & 0o777) === 0o700;
}

function holdsProgram(path: string, uid: number): boolean {
  return ["main.js", "deno"].every((name) => {
    const info = look(`${path}/app/${name}`);
    return info !== undefined && info.isFile && info.uid === uid;
  });
}

/** Never what a link points to; undefined: nothing is there, or this user can't see it. */
function look(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (isUnseen(error)) return undefined;
    throw error;
  }
}

function textOf(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (isUnseen(error)) return "";
    throw error;
  }
}

function isUnseen(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory ||
    error instanceof Deno.errors.PermissionDenied;
}
