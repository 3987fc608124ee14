import { makeCredential, socketOf } from "../../lib/preflight/machine/munge_facts.ts";
import { decodeText } from "../../lib/config/decode.ts";
import { CommandError, UsageError } from "../base/command.ts";
import type { Examination } from "./section.ts";
import { ExitCode } from "../base/exit_code.ts";
import type { Host } from "../base/host.ts";

/**
 * Prints a fresh munge credential of this user's, for `--check-credential` on another machine. It is not a key, but
 * for its five minutes it says who we are: it goes to standard output only.
 * @throws {CommandError} when munged makes none.
 */
export async function printCredential(examination: Examination): Promise<ExitCode> {
  const { machine, slurm } = await examination.viewMachine();
  const ran = await makeCredential(machine, socketOf(slurm));
  if (ran.kind === "ended" && ran.code === 0) {
    examination.host.stdout.write(ran.stdout);
    return ExitCode.Done;
  }
  const words = ran.kind === "ended" ? ran.stderr.trim() : `munge: ${ran.kind}`;
  throw new CommandError(`No credential: ${words}; see slurm-ec2 doctor --only munge`);
}

/** Text of a file that the user named, or of standard input for `-`. */
export async function readNamed(host: Host, path: string): Promise<string> {
  if (path === "-") return decodeText(await host.readStdin(), "standard input");
  try {
    return host.files.readText(path);
  } catch (error) {
    if (!(error instanceof Error) || error instanceof Deno.errors.NotCapable) throw error;
    throw new UsageError(`Can't read --check-credential ${path}: ${error.message}`);
  }
}
