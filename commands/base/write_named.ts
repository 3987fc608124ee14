import { systemWords } from "../../lib/base/read_failure.ts";
import { CommandError } from "./command.ts";
import type { Host } from "./host.ts";

/**
 * Writes a file that the user named. A new one can be read by everybody: what root writes, SlurmUser must be able to
 * read, and none of it is secret.
 * @throws {CommandError} when it can't be written, with the next step.
 */
export function writeNamed(host: Host, file: string, text: string): void {
  try {
    host.files.writeText(file, text, { newMode: 0o644 });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new CommandError(
        `Can't write ${file}: its directory doesn't exist; make it first, or name another place`,
      );
    }
    if (error instanceof Deno.errors.PermissionDenied) {
      throw new CommandError(`Can't write ${file}: permission denied; name a place that you may write to`);
    }
    if (!(error instanceof Error) || error instanceof Deno.errors.NotCapable) throw error;
    throw new CommandError(`Can't write ${file}: ${systemWords(error)}; name another place`);
  }
}
