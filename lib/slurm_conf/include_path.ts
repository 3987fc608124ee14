import type { FileKind } from "./document.ts";

/** Which parser reads a file of that name: gres.conf's for `gres.conf` and `gres*.conf`, else slurm.conf's. */
export function fileKind(path: string): FileKind {
  return /^gres.*\.conf$/i.test(path.slice(path.lastIndexOf("/") + 1)) ? "gres.conf" : "slurm.conf";
}

/** The directory part with its slash; empty for a bare name. */
export function directoryOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1);
}

/**
 * The paths that an Include line may mean. A relative one counts from the directory of slurm.conf itself (slurmctld
 * 24.11.5 and 26.05.5 do so), or from that of the file that holds the line (22.05.8): one path where both are the
 * same, else both, the newer releases' first. `%c` is ClusterName in lower case (slurm.conf(5), "INCLUDE
 * MODIFIERS"); undefined when it is used and no ClusterName is known yet.
 */
export function includePaths(
  path: string,
  directories: { readonly root: string; readonly includer: string },
  clusterName: string | undefined,
): string[] | undefined {
  if (path.includes("%c") && clusterName === undefined) return undefined;
  const named = path.replaceAll("%c", clusterName?.toLowerCase() ?? "");
  if (named.startsWith("/")) return [named];
  return [...new Set([directories.root + named, directories.includer + named])];
}
