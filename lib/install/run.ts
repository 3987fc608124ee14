import { explainDisk, InstallError } from "./disk_problem.ts";
import { type Manifest, manifestText, parseManifest } from "./manifest.ts";
import type { Action, Desired, Plan } from "./plan.ts";
import { LOCK, MANIFEST, type Release, type ReleaseFile, sha256Hex, UNFINISHED } from "./release.ts";
import { place } from "./survey.ts";

/** The manifest below a prefix; undefined where there is none, or (with the reason reported) it can't be understood. */
export function readManifest(prefix: string, tell: (problem: string) => void): Manifest | undefined {
  const path = `${prefix}/${MANIFEST}`;
  try {
    return parseManifest(Deno.readTextFileSync(path));
  } catch (error) {
    if (error instanceof SyntaxError) {
      tell(`${path} is not usable (${error.message})`);
      return undefined;
    }
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
}

/** A file of a release that is copied from elsewhere. */
export async function copiedFile(path: string, mode: number, from: string): Promise<ReleaseFile> {
  const sha256 = await sha256Hex(await Deno.readFile(from));
  return { path, mode, sha256, content: { kind: "copy", from } };
}

/**
 * Runs work that no other install or uninstall of the prefix may disturb. Makes what of the prefix the lock needs,
 * readable by all whatever the umask.
 * @returns what the work returns.
 * @throws {InstallError} when another one is at work, or the prefix can't be written.
 */
export async function alone<T>(
  prefix: string,
  work: (made: readonly string[]) => Promise<T>,
): Promise<T> {
  const made = makeParents(prefix);
  const path = `${prefix}/${LOCK}`;
  let lock: Deno.FsFile;
  try {
    lock = Deno.openSync(path, { create: true, write: true, mode: 0o600 });
  } catch (error) {
    throw explainDisk(error, path);
  }
  try {
    if (!lock.tryLockSync(true)) {
      throw new InstallError(
        `Another install or uninstall works in ${prefix}: wait for its end, then try again`,
      );
    }
    return await work(made);
  } finally {
    lock.close();
  }
}

/** Makes the prefix and its lib/; which of them were not there, below the prefix. */
function makeParents(prefix: string): readonly string[] {
  const parts = `${prefix}/lib`.split("/").slice(1);
  const all = parts.map((_, index) => `/${parts.slice(0, index + 1).join("/")}`);
  const made = all.filter((path) => makeDirectory(path, 0o755));
  return made.filter((path) => path.length >= prefix.length).map((path) => path.slice(prefix.length + 1));
}

/** Whether it was not there. */
function makeDirectory(path: string, mode: number): boolean {
  try {
    Deno.mkdirSync(path);
    // The mode of mkdir is cut by umask.
    Deno.chmodSync(path, mode);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    throw explainDisk(error, path);
  }
}

/**
 * Carries a plan out, the manifest first. Broken off anywhere, what was in use before is still whole or the new one
 * already is, and the next install goes on from there. `onFiles` is called with the number of the release's files written so far.
 * @throws {InstallError} when the file system refuses.
 */
export async function install(
  prefix: string,
  desired: Desired,
  plan: Extract<Plan, { readonly kind: "plan" }>,
  onFiles: (files: number) => void = () => {},
): Promise<void> {
  writeText(`${prefix}/${MANIFEST}`, manifestText(plan.begin), 0o644);
  for (const action of plan.actions) {
    try {
      if (action.kind === "write-release") await writeRelease(prefix, action.path, desired.release, onFiles);
      else if (action.kind === "write-settings") writeSettings(prefix, action.path, desired);
      else carryOut(prefix, action);
    } catch (error) {
      throw explainDisk(error, place(prefix, action.path));
    }
  }
  writeText(`${prefix}/${MANIFEST}`, manifestText(plan.end), 0o644);
}

/**
 * Carries the plan of an uninstall or of going back out.
 * @throws {InstallError} when the file system refuses.
 */
export function carryOutAll(prefix: string, actions: readonly Action[]): void {
  for (const action of actions) {
    try {
      carryOut(prefix, action);
    } catch (error) {
      throw explainDisk(error, place(prefix, action.path));
    }
  }
}

/** Writes the manifest after what was done without {@link install}. */
export function writeManifest(prefix: string, manifest: Manifest): void {
  writeText(`${prefix}/${MANIFEST}`, manifestText(manifest), 0o644);
}

/** Lets everybody read files that others' code wrote under a strict umask: slurmctld and nodes include them. */
export function makeReadable(paths: readonly string[]): void {
  for (const path of paths) {
    try {
      Deno.chmodSync(path, 0o644);
    } catch (error) {
      throw explainDisk(error, path);
    }
  }
}

function carryOut(prefix: string, action: Action): void {
  const path = place(prefix, action.path);
  switch (action.kind) {
    case "make-directory":
      makeDirectories(path, action.mode);
      return;
    case "set-mode":
      return Deno.chmodSync(path, action.mode);
    case "own":
      return Deno.chownSync(path, action.uid, action.gid);
    case "set-aside":
      return Deno.renameSync(path, place(prefix, action.to));
    case "link":
      return switchLink(path, action.target);
    case "remove":
      return removeIfThere(path);
    case "remove-tree":
      return removeIfThere(path, { recursive: true });
    case "remove-directory-if-empty":
      return removeIfEmpty(path);
    default:
      throw new TypeError(`Not an action of this kind of plan: ${action.kind}`);
  }
}

/** A state directory's parents may be missing, too; they are everybody's to read. */
function makeDirectories(path: string, mode: number): void {
  const parent = path.slice(0, path.lastIndexOf("/"));
  if (parent !== "" && !isThere(parent)) makeDirectories(parent, 0o755);
  makeDirectory(path, mode);
}

function isThere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Writes a whole release next to its place, onto the disk, and gives it its name last. */
async function writeRelease(
  prefix: string,
  path: string,
  release: Release,
  onFiles: (files: number) => void,
): Promise<void> {
  const directory = `${prefix}/lib/${UNFINISHED}${crypto.randomUUID()}`;
  try {
    makeDirectory(directory, 0o755);
    for (const [done, file] of release.files.entries()) {
      onFiles(done);
      makeDirectoriesBelow(directory, file.path);
      await writeReleaseFile(`${directory}/${file.path}`, file);
    }
    for (const [name, target] of Object.entries(release.links)) {
      Deno.symlinkSync(target, `${directory}/${name}`);
    }
    Deno.renameSync(directory, place(prefix, path));
  } catch (error) {
    try {
      removeIfThere(directory, { recursive: true });
    } catch { /* the first error is the one to tell; the next install removes what is left */ }
    throw error;
  }
}

function makeDirectoriesBelow(directory: string, path: string): void {
  const parts = path.split("/").slice(0, -1);
  for (let count = 1; count <= parts.length; count++) {
    makeDirectory(`${directory}/${parts.slice(0, count).join("/")}`, 0o755);
  }
}

async function writeReleaseFile(path: string, { mode, sha256, content }: ReleaseFile): Promise<void> {
  const bytes = content.kind === "text"
    ? new TextEncoder().encode(content.text)
    : await Deno.readFile(content.from);
  if (await sha256Hex(bytes) !== sha256) {
    throw new InstallError(
      `${content.kind === "copy" ? content.from : path} changed while it was installed: try again`,
    );
  }
  writeWhole(path, bytes, mode);
}

/** Writes a file that was not there, onto the disk. */
function writeWhole(path: string, bytes: Uint8Array, mode: number): void {
  const file = Deno.openSync(path, { createNew: true, write: true, mode });
  try {
    for (let rest = bytes; rest.length > 0;) rest = rest.subarray(file.writeSync(rest));
    file.syncSync();
    Deno.chmodSync(path, mode);
  } finally {
    file.close();
  }
}

/** One name, so that an interrupted install leaves nothing that the next one does not use again. */
function temporaryName(path: string): string {
  return `${path}.slurm-ec2-new`;
}

/** Replaces a file by a whole one. */
function writeText(path: string, text: string, mode: number): void {
  const temporary = temporaryName(path);
  try {
    removeIfThere(temporary);
    writeWhole(temporary, new TextEncoder().encode(text), mode);
    Deno.renameSync(temporary, path);
  } catch (error) {
    try {
      removeIfThere(temporary);
    } catch { /* the first error is the one to tell */ }
    throw explainDisk(error, path);
  }
}

function writeSettings(prefix: string, path: string, { settings }: Desired): void {
  const file = settings.find((one) => one.path === path)!;
  writeText(place(prefix, path), file.text, file.mode);
  if (file.gid !== undefined) Deno.chownSync(place(prefix, path), null, file.gid);
}

/** Makes a link, or lets it point elsewhere, in one step: a reader finds the old target or the new one. */
function switchLink(path: string, target: string): void {
  const temporary = temporaryName(path);
  removeIfThere(temporary);
  Deno.symlinkSync(target, temporary);
  try {
    Deno.renameSync(temporary, path);
  } catch (error) {
    removeIfThere(temporary);
    throw error;
  }
}

function removeIfThere(path: string, options?: Deno.RemoveOptions): void {
  try {
    Deno.removeSync(path, options);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function removeIfEmpty(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    if (!(error instanceof Deno.errors.NotFound) && code !== "ENOTEMPTY" && code !== "EBUSY") throw error;
  }
}
