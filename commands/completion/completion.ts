import { VERSION } from "../../lib/base/version.ts";
import { type Command, defineCommand, type LoadCommands, UsageError } from "../base/command.ts";
import { ExitCode } from "../base/exit_code.ts";
import type { Host } from "../base/host.ts";
import { NO_PERMISSIONS } from "../base/permissions.ts";

const SHELLS = ["bash", "zsh"] as const;

/** `slurm-ec2 completion`, which completes these commands. */
export function completionCommand(loadCommands: LoadCommands): Command {
  return defineCommand({
    name: "completion",
    summary: "Print the script with which a shell completes commands, flags, values and files.",
    arguments: "SHELL",
    argumentValues: SHELLS,
    argumentHint: `it takes ${SHELLS.join(" or ")}`,
    flags: [],
    examples: [
      { command: "slurm-ec2 completion bash > slurm-ec2.bash", says: "A script for bash to source" },
      { command: 'eval "$(slurm-ec2 completion bash)"', says: "In ~/.bashrc" },
      { command: 'eval "$(slurm-ec2 completion zsh)"', says: "In ~/.zshrc, after compinit" },
    ],
    notes:
      "An installed slurm-ec2 has it where bash-completion 2.12 and later finds it by itself; for others it is " +
      "lib/slurm-ec2/share/bash-completion/completions/slurm-ec2 below the prefix.",
    // Every command's own part is loaded for its flags, after the arguments are read.
    permissions: { ...NO_PERMISSIONS, read: ["program"] },
    run: async (host, flags) => await runCompletion(host, flags.positional, loadCommands),
  });
}

async function runCompletion(
  host: Host,
  [shell]: readonly string[],
  loadCommands: LoadCommands,
): Promise<ExitCode> {
  if (shell === undefined) throw new UsageError(`Command completion needs one shell: ${SHELLS.join(" or ")}`);
  const script = await makeCompletion(loadCommands);
  host.stdout.write(shell === "zsh" ? `autoload -U +X bashcompinit && bashcompinit\n${script}` : script);
  return ExitCode.Done;
}

/** The script, from the same data as help and parsing. */
export async function makeCompletion(loadCommands: LoadCommands): Promise<string> {
  const { completionScript } = await import("./script.ts");
  return completionScript(await loadCommands(), VERSION);
}
