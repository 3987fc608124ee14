import type { Config, Partition } from "../../config/model.ts";
import { compareVersions, type SlurmVersion } from "../versions.ts";
import { recordLine, valueProblem } from "./conf_text.ts";

/** Partition keys that came after the oldest release we know (release notes, slurm.conf(5) of each branch). */
const KEY_SINCE: Readonly<Record<string, SlurmVersion>> = {
  suspendtime: "21.08",
  suspendtimeout: "21.08",
  resumetimeout: "21.08",
  maxcpuspersocket: "23.02",
  powerdownonidle: "23.02",
  exclusivetopo: "24.05",
  topology: "25.05",
  exclusive: "26.05",
};

/** A partition's keys: those set for all, overridden by its own; Slurm's keys don't differ by case. */
function partitionOptions(
  config: Config,
  partition: Partition,
): ReadonlyMap<string, readonly [string, string]> {
  const entries = [...Object.entries(config.slurm.partitionOptions), ...Object.entries(partition.options)];
  return new Map(entries.map(([key, value]) => [key.toLowerCase(), [key, value] as const]));
}

/** What in a partition's options would stop the target version's slurmctld. */
export function partitionProblems(config: Config, partition: Partition, version: SlurmVersion): string[] {
  const here = `Partition ${partition.name}`;
  const problems = /^default$/i.test(partition.name)
    ? [`${here}: the name sets defaults for every partition below it: choose another`]
    : [];
  for (const [name, [key, value]] of partitionOptions(config, partition)) {
    const since = KEY_SINCE[name];
    if (since !== undefined && compareVersions(version, since) < 0) {
      problems.push(`${here}: key ${key} needs Slurm ${since}, the target is ${version}: leave it out`);
    }
    const wrong = valueProblem(value);
    if (wrong !== undefined) {
      problems.push(`${here}: the value of ${key} can't stand in slurm.conf: ${wrong}`);
    }
  }
  return problems;
}

/** The PartitionName line. `suspendTime` is set where the partition says nothing else; undefined: not at all. */
export function partitionLine(
  config: Config,
  partition: Partition,
  { nodes, suspendTime }: { readonly nodes: string; readonly suspendTime: number | undefined },
): string {
  const options = partitionOptions(config, partition);
  return recordLine([
    ["PartitionName", partition.name],
    ["Nodes", nodes],
    ...options.values(),
    ["SuspendTime", options.has("suspendtime") ? undefined : suspendTime],
  ]);
}
