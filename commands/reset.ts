import { resetGroup } from "../lib/cluster/boot_failures.ts";
import { HookState } from "../lib/cluster/hook_state.ts";
import { didYouMean } from "../lib/base/did_you_mean.ts";
import { type Command, CONFIG_FLAG, UsageError } from "./command.ts";
import { ExitCode } from "./exit_code.ts";
import { loadConfig } from "./load_config.ts";
import { NO_PERMISSIONS } from "./permissions.ts";

/** `slurm-ec2 reset`: a person has mended a node group's image. */
export const reset: Command = {
  name: "reset",
  summary: "Let a node group be launched again after five boots in a row failed.",
  arguments: "GROUP",
  flags: [CONFIG_FLAG],
  examples: [{ command: "slurm-ec2 reset c7i", says: "The image of group c7i is mended" }],
  notes: "Another AMI id in the node group's SSM parameter does the same without this command.",
  permissions: { ...NO_PERMISSIONS, read: ["config", "state"], write: ["state", "log"], env: true },
  async run(host, flags) {
    const [name, ...rest] = flags.positional;
    if (name === undefined || rest.length > 0) {
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
    const state = new HookState(config.stateDir, config.cluster, log);
    await state.open();
    const before = await state.bootFailures();
    await state.updateBootFailures((counts) => resetGroup(counts, name));
    const failures = Object.entries(before).filter(([key]) => key.startsWith(`${name} `));
    host.stdout.write(
      failures.length === 0
        ? `Group ${name} had no failed boots: nothing to reset\n`
        : failures.map(([key, count]) =>
          `Group ${name}: forgot ${count} failed boots of ${key.slice(name.length + 1)}\n`
        ).join(""),
    );
    log.info(`reset ${name}`);
    log.close();
    return ExitCode.Done;
  },
};
