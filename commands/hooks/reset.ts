import { resetGroup } from "../../lib/cluster/boot_failures.ts";
import { ForeignStateError, HookState } from "../../lib/cluster/hook_state.ts";
import type { Config } from "../../lib/config/model.ts";
import { didYouMean } from "../../lib/base/did_you_mean.ts";
import { CommandError, CONFIG_FLAG, defineCommand, UsageError } from "../base/command.ts";
import type { Flag } from "../base/flag.ts";
import { ExitCode } from "../base/exit_code.ts";
import { loadConfig } from "../base/load_config.ts";
import { NO_PERMISSIONS } from "../base/permissions.ts";

const FLAGS = [CONFIG_FLAG] as const satisfies readonly Flag[];

/** `slurm-ec2 reset`: a person has mended a node group's image. */
export const reset = defineCommand({
  name: "reset",
  summary: "Let a node group be launched again after five boots in a row failed.",
  arguments: "GROUP",
  flags: FLAGS,
  examples: [{ command: "slurm-ec2 reset c7i", says: "The image of group c7i is mended" }],
  notes: "Another AMI id in the node group's SSM parameter does the same without this command.",
  permissions: { ...NO_PERMISSIONS, read: ["config", "state"], write: ["state", "log"], env: true },
  async run(host, flags) {
    const [name] = flags.positional;
    if (name === undefined) {
      throw new UsageError("Command reset needs one node group: slurm-ec2 reset GROUP");
    }
    const config = loadConfig(host, flags);
    const known = config.nodeGroups.map((group) => group.name);
    if (!known.includes(name)) {
      const guess = didYouMean(name, known);
      throw new UsageError(
        `Unknown node group: "${name}"${
          guess ? ` (did you mean "${guess}"?)` : `; known: ${known.join(", ")}`
        }`,
      );
    }
    const log = await host.connect.log(config);
    try {
      const forgotten = await forget(new HookState(config.stateDir, config.cluster, log), config, name);
      log.info(`reset ${name}`);
      host.stdout.write(
        forgotten.map((line) => `Group ${name}: forgot ${line}\n`).join("") ||
          `Group ${name} had no failed boots: nothing to reset\n`,
      );
    } finally {
      log.close();
    }
    return ExitCode.Done;
  },
});

/** Forgets the group's failed boots; answers them as `5 failed boots of ami-…`. */
async function forget(
  state: HookState,
  { stateDir, logFile }: Pick<Config, "stateDir" | "logFile">,
  nodeGroup: string,
): Promise<string[]> {
  try {
    await state.open();
  } catch (error) {
    if (error instanceof ForeignStateError) throw new CommandError(error.message);
    throw error;
  }
  const own = async () =>
    Object.entries(await state.bootFailures()).filter(([key]) => key.startsWith(`${nodeGroup} `));
  const before = await own();
  await state.updateBootFailures((counts) => resetGroup(counts, nodeGroup));
  if (!state.usable || (await own()).length > 0) {
    throw new CommandError(
      `State directory ${stateDir} can't be used, so nothing was reset: the reason is in ${logFile}; ` +
        "run this as the user that slurmctld runs as",
    );
  }
  return before.map(([key, count]) => `${count} failed boots of ${key.slice(nodeGroup.length + 1)}`);
}
