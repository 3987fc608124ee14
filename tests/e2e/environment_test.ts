import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { testWhere } from "../test_where.ts";
import { type Cluster, isTerminated, startCluster } from "./cluster.ts";
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
    ], { timeout: 30 });
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
        // Several at once, as slurmctld has them.
        await callHooks(cluster, [
          { hook: "resume", hostlist: "c0", resumeFile: JSON.stringify({ all_nodes: "c0", jobs }) },
          { hook: "slurm_ec2_resume.py", hostlist: "c1" },
          { hook: "resume", hostlist: "c[2-3]" },
        ]);
        assertEquals((await cluster.instances()).map(isTerminated), [false, false, false, false]);
        assertEquals((await cluster.calls()).RunInstances, 3);
        assertEquals(log(cluster).includes("Resume file"), false, log(cluster));

        await callHooks(cluster, [
          { hook: "stop", hostlist: "c0" },
          { hook: "slurm_ec2_stop.py", hostlist: "c1" },
          { hook: "resume-fail", hostlist: "c2" },
          { hook: "slurm_ec2_resume_fail.py", hostlist: "c3" },
        ]);
        assertEquals((await cluster.instances()).map(isTerminated), [true, true, true, true]);
      }),
  );

  testWhere(
    missing,
    `resume reads SLURM_RESUME_FILE and launches although it is damaged on Slurm ${version}`,
    () =>
      withIdleCluster(version, async (cluster) => {
        await callHooks(cluster, [{ hook: "resume", hostlist: "c0", resumeFile: `{"all_nodes":` }]);
        assertMatch(log(cluster), /Resume file "-" is not usable, going on without jobs/);
        assertEquals((await cluster.instances()).length, 1);
      }),
  );

  testWhere(
    missing,
    `hooks launch and terminate when the state directory is gone on Slurm ${version}`,
    () =>
      withIdleCluster(version, async (cluster) => {
        await Deno.rename(`${cluster.site}/state`, `${cluster.site}/elsewhere`);
        await callHook(cluster, { hook: "resume", hostlist: "c0" });
        assertEquals((await cluster.instances()).length, 1, log(cluster));
        await callHook(cluster, { hook: "stop", hostlist: "c0" });
        assertEquals((await cluster.instances()).map(isTerminated), [true], log(cluster));
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
        assertEquals(await callHook(cluster, { hook: "stop", hostlist: "c0" }) === 0, false);
        assertStringIncludes(log(cluster), "/nowhere/main.js");
      }),
  );
}

/** A cluster in which slurmctld itself has no reason to call a hook. */
async function withIdleCluster(
  version: (typeof VERSIONS)[number],
  use: (cluster: Cluster) => Promise<void>,
): Promise<void> {
  const cluster = await startCluster({ version, slurmUser: "slurm", nodes: 4, suspendTime: 3600 });
  try {
    await use(cluster);
  } finally {
    await cluster.close();
  }
}

function log({ log }: Cluster): string {
  return Deno.readTextFileSync(log);
}
