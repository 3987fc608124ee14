import { type Cluster, type GroupOptions, startCluster } from "../../e2e/cluster.ts";
import { nodesAre, setState } from "../../e2e/observe.ts";
import { INSIDE } from "../../e2e/room.ts";
import type { RigPlace, SlurmVersion } from "../../e2e/rig.ts";
import { rendered } from "../../e2e/rendered_slurm.ts";
import { goldenInput } from "../../lib/slurm_conf/render/golden_cases.ts";
import { WORLD } from "../../../lib/sim/fresh_world.ts";
import type { ModeName, RefusalKind } from "./results.ts";

/** Seconds that a simulated machine takes from running to the start of its boot script. */
export const BOOT_SECONDS = 6;

/** Nodes of one round of {@link import("./job_forms.ts").FORMS}. */
export const ROUND_NODES = 8;

/** Slurm's settings, with or without ready. */
interface Mode {
  readonly rendered: boolean;
  readonly ready: boolean;
}

/** What is compared. */
export const MODES: Readonly<Record<ModeName, Mode>> = {
  "defaults": { rendered: false, ready: false },
  "defaults, ready": { rendered: false, ready: true },
  "rendered, ready: off": { rendered: true, ready: false },
  "rendered": { rendered: true, ready: true },
};

/** Types that EC2 has none of, one a refused job; each is the first group of the job's partition. */
const NONE_LEFT = ["m7i.large", "m6i.large", "c6i.large", "r6i.large", "c7i.large"];
/** Instances of this type end while pending, the first of each refused job. */
const DYING = "r7i.large";

/** A refused job's partition: its first node can't be had, its second can. */
export interface Refused {
  readonly partition: string;
  readonly kind: RefusalKind;
  /** One for the job and one for its next try; those of a job that wants many at once are twice as many. */
  readonly nodes: readonly string[];
}

/** A cluster whose machines take {@link BOOT_SECONDS} to boot, and the partitions of jobs that will be refused. */
export interface MeasuredCluster {
  readonly cluster: Cluster;
  readonly refused: readonly Refused[];
}

/** Starts one for a number of rounds, five refused jobs of each kind at most. */
export async function startMeasured(
  version: SlurmVersion,
  name: ModeName,
  rounds: number,
): Promise<MeasuredCluster> {
  const jobs = Math.min(rounds, NONE_LEFT.length);
  const first = rounds * ROUND_NODES;
  const refused = (["group", "node"] as const).flatMap((kind, k) =>
    Array.from({ length: jobs }, (_, i): Refused => {
      const at = first + 2 * (k * jobs + i);
      return { partition: `${kind}${i}`, kind, nodes: [`c${at}`, `c${at + 1}`] };
    })
  );
  const spare = `c${first + 4 * jobs}`;
  const settings = await slurmSettings(version, MODES[name]);
  const cluster = await startCluster({
    version,
    slurmUser: "slurm",
    nodes: first + 4 * jobs + 1,
    suspendTime: 3600,
    resumeTimeout: 120,
    ready: MODES[name].ready,
    groups: [
      { name: "c", nodes: `c[0-${first - 1}],${spare}`, instanceType: "c7i.xlarge" },
      ...refused.flatMap(groupsOf),
    ],
    limits: { launchCheckSeconds: 2, expectedBootSeconds: 20 },
    extraConf: (place) => [...settings(place), ...refused.map(partitionLine)].join("\n"),
    bootScript,
  });
  try {
    await prepare(cluster, jobs, spare);
    return { cluster, refused };
  } catch (error) {
    await cluster.close();
    throw error;
  }
}

async function prepare(cluster: Cluster, jobs: number, spare: string): Promise<void> {
  await cluster.tell(
    "capacity",
    Object.fromEntries(NONE_LEFT.map((type) => [`${type}:${WORLD.region}a`, 0])),
  );
  await cluster.tell("faults", {
    kind: "death",
    times: jobs,
    afterMs: 300,
    code: "Server.InternalError",
    instanceType: DYING,
  });
  // The first hook of a machine compiles the program: that belongs to no job.
  await setState(cluster.rig, spare, "power_up");
  await nodesAre(cluster.rig, [spare], "idle", 180);
}

/** Nodes that one job wants together: more than {@link SMALL_QUOTA} gives within the time that is left to launch them. */
const TOGETHER = 12;
/** Tokens of RunInstances as few as the configuration takes. */
const SMALL_QUOTA = { instances: { size: 1, refill: 1 } };
/** A boot of 20 s leaves these 30 the least time to launch, 10 s: as long as a throttled job waits for its verdict. */
const SHORT = { resumeTimeout: 30, limits: { expectedBootSeconds: 20, launchCheckSeconds: 2 } };

/**
 * Starts one, as rendered, where no instance can be had, for a number of jobs of each kind: EC2 throttles every launch, and
 * gives fewer instances a second than a job wants together.
 */
export async function startWithoutLaunches(version: SlurmVersion, jobs: number): Promise<MeasuredCluster> {
  const sizes = { throttle: 1, deadline: TOGETHER };
  let next = 0;
  const refused = (["throttle", "deadline"] as const).flatMap((kind) =>
    Array.from({ length: jobs }, (_, i): Refused => {
      const nodes = Array.from({ length: 2 * sizes[kind] }, (_, at) => `c${next + at}`);
      next += nodes.length;
      return { partition: `${kind}${i}`, kind, nodes };
    })
  );
  const settings = await slurmSettings(version, MODES.rendered);
  const cluster = await startCluster({
    version,
    slurmUser: "slurm",
    nodes: next,
    suspendTime: 3600,
    ready: true,
    ...SHORT,
    groups: refused.map(({ partition, nodes }) => ({
      name: partition,
      nodes: nodes.join(","),
      instanceType: "c7i.xlarge",
      more: { strategy: "all-or-nothing" },
    })),
    limits: { ...SHORT.limits, apiQuota: SMALL_QUOTA },
    extraConf: (place) => [...settings(place), ...refused.map(partitionLine)].join("\n"),
  });
  try {
    await cluster.tell("faults", { kind: "throttle", action: "RunInstances", times: 100_000 });
    return { cluster, refused };
  } catch (error) {
    await cluster.close();
    throw error;
  }
}

function groupsOf({ partition, kind, nodes }: Refused, at: number): GroupOptions[] {
  const [first, second] = nodes as [string, string];
  const instanceType = kind === "group" ? NONE_LEFT[at]! : DYING;
  const other = kind === "group" ? "c7i.2xlarge" : DYING;
  return [
    { name: `${partition}-first`, nodes: first, instanceType },
    { name: `${partition}-second`, nodes: second, instanceType: other },
  ];
}

function partitionLine({ partition, nodes }: Refused): string {
  return `PartitionName=${partition} Nodes=${nodes} State=UP`;
}

/** Lines that take the place of the rig's own: Slurm takes the last. */
async function slurmSettings(
  version: SlurmVersion,
  { rendered: isRendered }: Mode,
): Promise<(place: RigPlace) => string[]> {
  // A line takes the rig's shorter ticks back: bf_interval's default is 30.
  if (!isRendered) {
    return () => ["SchedulerParameters=bf_interval=30", "SlurmctldParameters=idle_on_node_suspend"];
  }
  const files = rendered(await goldenInput({ name: version, version, config: "slurm-ec2.yaml" }));
  const lines = files.get("power_save.conf")!.split("\n").filter((line) =>
    /^(?:Scheduler|Slurmctld)Parameters=/.test(line)
  );
  if (lines.length !== 2) throw new Error(`Rendering for ${version} lost its parameters: ${lines}`);
  // What lint advises where requeue_delay is not known.
  const advised = version === "26.05"
    ? () => []
    : ({ dir }: RigPlace) => [`AuthInfo=socket=${dir}/munge/sock,cred_expire=70`];
  return (place) => [...lines, ...advised(place)];
}

/** Notes when the machine runs, and boots as long as machines of this bench do. */
function bootScript({ dir }: RigPlace): string {
  return `#!/bin/sh
export SLURM_EC2_HOSTNAME=keep SLURM_EC2_MUNGE=keep SLURM_EC2_RUN_DIR=${dir}/run/$INSTANCE_ID
export SLURM_EC2_GUARD_INTERVAL=1 SLURM_EC2_GUARD_PID=$$ SLURM_EC2_POWEROFF="kill -9 $$"
mkdir -p "$SLURM_EC2_RUN_DIR"
echo "$(date +%s.%3N) $INSTANCE_ID" >>${dir}/run/running
sleep ${BOOT_SECONDS}
exec ${INSIDE.checkout}/deploy/node/boot
`;
}
