import { giveToDirectoryOwnerSync } from "../../lib/base/directory_owner.ts";
import type { Config } from "../../lib/config/model.ts";
import { shellWord } from "../../lib/preflight/parameters/value_checks.ts";
import { CommandError } from "../base/command.ts";

/**
 * Makes the first of stateDir and the directories above it that is missing, where it is of use to the hooks: root's own
 * would not be, unless they run as root. What else is wrong with the place is left to the caller to find.
 * @param otherwise What does not happen then, e.g. `nothing is paused`
 * @throws {CommandError} where root would keep it: nothing is made then
 */
export function makeOwnStateDir({ stateDir, slurm }: Config, otherwise: string): void {
  if (slurm.user === "root" || !isMissing(stateDir)) return;
  const path = firstMissing(stateDir);
  try {
    Deno.mkdirSync(path, { mode: 0o750 });
  } catch {
    return;
  }
  giveToDirectoryOwnerSync(path, { mode: 0o750 });
  if (Deno.lstatSync(path).uid !== 0) return;
  Deno.removeSync(path);
  throw new CommandError(
    `State directory ${stateDir} does not exist, so ${otherwise}: made by root it would be of no use to ` +
      `the hooks, which run as ${slurm.user}; run slurm-ec2 install, or make it: ` +
      `install -d -m 0750 -o ${slurm.user} ${shellWord(stateDir)}`,
  );
}

/** Directories above it are looked at as far as that is allowed: commands with scoped permissions see stateDir alone. */
function firstMissing(path: string): string {
  const above = path.slice(0, path.lastIndexOf("/"));
  return above !== "" && isMissing(above) ? firstMissing(above) : path;
}

function isMissing(path: string): boolean {
  try {
    Deno.statSync(path);
    return false;
  } catch (error) {
    return error instanceof Deno.errors.NotFound;
  }
}
