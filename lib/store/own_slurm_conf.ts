import { giveToDirectoryOwnerSync, makeStateDirectorySync } from "../base/directory_owner.ts";
import { readPlainFile } from "../base/plain_file.ts";

/** Name of the file in stateDir. */
const OWN_SLURM_CONF = "own-slurm.conf";

/** Where the file is. */
export function ownSlurmConfPath(stateDir: string): string {
  return `${stateDir}/${OWN_SLURM_CONF}`;
}

/** What the file says; undefined where it is not there, or not a plain file. */
export function readOwnSlurmConf(stateDir: string): string | undefined {
  try {
    return new TextDecoder().decode(readPlainFile(ownSlurmConfPath(stateDir), { maxBytes: 64 * 1024 }));
  } catch {
    return undefined;
  }
}

/**
 * Writes the file, unless it says that already: on a full disk nothing is to be written.
 * @throws {Error} of Deno when it can't be written
 */
export function keepOwnSlurmConf(stateDir: string, text: string): void {
  if (readOwnSlurmConf(stateDir) === text) return;
  const path = ownSlurmConfPath(stateDir);
  const temporary = `${path}.${crypto.randomUUID()}`;
  makeStateDirectorySync(stateDir);
  try {
    Deno.writeTextFileSync(temporary, text, { mode: 0o640, createNew: true });
    giveToDirectoryOwnerSync(temporary);
    Deno.renameSync(temporary, path);
  } catch (error) {
    try {
      Deno.removeSync(temporary);
    } catch {
      // It was never made.
    }
    throw error;
  }
}
