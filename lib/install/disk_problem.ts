/** An install or uninstall that could not be carried out; the message says why and what to do. */
export class InstallError extends Error {
  /** As it is printed. */
  override readonly name = "InstallError";
}

/** What each of errno(3)'s names means to a person. */
const PROBLEMS: Readonly<Record<string, string>> = {
  EROFS: "the file system is read-only; install on the host that may write to it, or mount it read-write",
  ENOSPC:
    "the disk is full; a release takes about 100 MB, and what was installed before stays in use until a new one is whole",
  EDQUOT: "the disk quota is used up; a release takes about 100 MB",
  EACCES: "permission denied; run this as root, or as the user that the prefix belongs to",
  EPERM: "not permitted; run this as root",
  ENOTDIR: "a part of the path is not a directory; move it away, or choose another prefix",
  ESTALE: "the file system's server forgot it; mount it again",
};

/** A file system's refusal, by the system's own code, as an error for a person; anything else as it is. */
export function explainDisk(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || error instanceof InstallError) return error;
  const { code } = error as { readonly code?: unknown };
  if (typeof code !== "string") return error;
  return new InstallError(`Can't write ${path}: ${PROBLEMS[code] ?? error.message}`, { cause: error });
}
