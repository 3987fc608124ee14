import { resetGroup } from "../../lib/cluster/boot_failures.ts";
import type { Config } from "../../lib/config/model.ts";
import type { State } from "../../lib/controller/state.ts";
import { errorText } from "../../lib/base/error_text.ts";
import { tryWorkerLock } from "../../lib/store/lock.ts";
import { openStore, StateRefusedError } from "../../lib/store/open.ts";
import { Queue } from "../../lib/store/queue.ts";
import { openStateReader } from "../../lib/store/reader.ts";
import { CommandError, CONFIG_FLAG, defineCommand, UsageError } from "../base/command.ts";
import type { Flag } from "../base/flag.ts";
import { ExitCode } from "../base/exit_code.ts";
import type { Host } from "../base/host.ts";
import { loadConfig } from "../base/load_config.ts";
import { nodeGroupNamed } from "../base/node_group_name.ts";
import { NO_PERMISSIONS } from "../base/permissions.ts";

const FLAGS = [CONFIG_FLAG] as const satisfies readonly Flag[];

/** `slurm-ec2 reset`: a person has fixed a node group's image. */
export const reset = defineCommand({
  name: "reset",
  summary: "Let a node group be launched again after five boots in a row failed.",
  arguments: "GROUP",
  flags: FLAGS,
  examples: [{ command: "slurm-ec2 reset c7i", says: "The image of group c7i is fixed" }],
  notes: "Another AMI id in the node group's SSM parameter does the same without this command.",
  permissions: { ...NO_PERMISSIONS, read: ["config", "state"], write: ["state", "log"], env: true },
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

/** Milliseconds for which a worker that is busy is waited for. */
const PATIENCE = 30_000;

/** Forgets the group's failed boots, or has the worker do it; answers them as `5 failed boots of ami-…`. */
async function forget(host: Host, config: Config, nodeGroup: string): Promise<string[]> {
  const { stateDir, logFile } = config;
  const own = ({ bootFailures }: Pick<State, "bootFailures">) =>
    Object.entries(bootFailures).filter(([key]) => key.startsWith(`${nodeGroup} `));
  const lines = (counts: readonly (readonly [string, number])[]) =>
    counts.map(([key, count]) => `${count} failed boots of ${key.slice(nodeGroup.length + 1)}`);
  const unusable = (why: string) =>
    new CommandError(
      `State directory ${stateDir} can't be used, so nothing was reset: ${why}; the log is ${logFile}; ` +
        "run this as the user that slurmctld runs as",
    );
  const until = host.now() + PATIENCE;
  let id: string | undefined;
  let before: readonly (readonly [string, number])[] | undefined;
  try {
    const queue = new Queue(stateDir);
    queue.make();
    for (;;) {
      const lock = await tryWorkerLock(stateDir);
      if (lock !== undefined) {
        using _lock = lock;
        if (id !== undefined) queue.forget([id]);
        return lines(before ?? own(await resetStored(host, config, nodeGroup)));
      }
      const opened = openStateReader(stateDir, config.cluster);
      if (opened.kind === "open") {
        const now = own(opened.reader.state());
        opened.reader.close();
        before ??= now;
        if (now.length === 0) return lines(before);
      }
      id ??= queue.add({
        kind: "reset",
        hostlist: nodeGroup,
        uptime: undefined,
        bootId: undefined,
        resumeFile: undefined,
      });
      if (host.now() > until) throw unusable("the worker did not answer");
      await host.sleep(200);
    }
  } catch (error) {
    if (error instanceof StateRefusedError) throw new CommandError(error.message);
    if (error instanceof CommandError) throw error;
    throw unusable(errorText(error));
  }
}

/** Writes it down where no worker lives; answers the state as it was before. */
async function resetStored(host: Host, config: Config, nodeGroup: string): Promise<State> {
  const log = await host.connect.log(config);
  const { store } = openStore({
    dir: config.stateDir,
    cluster: config.cluster,
    run: crypto.randomUUID(),
    machine: { uptime: undefined, bootId: undefined, wall: host.now() },
    elapsed: () => performance.now(),
    wall: host.now,
    say: (sentence) => log.warn(sentence),
  });
  try {
    const before = store.load();
    store.commit({ ...before, bootFailures: resetGroup(before.bootFailures, nodeGroup) }, []);
    if (!store.kept) throw new Error("it can't be written");
    log.info(`reset ${nodeGroup}`);
    return before;
  } finally {
    store.close();
    log.close();
  }
}
