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
 * The path that an Include line means: relative ones count from the directory of the file that holds the line,
 * `%c` is ClusterName in lower case (slurm.conf(5), "Include"; `_add_full_path` and `_parse_for_format` in
 * src/common/parse_config.c). Undefined when `%c` is used and no ClusterName is known yet.
 */
export function resolveInclude(
  path: string,
  directory: string,
  clusterName: string | undefined,
): string | undefined {
  if (path.includes("%c") && clusterName === undefined) return undefined;
  const named = path.replaceAll("%c", clusterName?.toLowerCase() ?? "");
  return named.startsWith("/") ? named : directory + named;
}
