import { InstallError } from "./disk_problem.ts";

/**
 * The type of the file system that a path lies on, or will lie on, in findmnt(8)'s words: `xfs`, `nfs4`, `fuse.sshfs`;
 * undefined where findmnt does not say, or is not there.
 */
export async function fileSystemOf(path: string): Promise<string | undefined> {
  try {
    const { code, stdout } = await new Deno.Command("findmnt", {
      args: ["--noheadings", "--output", "FSTYPE", "--target", nearestExisting(path)],
      stdin: "null",
      stderr: "null",
    }).output();
    const type = new TextDecoder().decode(stdout).trim();
    return code === 0 && type !== "" ? type : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new InstallError(`Can't ask findmnt about ${path}: ${(error as Error).message}`);
  }
}

/** The path itself, or the directory above it that is there. */
function nearestExisting(path: string): string {
  for (let at = path; at !== "" && at !== "/"; at = at.slice(0, at.lastIndexOf("/"))) {
    try {
      Deno.statSync(at);
      return at;
    } catch {
      // What is above it may be there.
    }
  }
  return "/";
}
