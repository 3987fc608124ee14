import { WORLD } from "../../lib/sim/fresh_world.ts";
import type { WaitClass } from "../../lib/cluster/wait_class.ts";
import { type Cluster, type ClusterOptions, startCluster } from "./cluster.ts";
import { jobState, nodesAre, scontrol, setState } from "./observe.ts";
import type { SlurmVersion } from "./rig.ts";

/** A class of `why`, and how a job or a node comes to it on a real slurmctld. */
export interface WhyRow {
  readonly name: string;
  readonly options?: Partial<ClusterOptions>;
  readonly run: (asked: WhyCluster) => Promise<void>;
}

/** A cluster that `why` is asked about. */
export interface WhyCluster {
  readonly cluster: Cluster;
  close(): Promise<void>;
}

/** `CLASS:CODE`, as `why` prints it. */
type Answer = `${WaitClass}:${string}`;

const TYPE = "c7i.xlarge";
const NODES = ["c0", "c1", "c2", "c3", "c4", "c5"];

/** Submits a batch job with these flags; its id. */
async function sbatch({ rig }: Cluster, ...flags: readonly string[]): Promise<string> {
  const script = flags.includes("--wrap") ? [] : ["--wrap", "true"];
  const argv = ["sbatch", "--parsable", "-D", "/tmp", "--output=/dev/null", ...flags, ...script];
  const { code, stdout, stderr } = await rig.run(argv);
  if (code !== 0) throw new Error(`${argv.join(" ")}: ${stderr}`);
  return stdout.trim();
}

/** Waits until `why` says this of a job or a node; what it says else is in the failure. */
async function says(
  { rig, command }: Cluster,
  subject: string,
  ...wanted: readonly Answer[]
): Promise<void> {
  const said = new Set<string>();
  const all = wanted.join(" or ");
  await rig.until(`why ${subject} is ${all}`, 30, async () => {
    const { code, stdout, stderr } = await command("why", subject, "--json");
    if (code !== 0) {
      said.add(stderr.trim());
      return false;
    }
    const answer = JSON.parse(stdout) as { readonly class: string; readonly code: string };
    said.add(`${answer.class}:${answer.code}`);
    return wanted.some((one) => one === `${answer.class}:${answer.code}`);
  }).catch((error) => {
    throw new Error(`why ${subject} never said ${all}, but ${[...said].join(", ")}`, { cause: error });
  });
}

/** A node that is given back at once. */
const FREE: readonly Answer[] = ["SLURM:POWERING_DOWN", "NONE:POWERED_DOWN"];

/**
 * A launch that meets something, and what `why` says of the job and of its node: the same, or, where another try may do at
 * once, that the node is free.
 */
function refused(
  waitClass: WaitClass,
  code: string,
  refuse: (cluster: Cluster) => Promise<void>,
  { free = false, ...options }: Partial<ClusterOptions> & { readonly free?: boolean } = {},
): WhyRow {
  const answer: Answer = `${waitClass}:${code}`;
  return {
    name: `${answer}: a job whose launch is refused, and its node`,
    options,
    run: async ({ cluster }) => {
      await refuse(cluster);
      const job = await sbatch(cluster, "-w", "c0");
      await says(cluster, job, answer);
      await says(cluster, "c0", ...free ? FREE : [answer]);
    },
  };
}

const error = (code: string) => ({ tell }: Cluster) =>
  tell("faults", { kind: "error", action: "RunInstances", code, times: 1_000 });

/** A job of these nodes that runs until it is cancelled. */
async function runningJob(cluster: Cluster, ...flags: readonly string[]): Promise<string> {
  const job = await sbatch(cluster, ...flags, "--wrap", "sleep 3600");
  await cluster.rig.until(
    `job ${job} runs`,
    90,
    async () => (await jobState(cluster.rig, job)).startsWith("RUNNING"),
  );
  return job;
}

async function fiveBootsFail(cluster: Cluster): Promise<void> {
  const { rig, tell, instances } = cluster;
  await tell("faults", { kind: "boot-failure", times: 100, instanceType: TYPE });
  await setState(rig, "c[1-5]", "power_up");
  await rig.until("five boots have failed", 180, async () => {
    const [all, states] = await Promise.all([instances(), rig.sinfo()]);
    return all.length === 5 && all.every(({ state }) => state === "terminated") &&
      NODES.slice(1).every((node) => states.get(node) === "idle~");
  });
}

/** Reasons of slurmctld's own, one after the other on one cluster. */
async function slurmsOwn({ cluster }: WhyCluster): Promise<void> {
  const { rig } = cluster;
  const held = await sbatch(cluster, "-H");
  await says(cluster, held, "SLURM:JobHeldUser");
  const later = await sbatch(cluster, "--begin=now+1hour");
  await says(cluster, later, "SLURM:BeginTime");
  await scontrol(rig, "hold", later);
  await says(cluster, later, "SLURM:JobHeldAdmin");
  await says(cluster, await sbatch(cluster, "-d", `afterok:${held}`), "SLURM:Dependency");
  const orphan = await sbatch(cluster, "-d", `afterok:${held}`);
  await rig.run(["scancel", held]);
  await says(cluster, orphan, "SLURM:DependencyNeverSatisfied");

  await scontrol(rig, "update", "PartitionName=cloud", "MaxTime=1");
  await says(cluster, await sbatch(cluster, "-t", "100"), "SLURM:PartitionTimeLimit");
  await scontrol(rig, "update", "PartitionName=cloud", "MaxTime=INFINITE", "State=DOWN");
  const down = await sbatch(cluster, "-t", "5");
  await says(cluster, down, "SLURM:PartitionDown");
  await rig.run(["scancel", "--state=PENDING", "--user=root"]);
  await scontrol(rig, "update", "PartitionName=cloud", "State=UP");

  await setState(rig, "c4", "down", "broken fan");
  await says(cluster, "c4", "SLURM:DOWN");
  await setState(rig, "c5", "drain", "new disk");
  await says(cluster, "c5", "SLURM:DRAIN");
}

/** Reasons of slurmctld's own for which another job has to run. */
async function slurmsOthers({ cluster }: WhyCluster): Promise<void> {
  const first = await runningJob(cluster, "-w", "c0", "--exclusive", "-t", "30", "-L", "sim:1");
  await says(cluster, first, "NONE:RUNNING");
  await says(cluster, await sbatch(cluster, "-w", "c1", "-L", "sim:1", "-t", "5"), "SLURM:Licenses");
  await says(cluster, await sbatch(cluster, "-w", "c0", "--exclusive", "-t", "5"), "SLURM:Planned");
  const array = await sbatch(cluster, "-w", "c2", "-t", "30", "--array=0-1%1", "--wrap", "sleep 3600");
  await says(cluster, array, "SLURM:JobArrayTaskLimit");
}

/** Every class, on a cluster of its own each. */
export const WHY_ROWS: readonly WhyRow[] = [
  refused(
    "CAPACITY",
    "InsufficientInstanceCapacity",
    ({ tell }) => tell("capacity", { [`${TYPE}:${WORLD.region}a`]: 0 }),
  ),
  refused("QUOTA", "VcpuLimitExceeded", error("VcpuLimitExceeded")),
  refused("LIMIT", "LimitMaxNodes", async ({ rig }) => {
    await setState(rig, "c1", "power_up");
    await nodesAre(rig, ["c1"], "idle", 120);
  }, { limits: { maxNodes: 1 } }),
  refused("PAUSED", "LaunchingPaused", async ({ command }) => {
    const { code, stderr } = await command("pause", "c");
    if (code !== 0) throw new Error(`pause: ${stderr}`);
  }),
  refused(
    "THROTTLED",
    "RequestLimitExceeded",
    ({ tell }) => tell("faults", { kind: "throttle", action: "RunInstances", times: 100_000 }),
    { resumeTimeout: 30, free: true },
  ),
  refused("PERMISSION", "UnauthorizedOperation", error("UnauthorizedOperation")),
  refused("REQUEST", "InvalidParameterValue", error("InvalidParameterValue")),
  refused("AWS", "InternalError", error("InternalError"), { resumeTimeout: 30, free: true }),
  refused("IMAGE", "BootFailureBreaker", fiveBootsFail, { resumeTimeout: 20 }),
  refused(
    "INSTANCE",
    "Client.UserInitiatedShutdown",
    // Somebody terminates each instance while it boots.
    ({ tell }) =>
      tell("faults", { kind: "death", times: 100, afterMs: 0, code: "Client.UserInitiatedShutdown" }),
    { limits: { launchCheckSeconds: 5 }, free: true },
  ),
  {
    name: "BOOTING:POWERING_UP: a job whose node never comes up, and the node",
    options: { resumeTimeout: 600 },
    run: async ({ cluster }) => {
      await cluster.tell("faults", { kind: "boot-failure", times: 1 });
      const job = await sbatch(cluster, "-w", "c0");
      await says(cluster, job, "BOOTING:POWERING_UP");
      await says(cluster, "c0", "BOOTING:POWERING_UP");
    },
  },
  { name: "SLURM: what slurmctld holds back, and nodes that a person took out", run: slurmsOwn },
  {
    name: "SLURM: licences, and a place that backfill has planned; NONE: a job that runs",
    options: { extraConf: "Licenses=sim:1" },
    run: slurmsOthers,
  },
  {
    name: "NONE: a node that is powered down, one that is idle, and a job that has ended",
    run: async ({ cluster }) => {
      await says(cluster, "c1", "NONE:POWERED_DOWN");
      const job = await sbatch(cluster, "-w", "c0");
      await says(cluster, job, "NONE:COMPLETED");
      await says(cluster, "c0", "NONE:IDLE+CLOUD");
    },
  },
];

/** Starts the cluster of a row; ends with its close. */
export async function startWhy(version: SlurmVersion, { options }: WhyRow): Promise<WhyCluster> {
  const { limits, ...rest } = options ?? {};
  const cluster = await startCluster({
    version,
    slurmUser: "slurm",
    nodes: NODES.length,
    suspendTime: 3_600,
    resumeTimeout: 90,
    limits: { cooldown: 300, expectedBootSeconds: 5, ...limits },
    ...rest,
  });
  return { cluster, close: () => cluster.close() };
}
