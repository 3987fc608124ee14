import { resetGroup } from "../../lib/cluster/boot_failures.ts";
import type { Config } from "../../lib/config/model.ts";
import type { State } from "../../lib/controller/state.ts";
import { CONFIG_FLAG, defineCommand, UsageError } from "../base/command.ts";
import type { Flag } from "../base/flag.ts";
import { ExitCode } from "../base/exit_code.ts";
import type { Host } from "../base/host.ts";
import { loadConfig } from "../base/load_config.ts";
import { nodeGroupNamed } from "../base/node_group_name.ts";
import { NO_PERMISSIONS } from "../base/permissions.ts";
import { changeState } from "./store_change.ts";

const FLAGS = [CONFIG_FLAG] as const satisfies readonly Flag[];

/** `slurm-ec2 reset`: a person has fixed a node group's image. */
export const reset = defineCommand({
  name: "reset",
  summary: "Let a node group be launched again after five boots in a row failed.",
  arguments: "GROUP",
  flags: FLAGS,
  examples: [{ command: "slurm-ec2 reset c7i", says: "The image of group c7i is fixed" }],
  notes: "Another AMI id in the node group's SSM parameter does the same without this command.",
  permissions: { ...NO_PERMISSIONS, read: ["config", "state", "log"], write: ["state", "log"], env: true },
  async run(host, flags) {
    const [name] = flags.positional;
    if (name === undefined) {
      throw new UsageError("Command reset needs one node group: slurm-ec2 reset GROUP");
    }
    const config = loadConfig(host, flags);
    nodeGroupNamed(config, name);
    const forgotten = await forget(host, config, name);
    host.stdout.write(
      forgotten.map((line) => `Group ${name}: forgot ${line}\n`).join("") ||
        `Group ${name} had no failed boots: nothing to reset\n`,
    );
    return ExitCode.Done;
  },
});

/** Forgets the group's failed boots, or has the worker do it; answers them as `5 failed boots of ami-…`. */
async function forget(host: Host, config: Config, nodeGroup: string): Promise<string[]> {
  const own = ({ bootFailures }: State) =>
    Object.entries(bootFailures).filter(([key]) => key.startsWith(`${nodeGroup} `));
  const before = await changeState(host, config, {
    kind: "reset",
    subject: nodeGroup,
    otherwise: "nothing was reset",
    isDone: (state) => own(state).length === 0,
    change: (state) => ({
      state: { ...state, bootFailures: resetGroup(state.bootFailures, nodeGroup) },
      events: [],
    }),
  });
  return own(before).map(([key, count]) => `${count} failed boots of ${key.slice(nodeGroup.length + 1)}`);
}
