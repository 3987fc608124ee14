import { isOpen, modeText } from "./survey_model.ts";

/** A directory on the way to the prefix, or the prefix. */
export interface Ancestor {
  readonly path: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/**
 * The prefix without doubled or closing slashes.
 * @throws {RangeError} when hooks could not be called by such a path, or it is not a place of its own.
 */
export function checkPrefix(text: string): string {
  if (!text.startsWith("/")) {
    throw new RangeError(`Prefix is not absolute: "${text}"; slurmctld calls hooks by absolute paths`);
  }
  const prefix = text.replace(/\/{2,}/g, "/").replace(/\/$/, "");
  if (prefix === "") throw new RangeError(`Prefix is the root directory: name a directory of its own`);
  if (prefix.split("/").some((part) => part === "." || part === "..")) {
    throw new RangeError(`Prefix has "." or ".." in it: "${text}"; write the path without`);
  }
  const kernels = /^\/(?:proc|sys|dev)(?=\/|$)/.exec(prefix)?.[0];
  if (kernels !== undefined) {
    throw new RangeError(
      `Prefix lies in ${kernels}, where the kernel keeps no files: "${text}"; name another place`,
    );
  }
  // Blanks, # and quotes mean something in slurm.conf, commas in lists of paths that are granted.
  const bad = /[\s,#"'\\:;|&$`*?<>()[\]{}\p{Cc}]/u.exec(prefix)?.[0];
  if (bad !== undefined) {
    throw new RangeError(
      `Prefix has ${JSON.stringify(bad)} in it: "${text}"; slurm.conf can't name programs below it`,
    );
  }
  return prefix;
}

/**
 * Why others could put a program of their own in the place of a hook, one line each. `trusted` are the users who
 * may own directories on the way: root, the user that installs, and SlurmUser.
 */
export function openAncestors(ancestors: readonly Ancestor[], trusted: readonly number[]): string[] {
  return ancestors.flatMap(({ path, mode, uid, gid }) => {
    if (!trusted.includes(uid)) {
      return [
        `${path} belongs to user ${uid}, who could replace the hooks: chown it to root, or choose another prefix`,
      ];
    }
    // In a sticky directory nobody can rename what is another's; members of root's own group are root's business.
    const isProtected = (mode & 0o1000) !== 0 || (gid === 0 && (mode & 0o002) === 0);
    if (isProtected || !isOpen(mode)) return [];
    return [
      `Others may write to ${path} (mode ${modeText(mode)}) and so replace the hooks: chmod go-w ${path}`,
    ];
  });
}
