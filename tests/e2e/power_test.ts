import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { testWhere } from "../test_where.ts";
import { type Cluster, type ClusterOptions, isTerminated, startCluster } from "./cluster.ts";
import { PATIENCE, whyNoRig } from "./rig.ts";
import { VERSIONS } from "./versions.ts";

/** Whom slurmctld runs as, and what the hooks run: the checkout's bundle, or what `install` makes of the built file. */
const KINDS: readonly Pick<ClusterOptions, "slurmUser" | "program" | "hooksEnv">[] = [
  { slurmUser: "root", program: "bundle" },
  {
    slurmUser: "slurm",
    program: "built file",
    hooksEnv: (site) => [`DENO_AUDIT_PERMISSIONS=${auditOf(site)}`],
  },
];

/** Where the last worker that ran left what it asked Deno for. */
function auditOf(site: string): string {
  return `${site}/state/audit.jsonl`;
}

/**
 * slurmctld looks only every 30 s whether the nodes of a job have come up: 22.05 for batch jobs, 24.11 and later
 * for srun too.
 */
const JOB_SECONDS = 90;

for (const version of VERSIONS) {
  const missing = whyNoRig(version);
  const where = `on Slurm ${version}, as root from the checkout and as slurm from the built file`;

  testWhere(
    missing,
    `resume and stop power nodes up for jobs and down after them ${where}`,
    () =>
      eachKind({ version, nodes: 10 }, async (cluster) => {
        await Promise.all([runsBatchJob(cluster), runsJobOnEightNodes(cluster)]);
        await endsEveryInstance(cluster);
        await asksForNoMore(cluster);
      }),
  );

  testWhere(
    missing,
    `resume-fail ends the instance of a node that never registers ${where}`,
    () => eachKind({ version, nodes: 2, resumeTimeout: 15 }, endsInstanceThatNeverBoots),
  );
}

/** At the same time: most of it is waiting. */
async function eachKind(
  options: Omit<ClusterOptions, "slurmUser" | "program">,
  use: (cluster: Cluster) => Promise<void>,
): Promise<void> {
  const done = await Promise.allSettled(KINDS.map((kind) => withCluster({ ...options, ...kind }, use)));
  for (const each of done) if (each.status === "rejected") throw each.reason;
}

async function withCluster(options: ClusterOptions, use: (cluster: Cluster) => Promise<void>): Promise<void> {
  const cluster = await startCluster(options);
  try {
    await use(cluster);
  } finally {
    await cluster.close();
  }
}

async function runsJobOnEightNodes({ rig, calls }: Cluster): Promise<void> {
  const { code, stdout, stderr } = await rig.run(["srun", "-N8", "sh", "-c", "echo $SLURMD_NODENAME"], {
    timeout: PATIENCE * JOB_SECONDS,
  });
  assertEquals(code, 0, `${stderr}\n${rig.logTails()}`);
  const names = stdout.trim().split("\n");
  assertEquals(names.filter((name) => /^c[0-9]$/.test(name)).length, 8, stdout);
  assertEquals(new Set(names).size, 8);
  // One for each time that slurmctld called the hook: it may have seen both jobs at once, or one after the other.
  assert([1, 2].includes((await calls()).RunInstances ?? 0), JSON.stringify(await calls()));
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
  await rig.until(`batch job ${submitted.stdout.trim()} ends`, JOB_SECONDS, async () => {
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
  await rig.until("every instance is terminated", 60, async () => (await instances()).every(isTerminated));
}

/**
 * What tests/deploy/hook_audit_test.ts looks at in full, on a real slurmctld: the worker has asked Deno for the places
 * of this site and nothing else. Only the built file's hooks note it.
 */
async function asksForNoMore({ rig, site, log }: Cluster): Promise<void> {
  if (!(await Deno.readTextFile(`${site}/etc/hooks.env`)).includes(auditOf(site))) return;
  let asked: readonly Record<string, string>[] = [];
  // A worker that begins anew writes it from the start, and the last line may not be whole yet.
  await rig.until("a worker has asked for the network", 60, async () => {
    const text = await Deno.readTextFile(auditOf(site));
    asked = text.slice(0, text.lastIndexOf("\n") + 1).split("\n").filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, string>);
    return asked.some(({ permission }) => permission === "net");
  });
  const places: Readonly<Record<string, RegExp>> = {
    // The program's own parts; whether the log is a link is looked at where that is allowed, hooks only write it.
    read: new RegExp(
      `^(?:${site}/(?:state(?:/.*)?|etc/slurm-ec2\\.yaml|lib/slurm-ec2-[^/]+/[^/]+\\.js)|${log})$|` +
        "/\\.aws/(?:config|credentials)$",
    ),
    write: new RegExp(`^(?:${site}/state(?:/.*)?|${log})$`),
    net: /^127\.0\.0\.1:\d+$/,
    sys: /^osRelease$/,
    env:
      /^(?:AWS_|SLURM_|HOME|USERPROFILE$|https?_proxy$|no_proxy$|HTTPS?_PROXY$|NO_PROXY$|_X_AMZN_TRACE_ID$|NODE_)/,
  };
  const beyond = asked.filter(({ permission, value }) => !places[permission!]?.test(value!));
  assertEquals(beyond, []);
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
  try {
    job.kill("SIGKILL");
  } catch (error) {
    // srun has ended by itself: its node failed.
    if (!(error instanceof TypeError)) throw error;
  }
  await Promise.allSettled([job.status, job.stdout.cancel(), job.stderr.cancel()]);
}

function everyStateIs(states: ReadonlyMap<string, string>, wanted: string): boolean {
  return [...states.values()].every((state) => state === wanted);
}
