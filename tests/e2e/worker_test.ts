import { assert, assertEquals } from "@std/assert";
import { testWhere } from "../test_where.ts";
import { type Cluster, startCluster } from "./cluster.ts";
import { live, nodesAre, setState } from "./observe.ts";
import { whyNoRig } from "./rig.ts";
import { VERSIONS } from "./versions.ts";

for (const version of VERSIONS) {
  testWhere(
    whyNoRig(version),
    `slurmctld answers while a launch is throttled, and a worker that is killed in a launch makes no second instance on Slurm ${version}`,
    async () => {
      const cluster = await startCluster({
        version,
        slurmUser: "slurm",
        nodes: 4,
        suspendTime: 3600,
        resumeTimeout: 300,
        limits: { launchCheckSeconds: 0, expectedBootSeconds: 20 },
      });
      try {
        await throttledLaunchHoldsNothingUp(cluster);
        for (const [index, signal] of (["KILL", "TERM"] as const).entries()) {
          await killedWorkerGoesOn(cluster, `c${index + 1}`, signal);
        }
        await endsWhenAllIsSettled(cluster);
      } finally {
        await cluster.close();
      }
    },
  );
}

/** A hook that waits would freeze slurmctld 24.11 here for as long as it waits. */
async function throttledLaunchHoldsNothingUp(cluster: Cluster): Promise<void> {
  const { rig } = cluster;
  await cluster.tell("faults", { kind: "throttle", action: "RunInstances", times: 1000 });
  await setState(rig, "c0", "power_up");
  await rig.until(
    "EC2 has refused the launch",
    30,
    async () => ((await cluster.calls()).RunInstances ?? 0) > 1,
  );
  // Each of them fails after slurmctld's MessageTimeout of 10 s where slurmctld is held up.
  for (const argv of [["scontrol", "reconfigure"], ["sinfo", "-h"], ["sinfo", "-h"]]) {
    const { code, stderr } = await rig.run(argv);
    assertEquals(code, 0, `${argv.join(" ")}: ${stderr}`);
  }
  await stopOfSlurmctldIsNotHeldUp(cluster);
  await cluster.tell("faults", []);
  await nodesAre(rig, ["c0"], "idle", 90);
  assertEquals((await live(cluster)).length, 1);
}

/** slurmctld ends while its launch is refused, as systemctl restart has it: the worker lets it go, and goes on. */
async function stopOfSlurmctldIsNotHeldUp(cluster: Cluster): Promise<void> {
  const { rig } = cluster;
  const worker = await workerPid(cluster);
  const asked = (await cluster.calls()).RunInstances ?? 0;
  const { stdout } = await rig.run(["cat", `${rig.dir}/run/slurmctld.pid`]);
  const pid = Number(stdout.trim());
  await rig.run(["kill", "-TERM", String(pid)]);
  // It would wait for a program of its own that still runs: the worker still is there when it has ended.
  await rig.until("slurmctld has ended", 60, async () => !await isAlive(cluster, pid));
  assert(await isAlive(cluster, worker), "the worker ended with slurmctld");
  await rig.until("EC2 is asked again", 30, async () => ((await cluster.calls()).RunInstances ?? 0) > asked);
  const started = await rig.run(["slurmctld", "-f", rig.slurmConf]);
  assertEquals(started.code, 0, started.stderr);
}

/** EC2 has the request, the worker is killed before it has the answer: the next one asks with the same token. */
async function killedWorkerGoesOn(cluster: Cluster, node: string, signal: "KILL" | "TERM"): Promise<void> {
  const { rig } = cluster;
  const before = (await live(cluster)).length;
  const asked = (await cluster.calls()).RunInstances ?? 0;
  await cluster.tell("settings", { latencyMs: 3_000 });
  await setState(rig, node, "power_up");
  // Half of the latency passes before the call is carried out and counted.
  await rig.until("EC2 has the launch", 30, async () => ((await cluster.calls()).RunInstances ?? 0) > asked);
  const pid = await workerPid(cluster);
  await rig.run(["kill", `-${signal}`, String(pid)]);
  await rig.until(`the worker has died of ${signal}`, 10, async () => !await isAlive(cluster, pid));
  await cluster.tell("settings", { latencyMs: 0 });
  const { code, stderr } = await rig.run([`${cluster.site}/bin/supervisor`, "--timer"], { user: "slurm" });
  assertEquals(code, 0, stderr);
  await nodesAre(rig, [node], "idle", 60);
  assertEquals((await live(cluster)).length, before + 1, `instances after ${signal}`);
}

async function endsWhenAllIsSettled(cluster: Cluster): Promise<void> {
  const { rig } = cluster;
  await setState(rig, "c[0-2]", "power_down");
  await nodesAre(rig, ["c0", "c1", "c2"], "idle~", 60);
  // Slurm shows the nodes as off before the worker has asked EC2 for anything.
  await rig.until("no instance is left", 60, async () => (await live(cluster)).length === 0);
  await rig.until("nothing is left to do", 60, async () => {
    const { code, stdout, stderr } = await cluster.command("status", "--json");
    assertEquals(code, 0, stderr);
    const { launches, requests, running } = JSON.parse(stdout);
    return launches.length === 0 && requests.length === 0 && running === 0;
  });
}

/** The worker's own heartbeat says which process it is. */
async function workerPid({ rig, site }: Cluster): Promise<number> {
  const { stdout } = await rig.run(["cat", `${site}/state/heartbeat`]);
  const pid = Number(stdout.split(" ")[0]);
  assert(Number.isSafeInteger(pid) && pid > 1, stdout);
  return pid;
}

async function isAlive({ rig }: Cluster, pid: number): Promise<boolean> {
  return (await rig.run(["kill", "-0", String(pid)])).code === 0;
}
