import { expandHostlist } from "../../lib/slurm/hostlist.ts";
import { UsageError } from "../base/command.ts";

/**
 * The nodes that a hook was called for: the last argument, since Slurm may put new ones before it.
 * @throws {UsageError} when there is none, or it is not a hostlist
 */
export function hostlistArgument(
  flags: { readonly positional: readonly string[] },
  command: string,
): string[] {
  const nodes = namesOf(flags.positional.at(-1) ?? "");
  if (nodes.length > 0) return nodes;
  throw new UsageError(`Command ${command} needs a hostlist, e.g. slurm-ec2 ${command} "c[0-7]"`);
}

/** The names of a hostlist. @throws {UsageError} that says where it goes wrong */
export function namesOf(text: string): string[] {
  try {
    return expandHostlist(text);
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
    // It says which hostlist that is.
    throw new UsageError(error.message);
  }
}
