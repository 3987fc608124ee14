import { assertEquals, assertStringIncludes } from "@std/assert";
import { testWhere } from "../test_where.ts";
import { type Cluster, type ClusterOptions, startCluster } from "./cluster.ts";
import { type SlurmVersion, whyNoRig } from "./rig.ts";

const VERSIONS = (Deno.env.get("SLURM_EC2_E2E_VERSIONS") ?? "22.05").split(/[\s,]+/) as SlurmVersion[];

/** slurmctld of 22.05 looks at a batch job whose nodes were resumed only every 30 s. */
const BATCH_SECONDS = 90;

for (const version of VERSIONS) {
  for (const slurmUser of ["root", "slurm"] as const) {
    const where = `Slurm ${version} with SlurmUser=${slurmUser}`;
    const missing = whyNoRig(version);

    testWhere(
      missing,
      `resume and stop power nodes up for jobs and down after them on ${where}`,
      () =>
        withCluster({ version, slurmUser, nodes: 8 }, async (cluster) => {
          await runsJobOnEveryNode(cluster);
          await endsEveryInstance(cluster);
          await runsBatchJob(cluster);
          await endsEveryInstance(cluster);
        }),
    );

    testWhere(
      missing,
      `resume-fail ends the instance of a node that never registers on ${where}`,
      () => withCluster({ version, slurmUser, nodes: 2, resumeTimeout: 15 }, endsInstanceThatNeverBoots),
    );
  }
}

async function withCluster(options: ClusterOptions, use: (cluster: Cluster) => Promise<void>): Promise<void> {
  const cluster = await startCluster(options);
  try {
    await use(cluster);
  } finally {
    await cluster.close();
  }
}

async function runsJobOnEveryNode({ rig, calls, instances }: Cluster): Promise<void> {
  const { code, stdout, stderr } = await rig.run(["srun", "-N8", "sh", "-c", "echo $SLURMD_NODENAME"]);
  assertEquals(code, 0, `${stderr}\n${rig.logTails()}`);
  assertEquals(stdout.trim().split("\n").sort(), ["c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7"]);
  assertEquals((await calls()).RunInstances, 1);
  assertEquals((await instances()).map(({ amiLaunchIndex }) => amiLaunchIndex).sort(), [
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
  ]);
}

async function runsBatchJob({ rig }: Cluster): Promise<void> {
  const result = `${rig.dir}/run/batch-result`;
  const submitted = await rig.run([
    "sbatch",
    "--parsable",
    "-N2",
    `--output=${result}`,
    "--wrap",
    "srun hostname; echo batch-done",
  ]);
  assertEquals(submitted.code, 0, submitted.stderr);
  await rig.until(`batch job ${submitted.stdout.trim()} ends`, BATCH_SECONDS, async () => {
    const { stdout } = await rig.run(["scontrol", "show", "job", submitted.stdout.trim()]);
    return /JobState=(COMPLETED|FAILED|CANCELLED|NODE_FAIL|TIMEOUT)/.test(stdout);
  });
  assertStringIncludes(await Deno.readTextFile(result), "batch-done");
}

async function endsEveryInstance({ rig, instances }: Cluster): Promise<void> {
  await rig.until(
    "every idle node is powered down",
    60,
    async () => everyStateIs(await rig.sinfo(), "idle~"),
  );
  await rig.until("every instance is terminated", 10, async () => (await instances()).every(isTerminated));
}

async function endsInstanceThatNeverBoots(cluster: Cluster): Promise<void> {
  const { rig, instances, tell } = cluster;
  await tell("faults", { kind: "boot-failure", times: 100 });
  const job = rig.room.spawn(["timeout", "50", "srun", "-N1", "true"], {
    env: { SLURM_CONF: rig.slurmConf },
  });
  await rig.until("an instance is launched", 20, async () => (await instances()).length > 0);
  await rig.until("slurmctld gives the node up and calls resume-fail", 45, async () => {
    return (await Deno.readTextFile(cluster.log)).includes("resume-fail c");
  });
  await rig.until("its instance is terminated", 20, async () => (await instances()).some(isTerminated));
  job.kill("SIGKILL");
  await Promise.allSettled([job.status, job.stdout.cancel(), job.stderr.cancel()]);
}

function everyStateIs(states: ReadonlyMap<string, string>, wanted: string): boolean {
  return [...states.values()].every((state) => state === wanted);
}

function isTerminated({ state }: { readonly state: string }): boolean {
  return state === "terminated" || state === "shutting-down";
}
