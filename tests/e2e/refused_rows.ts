import { assert, assertMatch } from "@std/assert";
import { WORLD } from "../../lib/sim/fresh_world.ts";
import { type Cluster, startCluster } from "./cluster.ts";
import { jobState, nodesAre, setState } from "./observe.ts";
import type { SlurmVersion } from "./rig.ts";

/** A cluster whose partition has a large group that is refused, and a small one that a job may have instead. */
export interface RefusedCluster {
  readonly cluster: Cluster;
  close(): Promise<void>;
}

/** A class of refusals, and how a launch of the large group comes to meet it. */
export interface RefusedRow {
  readonly name: string;
  /** What the reason of the nodes begins with. */
  readonly code: RegExp;
  /** What the cluster's configuration says besides. */
  readonly limits?: Readonly<Record<string, number>>;
  /** Seconds; 90 unless given. */
  readonly resumeTimeout?: number;
  readonly refuse: (cluster: Cluster) => Promise<void>;
  readonly run: (refused: RefusedCluster) => Promise<void>;
}

const NODES = 200;
const FULL = `c[0-${NODES - 1}]`;
const OTHER = `c[${NODES}-${NODES + 1}]`;
const TYPE = "m7i.large";
/** Seconds for which the job is watched; with retries as fast as {@link retries} it would be tried seven times. */
const WATCHED = 90;

const error = (code: string) => ({ tell }: Cluster) =>
  tell("faults", { kind: "error", action: "RunInstances", code, times: 1_000 });

const CLASSES: readonly Omit<RefusedRow, "run">[] = [
  {
    name: "capacity",
    code: /^InsufficientInstanceCapacity: /m,
    refuse: ({ tell }) => tell("capacity", { [`${TYPE}:${WORLD.region}a`]: 0 }),
  },
  { name: "quota", code: /^VcpuLimitExceeded: /m, refuse: error("VcpuLimitExceeded") },
  { name: "permission", code: /^UnauthorizedOperation: /m, refuse: error("UnauthorizedOperation") },
  {
    name: "limit",
    code: /^LimitMaxNodes: /m,
    limits: { maxNodes: 1 },
    // A node of the other group is all that may run; the job may have it later.
    refuse: async ({ rig }) => {
      await setState(rig, `c${NODES}`, "power_up");
      await nodesAre(rig, [`c${NODES}`], "idle", 120);
    },
  },
  {
    name: "pause",
    code: /^LaunchingPaused: /m,
    refuse: async ({ command }) => {
      const { code, stderr } = await command("pause", "full");
      if (code !== 0) throw new Error(`pause: ${stderr}`);
    },
  },
  {
    name: "breaker",
    code: /^BootFailureBreaker: /m,
    resumeTimeout: 20,
    refuse: fiveBootsFail,
  },
];

/** A one-node job in a group of 200 nodes, refused by each class. */
export const REFUSED_ROWS: readonly RefusedRow[] = CLASSES.map((one) => ({
  ...one,
  name: `${one.name}: a one-node job takes no second node of a group of ${NODES}, and runs in another group`,
  run: ({ cluster }) => takesNoSecondNode(cluster, one),
}));

/** Starts the cluster of a row; ends with its close. */
export async function startRefused(version: SlurmVersion, row: RefusedRow): Promise<RefusedCluster> {
  const cluster = await startCluster({
    version,
    slurmUser: "slurm",
    nodes: NODES + 2,
    groups: [
      { name: "full", nodes: FULL, instanceType: TYPE },
      { name: "c", nodes: OTHER, instanceType: "c7i.xlarge" },
    ],
    suspendTime: 3_600,
    resumeTimeout: row.resumeTimeout ?? 90,
    limits: { launchCheckSeconds: 0, cooldown: 300, expectedBootSeconds: 10, ...row.limits },
    extraConf: retries(version),
  });
  return { cluster, close: () => cluster.close() };
}

/** As fast as each version has them: what walks through a group within seconds. */
function retries(version: SlurmVersion) {
  return ({ dir }: { readonly dir: string }) =>
    version === "26.05"
      ? "SchedulerParameters=bf_interval=1,sched_interval=2,sched_min_interval=0,batch_sched_delay=0,requeue_delay=10"
      : `AuthInfo=socket=${dir}/munge/sock,cred_expire=10`;
}

async function fiveBootsFail({ rig, tell, instances }: Cluster): Promise<void> {
  await tell("faults", { kind: "boot-failure", times: 100, instanceType: TYPE });
  await setState(rig, "c[0-4]", "power_up");
  await rig.until("five boots have failed", 180, async () => {
    const [all, states] = await Promise.all([instances(), rig.sinfo()]);
    return all.length === 5 && all.every(({ state }) => state === "terminated") &&
      ["c0", "c1", "c2", "c3", "c4"].every((node) => states.get(node) === "idle~");
  });
}

async function takesNoSecondNode(
  cluster: Cluster,
  { code, refuse }: Pick<RefusedRow, "code" | "refuse">,
): Promise<void> {
  const { rig } = cluster;
  await refuse(cluster);
  // The job may go to the large group only, until that is out.
  await setState(rig, OTHER, "down", "later");
  const before = { hooks: resumes(cluster), calls: await launches(cluster) };
  const begun = Date.now();
  const submitted = await rig.run(["sbatch", "--parsable", "-N1", "--output=/dev/null", "--wrap", "true"]);
  const job = submitted.stdout.trim();
  await rig.until("the group is out of scheduling", 120, async () => {
    const states = await rig.sinfo();
    return Array.from({ length: NODES }, (_, i) => states.get(`c${i}`)!).every((state) =>
      /^down/.test(state)
    );
  });
  await rig.until("the job has been watched", WATCHED + 60, () => Date.now() - begun > WATCHED * 1_000);
  const [hooks, calls] = [resumes(cluster) - before.hooks, await launches(cluster) - before.calls];
  assert(hooks <= 2, `${hooks} calls of ResumeProgram`);
  assert(calls <= 1, `${calls} RunInstances`);
  const times = await restarts(cluster, job);
  assert(times <= 1, `Restarts=${times}`);
  assertMatch((await rig.run(["sinfo", "-h", "-R", "-o", "%E"])).stdout, code);

  await cluster.tell("faults", []);
  await setState(rig, OTHER, "idle");
  await rig.until(
    "the job has run in the other group",
    240,
    async () => (await jobState(rig, job)).startsWith("COMPLETED"),
  );
}

function resumes({ log }: Cluster): number {
  try {
    return [...Deno.readTextFileSync(log).matchAll(/ resume c\S+$/gm)].length;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}

async function launches(cluster: Cluster): Promise<number> {
  return (await cluster.calls()).RunInstances ?? 0;
}

async function restarts({ rig }: Cluster, job: string): Promise<number> {
  const { stdout } = await rig.run(["scontrol", "-o", "show", "job", job]);
  return Number(/ Restarts=(\d+)/.exec(stdout)?.[1]);
}
