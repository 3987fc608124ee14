import { assert, assertEquals } from "@std/assert";
import { testWhere } from "../test_where.ts";
import { type Cluster, isTerminated, startCluster } from "./cluster.ts";
import { setState } from "./observe.ts";
import { whyNoRig } from "./rig.ts";
import { firstLine, INSIDE } from "./room.ts";
import { VERSIONS } from "./versions.ts";

/**
 * Everything that slurmctld does to its hooks, and what an administrator's machine adds: no environment but the two
 * variables, all signals blocked, /dev/null for input and output, umask 077, a directory that can't be entered.
 */
const HOSTILE = `
cd "$1"
umask 077
exec setpriv --reuid=slurm --regid=slurm --clear-groups \\
  env -i --block-signal SLURM_CONF="$2" \${3:+SLURM_RESUME_FILE="$3"} "$4" "$5" </dev/null >/dev/null 2>/dev/null
`;

interface HookCall {
  readonly hook: string;
  readonly hostlist: string;
  /** Content of the resume file; absent: slurmctld gives none. */
  readonly resumeFile?: string;
}

/** Calls a hook the hostile way; its exit status. */
async function callHook({ rig, site }: Cluster, { hook, hostlist, resumeFile }: HookCall): Promise<number> {
  await rig.room.run(["mkdir", "-pm", "700", `${rig.dir}/private`]);
  const memfd = resumeFile === undefined ? undefined : await holdMemfd(rig.room, resumeFile, rig.dir);
  try {
    // deno-fmt-ignore
    const { code } = await rig.room.run([
      "/bin/sh", "-c", HOSTILE, "sh", `${rig.dir}/private`, rig.slurmConf, memfd?.path ?? "", `${site}/bin/${hook}`, hostlist,
    ], { timeout: 120 });
    return code;
  } finally {
    await memfd?.close();
  }
}

/** Calls hooks at the same time; all must be content. */
async function callHooks(cluster: Cluster, calls: readonly HookCall[]): Promise<void> {
  const codes = await Promise.all(calls.map((call) => callHook(cluster, call)));
  assertEquals(codes, calls.map(() => 0), log(cluster));
}

/** A real descriptor of another process of the same user, as slurmctld's is. */
async function holdMemfd(room: Cluster["rig"]["room"], content: string, dir: string) {
  const holder = room.spawn(
    [
      INSIDE.deno,
      "run",
      "-A",
      "--no-config",
      "--no-lock",
      `${INSIDE.checkout}/tests/e2e/hold_memfd.ts`,
      content,
    ],
    { user: "slurm", env: { DENO_DIR: `${dir}/nowhere` } },
  );
  const path = await firstLine(holder.stdout);
  return {
    path,
    async close() {
      holder.kill("SIGKILL");
      await Promise.allSettled([holder.status, holder.stdout.cancel(), holder.stderr.cancel()]);
    },
  };
}

for (const version of VERSIONS) {
  const missing = whyNoRig(version);

  testWhere(
    missing,
    `hooks work in slurmctld's environment, under the legacy names too, on Slurm ${version}`,
    () =>
      withIdleCluster(version, async (cluster) => {
        const jobs = [{ job_id: 1, nodes: "c0" }];
        await setState(cluster.rig, "c[0-3]", "power_up");
        // Several at once, as slurmctld has them.
        await callHooks(cluster, [
          { hook: "resume", hostlist: "c0", resumeFile: JSON.stringify({ all_nodes: "c0", jobs }) },
          { hook: "slurm_ec2_resume.py", hostlist: "c1" },
          { hook: "resume", hostlist: "c[2-3]" },
        ]);
        await instancesAre(cluster, { running: 4, terminated: 0 });
        // One for each hook, unless requests have come close together: those share a launch.
        const { RunInstances = 0 } = await cluster.calls();
        assert(RunInstances >= 1 && RunInstances <= 3, `${RunInstances} launches`);
        assertEquals(/SLURM_RESUME_FILE|Resume file/.test(log(cluster)), false, log(cluster));

        await setState(cluster.rig, "c[0-3]", "power_down");
        await callHooks(cluster, [
          { hook: "stop", hostlist: "c0" },
          { hook: "slurm_ec2_stop.py", hostlist: "c1" },
          { hook: "resume-fail", hostlist: "c2" },
          { hook: "slurm_ec2_resume_fail.py", hostlist: "c3" },
        ]);
        await instancesAre(cluster, { running: 0, terminated: 4 });
        // Not only because slurmctld says so.
        for (const served of [/ stop .*c0/, / stop .*c\S*1/, / resume-fail .*c2/, / resume-fail .*c\S*3/]) {
          await cluster.rig.until(`the log has ${served}`, 60, () => served.test(log(cluster)));
        }
      }),
  );

  testWhere(
    missing,
    `resume reads SLURM_RESUME_FILE and launches although it is damaged on Slurm ${version}`,
    () =>
      withIdleCluster(version, async (cluster) => {
        await setState(cluster.rig, "c0", "power_up");
        await callHooks(cluster, [{ hook: "resume", hostlist: "c0", resumeFile: `{"all_nodes":` }]);
        await instancesAre(cluster, { running: 1, terminated: 0 });
        await cluster.rig.until(
          "the log says so",
          30,
          () =>
            /Going on without what SLURM_RESUME_FILE says of jobs: Resume file is cut short/.test(
              log(cluster),
            ),
        );
      }),
  );

  testWhere(
    missing,
    `hooks launch and terminate when the state directory is gone on Slurm ${version}`,
    () =>
      withIdleCluster(version, async (cluster) => {
        await Deno.rename(`${cluster.site}/state`, `${cluster.site}/elsewhere`);
        await setState(cluster.rig, "c0", "power_up");
        await callHooks(cluster, [{ hook: "resume", hostlist: "c0" }]);
        await instancesAre(cluster, { running: 1, terminated: 0 });
        await setState(cluster.rig, "c0", "power_down");
        await callHooks(cluster, [{ hook: "stop", hostlist: "c0" }]);
        await instancesAre(cluster, { running: 0, terminated: 1 });
      }),
  );

  testWhere(
    missing,
    `hooks say in the log what keeps the program from starting on Slurm ${version}`,
    () =>
      withIdleCluster(version, async (cluster) => {
        await Deno.writeTextFile(
          `${cluster.site}/etc/hooks.env`,
          "SLURM_EC2_MAIN=/nowhere/main.js\nSLURM_EC2_DENO=" + INSIDE.deno,
        );
        await callHooks(cluster, [{ hook: "stop", hostlist: "c0" }]);
        await cluster.rig.until("the log says so", 60, () => log(cluster).includes("/nowhere/main.js"));
        // Nobody has served it: it waits for a program that starts.
        const queue = [...Deno.readDirSync(`${cluster.site}/state/queue`)].map(({ name }) => name);
        assertEquals(queue.filter((name) => name.startsWith("stop.")).length, 1, queue.join());
      }),
  );
}

/** The worker does in its own time what hooks have asked for. */
async function instancesAre(
  cluster: Cluster,
  wanted: { readonly running: number; readonly terminated: number },
): Promise<void> {
  await cluster.rig.until(`instances are ${JSON.stringify(wanted)}`, 60, async () => {
    const instances = await cluster.instances();
    const terminated = instances.filter(isTerminated).length;
    return terminated === wanted.terminated && instances.length - terminated === wanted.running;
  });
}

/** A cluster in which slurmctld itself calls no hook. */
async function withIdleCluster(
  version: (typeof VERSIONS)[number],
  use: (cluster: Cluster) => Promise<void>,
): Promise<void> {
  const cluster = await startCluster({
    version,
    slurmUser: "slurm",
    nodes: 4,
    suspendTime: 3600,
    resumeTimeout: 300,
    slurmctldCallsHooks: false,
  });
  try {
    await use(cluster);
  } finally {
    await cluster.close();
  }
}

/** Empty until somebody has written to it. */
function log({ log }: Cluster): string {
  try {
    return Deno.readTextFileSync(log);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}
