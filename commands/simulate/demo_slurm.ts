import { CommandError } from "../base/command.ts";
import { ExitCode } from "../base/exit_code.ts";
import type { Host } from "../base/host.ts";
import { filePath } from "../../lib/base/file_path.ts";

/** The story on a real Slurm; it stands on the private clusters of the end-to-end tests, so on a checkout. */
const STORY = new URL("../../tests/e2e/demo_on_slurm.ts", import.meta.url);

/**
 * Runs the story under a real slurmctld with real slurmds on loopback.
 * @throws {CommandError} without a checkout
 */
export async function demoOnSlurm(host: Host): Promise<ExitCode> {
  if (STORY.protocol !== "file:" || !host.files.exists(filePath(STORY))) {
    throw new CommandError(
      "demo --slurm starts a private cluster of the end-to-end tests: run it from a checkout (deno task demo --slurm)",
    );
  }
  const child = new Deno.Command(Deno.execPath(), { args: ["run", "-A", "--frozen", filePath(STORY)] })
    .spawn();
  return (await child.status).code === 0 ? ExitCode.Done : ExitCode.Failed;
}
