import { utcTime } from "../../lib/base/utc_time.ts";
import { retention } from "../../lib/store/history.ts";
import { pruneFile } from "../../lib/store/prune_file.ts";
import { CommandError, CONFIG_FLAG, defineCommand, JSON_FLAG } from "../base/command.ts";
import { ExitCode } from "../base/exit_code.ts";
import type { Flag } from "../base/flag.ts";
import { loadConfig } from "../base/load_config.ts";
import { NO_PERMISSIONS } from "../base/permissions.ts";
import { stateTrouble } from "../hooks/state_trouble.ts";

const FLAGS = [
  CONFIG_FLAG,
  JSON_FLAG,
  {
    name: "days",
    value: "N",
    kind: "number",
    min: 1,
    max: 3650,
    summary: "Keep this many days, instead of history.days",
  },
] as const satisfies readonly Flag[];

/** What is printed. */
export interface PruneOutput {
  /** Events that were dropped. */
  readonly dropped: number;
  /** Events that are left. */
  readonly left: number;
  /** Time of the oldest of them: milliseconds since 1970 UTC. */
  readonly oldest?: number;
}

/** `slurm-ec2 history prune`: drops what is older than the configuration keeps. */
export const historyPrune = defineCommand({
  name: "history prune",
  summary: "Drop what of the history is older, or more, than history.days and history.megabytes keep.",
  flags: FLAGS,
  examples: [
    { command: "slurm-ec2 history prune", says: "What the worker does each time that it ends" },
    { command: "slurm-ec2 history prune --days 7", says: "Keep one week only" },
  ],
  notes: "As SlurmUser or root. The file keeps its size: its room is used again before it grows.",
  permissions: { ...NO_PERMISSIONS, read: ["config", "state"], write: ["state"], env: true },
  run(host, flags) {
    const config = loadConfig(host, flags);
    const { history, stateDir, cluster } = config;
    const keep = retention(host.now(), { ...history, days: flags.number.days ?? history.days });
    const pruned = pruneFile(stateDir, cluster, keep);
    if (pruned.kind === "failed") {
      const { error, why } = pruned;
      throw new CommandError(
        error === undefined
          ? `Nothing was dropped: ${why}`
          : `Nothing was dropped from the history in ${stateDir}: ${stateTrouble(stateDir, error)}`,
      );
    }
    const { events: dropped, left, oldest } = pruned;
    const output: PruneOutput = { dropped, left, ...(oldest !== undefined && { oldest }) };
    if (flags.has("json")) host.stdout.write(`${JSON.stringify(output)}\n`);
    else {
      const since = oldest === undefined ? "" : `, the oldest of ${utcTime(oldest)}`;
      host.stdout.write(`Dropped ${dropped} events; ${left} are left${since}\n`);
    }
    return Promise.resolve(ExitCode.Done);
  },
});
