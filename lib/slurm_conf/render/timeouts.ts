import type { Config } from "../../config/model.ts";
import { countHostlist } from "../../slurm/hostlist.ts";

/** The times of the power-saving block, in seconds. */
export interface Timeouts {
  readonly resumeTimeout: number;
  readonly suspendTimeout: number;
  readonly suspendTime: number;
}

/**
 * Between SuspendProgram and the next power-up of the same node: terminating and the operating system's own
 * shutdown. Shorter, and a node may be launched again while its old instance still runs under its name.
 */
const SUSPEND_TIMEOUT = 120;

/** RunInstances hands out 1,000 instances at once, then 2 a second (EC2 developer guide, request throttling). */
const BURST_INSTANCES = 1000;
const INSTANCES_PER_SECOND = 2;

/** Slurm keeps ResumeTimeout in 16 bits (https://slurm.schedmd.com/slurm.conf.html). */
const MAX_RESUME_TIMEOUT = 65_533;

/**
 * ResumeTimeout: as long as a node may take to boot before it powers itself off (`limits.bootLimit`), and no
 * shorter than launching the largest partition at EC2's default rate and booting (`limits.expectedBootSeconds`,
 * a third of it to spare). SuspendTime is at least the sum of both timeouts, as slurm.conf(5) recommends.
 */
export function timeouts(config: Pick<Config, "limits" | "partitions" | "nodeGroups">): Timeouts {
  const { bootLimit, expectedBootSeconds } = config.limits;
  const launch = Math.max(0, largestPartition(config) - BURST_INSTANCES) / INSTANCES_PER_SECOND;
  const resumeTimeout = Math.min(
    MAX_RESUME_TIMEOUT,
    Math.max(bootLimit, Math.ceil(launch + expectedBootSeconds * 4 / 3)),
  );
  return { resumeTimeout, suspendTimeout: SUSPEND_TIMEOUT, suspendTime: resumeTimeout + SUSPEND_TIMEOUT };
}

function largestPartition({ partitions, nodeGroups }: Pick<Config, "partitions" | "nodeGroups">): number {
  const count = new Map(nodeGroups.map((group) => [group.name, countHostlist(group.nodes)]));
  return partitions.reduce(
    (most, { nodeGroups }) =>
      Math.max(most, nodeGroups.reduce((sum, name) => sum + (count.get(name) ?? 0), 0)),
    0,
  );
}
