import { type Cluster, type GroupOptions, startCluster } from "../../e2e/cluster.ts";
import { nodeNames, type SlurmVersion } from "../../e2e/rig.ts";
import { WORLD } from "../../../lib/sim/fresh_world.ts";
import { identityFromTags } from "../../../lib/identity/tags.ts";
import { expandHostlist } from "../../../lib/slurm/hostlist.ts";
import type { InstanceSeen, JobSeen, Moment, NodeSeen } from "./judge.ts";

/** Instance types of each group. In three zones each, no group runs out of pools: one that is out rests for minutes. */
const TYPES = {
  c: ["c7i.xlarge", "c6i.xlarge"],
  spot: ["c6i.large", "c7i.large"],
  kept: ["m7i.large", "m6i.large"],
} as const;

/** All of them. */
export const INSTANCE_TYPES: readonly string[] = Object.values(TYPES).flat();

/** A node group of each kind: nodes, instance types, how its instances end. */
const GROUPS = [
  group("c", "c[0-4]", {}),
  group("spot", "c[5-8]", { capacityType: "spot" }),
  group("kept", "c[9-11]", { powerDownAction: "stop", maxStoppedDuration: 3_600 }),
];

function group(
  name: keyof typeof TYPES,
  nodes: string,
  more: Readonly<Record<string, unknown>>,
): GroupOptions {
  const [instanceType] = TYPES[name];
  return {
    name,
    nodes,
    instanceType,
    more: { instanceTypes: TYPES[name], subnets: WORLD.subnetIds, ...more },
  };
}

/** Pools that the groups launch into, as the simulator names them. */
export const POOLS: readonly string[] = (["c", "spot", "kept"] as const).flatMap((name) =>
  TYPES[name].flatMap((type) =>
    ["a", "b", "c"].map((zone) => `${type}:${WORLD.region}${zone}${name === "spot" ? ":spot" : ""}`)
  )
);

export const NODES: readonly string[] = nodeNames(12);
const STOPS: ReadonlySet<string> = new Set(expandHostlist("c[9-11]"));

/** Seconds that a command may take while slurmctld may be away. */
const SHORT = 5;

/** A cluster under test: a private slurmctld, a simulated EC2, the built file's hooks, stateDir on a small disk. */
export interface ChaosSite {
  readonly cluster: Cluster;
  readonly version: SlurmVersion;
  /** Runs a command as root; its standard output, and whether it was content. */
  run(...argv: readonly string[]): Promise<{ readonly ok: boolean; readonly text: string }>;
  scontrol(...argv: readonly string[]): Promise<boolean>;
  /** Where jobs leave `end` under their ids. */
  readonly marks: string;
}

/** MiB of the disk that stateDir is on. */
const DISK = 64;

/** Debian's packages make the slurm user with this number. */
const SLURM_UID = 64030;

/** Starts the cluster; `file` is the built file that its hooks run. */
export async function openChaosSite(version: SlurmVersion, file: string | undefined): Promise<ChaosSite> {
  const cluster = await startCluster({
    version,
    slurmUser: "slurm",
    nodes: NODES.length,
    groups: GROUPS,
    suspendTime: 8,
    suspendTimeout: 3,
    resumeTimeout: 30,
    program: "built file",
    ...(file !== undefined && { file }),
    orphanLimit: 600,
    limits: { launchCheckSeconds: 5, expectedBootSeconds: 5, cooldown: 5 },
    // A later line overrules an earlier one. Jobs are remembered for the whole run, and however often one is requeued
    // it is not held.
    extraConf: "MinJobAge=7200\nSchedulerParameters=bf_interval=1,sched_interval=2,sched_min_interval=0," +
      "batch_sched_delay=0,max_batch_requeue=1000",
  });
  const { rig, site: prefix } = cluster;
  const run = async (...argv: readonly string[]) => {
    const { code, stdout } = await rig.run(argv, { timeout: SHORT });
    return { ok: code === 0, text: stdout };
  };
  const made = await run(
    "sh",
    "-ec",
    'mount -t tmpfs -o "size=$2m,mode=750,uid=$3,gid=$3" tmpfs "$1"; mkdir "$4"',
    "sh",
    `${prefix}/state`,
    String(DISK),
    String(SLURM_UID),
    `${rig.dir}/run/marks`,
  );
  if (!made.ok) {
    await cluster.close();
    throw new Error("stateDir could not be given a disk of its own");
  }
  return {
    cluster,
    version,
    run,
    scontrol: async (...argv) => (await run("scontrol", ...argv)).ok,
    marks: `${rig.dir}/run/marks`,
  };
}

/** Everything that is looked at; undefined while slurmctld does not answer. */
export async function look(site: ChaosSite): Promise<Moment | undefined> {
  const [jobs, nodes, instances] = await Promise.all([jobsOf(site), nodesOf(site), instancesOf(site)]);
  if (jobs === undefined || nodes === undefined) return undefined;
  return { jobs, nodes, instances, ended: markedJobs(site, "end"), stops: STOPS };
}

/** Every job that slurmctld remembers; undefined while it does not answer. */
export async function jobsOf(site: ChaosSite): Promise<JobSeen[] | undefined> {
  const { ok, text } = await site.run("scontrol", "-o", "show", "jobs");
  if (!ok) return undefined;
  return text.split("\n").filter((line) => line.startsWith("JobId=")).map((line) => ({
    id: /^JobId=(\d+)/.exec(line)![1]!,
    state: /\bJobState=(\S+)/.exec(line)?.[1] ?? "",
    reason: /\bReason=(\S+)/.exec(line)?.[1] ?? "",
    node: /\bBatchHost=(\S+)/.exec(line)?.[1],
    restarts: Number(/\bRestarts=(\d+)/.exec(line)?.[1] ?? 0),
  }));
}

/** Every node; undefined while slurmctld does not answer. */
export async function nodesOf(site: ChaosSite): Promise<NodeSeen[] | undefined> {
  const { ok, text } = await site.run("scontrol", "-o", "show", "nodes");
  if (!ok) return undefined;
  return text.split("\n").filter((line) => line.startsWith("NodeName=")).map((line) => ({
    name: /^NodeName=(\S+)/.exec(line)![1]!,
    state: /\bState=(\S+)/.exec(line)?.[1] ?? "",
    reason: /\bReason=(.*?)(?: \[\S+\]| Comment=|$)/.exec(line.trim())?.[1] ?? "",
  }));
}

/** Every instance that EC2 remembers. */
export async function instancesOf({ cluster }: ChaosSite): Promise<InstanceSeen[]> {
  return (await cluster.instances()).map(({ instanceId, state, tags, amiLaunchIndex }) => {
    const nodes = identityFromTags(tags)?.nodes;
    return {
      id: instanceId,
      state,
      node: nodes === undefined ? undefined : expandHostlist(nodes)[amiLaunchIndex],
    };
  });
}

/** Ids of the jobs whose script has left a word. */
export function markedJobs({ marks }: ChaosSite, word: "start" | "end"): Set<string> {
  const marked = new Set<string>();
  for (const { name } of Deno.readDirSync(marks)) {
    if (Deno.readTextFileSync(`${marks}/${name}`).includes(word)) marked.add(name);
  }
  return marked;
}

/** Submits a batch job that leaves its mark; whether slurmctld took it. */
export async function submitJob(
  { cluster: { rig }, marks, run }: ChaosSite,
  seconds: number,
  ...options: readonly string[]
): Promise<boolean> {
  const script = `echo start >>${marks}/$SLURM_JOB_ID; sleep ${seconds}; echo end >>${marks}/$SLURM_JOB_ID`;
  const output = `--output=${rig.dir}/run/job-%j`;
  const { ok } = await run("sbatch", "--requeue", output, ...options, "--wrap", script);
  return ok;
}
