import type { Config, Partition } from "../../config/model.ts";
import { compareVersions, type SlurmVersion } from "../versions.ts";
import { recordLine, valueProblem } from "./conf_text.ts";
import type { Fault } from "./fault.ts";

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

/** Keys that hold seconds in slurm.conf, where slurm-ec2.yaml takes `10m` as everywhere else; in lower case. */
const TIMES: ReadonlySet<string> = new Set(["suspendtime", "resumetimeout", "suspendtimeout"]);
const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** A partition's keys: those set for all, overridden by its own; Slurm's keys don't differ by case. */
function partitionOptions(
  config: Config,
  partition: Partition,
): ReadonlyMap<string, readonly [string, string]> {
  const entries = [...Object.entries(config.slurm.partitionOptions), ...Object.entries(partition.options)];
  return new Map(entries.map(([key, value]) => {
    const name = key.toLowerCase();
    return [name, [key, TIMES.has(name) ? inSeconds(value) : value] as const];
  }));
}

/** `10m` as 600, `1h30m` as 5400; anything else as it is. slurmctld would read `10m` as 10 seconds. */
function inSeconds(text: string): string {
  if (!/^(\d+[smhd])+$/.test(text)) return text;
  const parts = [...text.matchAll(/(\d+)([smhd])/g)];
  return String(parts.reduce((sum, [, number, unit]) => sum + Number(number) * SECONDS[unit!]!, 0));
}

/** What in a partition's options would stop the target version's slurmctld, or every boot. */
export function partitionProblems(
  config: Config,
  partition: Partition,
  { index, version }: { readonly index: number; readonly version: SlurmVersion },
): Fault[] {
  const problems: Fault[] = [];
  const say = (problem: string, key?: string) => {
    const isForAll = key !== undefined && !(key in partition.options);
    const path = isForAll
      ? ["slurm", "partitionOptions", key]
      : ["partitions", index, ...key === undefined ? [] : [key]];
    problems.push({ message: `Partition ${partition.name}: ${problem}`, path });
  };
  if (/^default$/i.test(partition.name)) {
    say("the name sets defaults for every partition below it: choose another");
  }
  for (const [name, [key, value]] of partitionOptions(config, partition)) {
    const since = KEY_SINCE[name];
    if (since !== undefined && compareVersions(version, since) < 0) {
      say(`key ${key} needs Slurm ${since}, the target is ${version}: leave it out`, key);
    }
    const wrong = valueProblem(value);
    if (wrong !== undefined) say(`the value of ${key} can't stand in slurm.conf: ${wrong}`, key);
    const { expectedBootSeconds } = config.limits;
    if (name === "resumetimeout" && /^\d+$/.test(value) && Number(value) < expectedBootSeconds) {
      say(
        `ResumeTimeout is ${value} s, and a boot is expected to take ${expectedBootSeconds} s (limits.expectedBootSeconds): ` +
          "every node would be set DOWN before it registers; raise it",
        key,
      );
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
