import { assert, assertEquals } from "@std/assert";
import { testWhere } from "../test_where.ts";
import { type Cluster, startCluster } from "./cluster.ts";
import { live, nodesAre, setState } from "./observe.ts";
import { whyNoRig } from "./rig.ts";
import { VERSIONS } from "./versions.ts";

/** Node c3 is of a group whose instances may be stopped for seconds only. */
const GROUPS = [
  { name: "kept", nodes: "c[0-2]", instanceType: "c7i.xlarge", more: { powerDownAction: "stop" } },
  {
    name: "brief",
    nodes: "c3",
    instanceType: "m7i.large",
    more: { powerDownAction: "stop", maxStoppedDuration: 60 },
  },
];

// On the first version only: slurmctld's part in it, power-up and power-down, has its tests on each.
for (const version of VERSIONS.slice(0, 1)) {
  testWhere(
    whyNoRig(version),
    `stopped instances are started again, replaced or ended on Slurm ${version}`,
    async () => {
      const cluster = await startCluster({
        version,
        slurmUser: "slurm",
        nodes: 4,
        groups: GROUPS,
        suspendTime: 3600,
        resumeTimeout: 300,
        limits: { launchCheckSeconds: 0, expectedBootSeconds: 20 },
      });
      try {
        await setState(cluster.rig, "c[0-3]", "power_up");
        await nodesAre(cluster.rig, ["c0", "c1", "c2", "c3"], "idle");
        const first = await instanceOfEach(cluster);
        await powerDown(cluster, ["c0", "c1", "c2", "c3"]);
        assertEquals(await live(cluster), []);
        const stoppedAt = Date.now();
        await ownInstanceStartsAgain(cluster, first.get("c0")!);
        await stoppingInstanceIsAwaited(cluster, first.get("c0")!);
        await noCapacityToStartLaunches(cluster, first.get("c1")!);
        await otherTypeIsReplaced(cluster, first.get("c2")!);
        await endsAfterItsTime(cluster, first.get("c3")!, stoppedAt);
      } finally {
        await cluster.close();
      }
    },
  );
}

/** The node's own instance is the node again, and a job runs on it. */
async function ownInstanceStartsAgain(cluster: Cluster, own: string): Promise<void> {
  const { rig } = cluster;
  const before = await cluster.calls();
  await powerUp(cluster, "c0");
  const { code, stdout, stderr } = await rig.run([
    "srun",
    "-w",
    "c0",
    "sh",
    "-c",
    "echo on $SLURMD_NODENAME",
  ]);
  assertEquals([code, stdout], [0, "on c0\n"], stderr);
  assertEquals((await live(cluster)).map(({ instanceId }) => instanceId), [own]);
  const after = await cluster.calls();
  assertEquals(after.RunInstances, before.RunInstances);
  assertEquals(after.StartInstances, (before.StartInstances ?? 0) + 1);
}

/** Powered up while EC2 still stops its instance, a node waits for it. */
async function stoppingInstanceIsAwaited(cluster: Cluster, own: string): Promise<void> {
  await cluster.tell("settings", { stoppingMs: 30_000 });
  await setState(cluster.rig, "c0", "power_down");
  await nodesAre(cluster.rig, ["c0"], "idle~");
  // Slurm shows the node as off before the worker has asked EC2 for anything.
  await cluster.rig.until(
    "EC2 stops its instance",
    30,
    async () => await stateOf(cluster, own) === "stopping",
  );
  await powerUp(cluster, "c0");
  assertEquals((await live(cluster)).map(({ instanceId }) => instanceId), [own]);
  await cluster.tell("settings", { stoppingMs: 0 });
}

/** EC2 has nothing to start the instance on; a launch may still find something. */
async function noCapacityToStartLaunches(cluster: Cluster, own: string): Promise<void> {
  await cluster.tell("faults", {
    kind: "error",
    action: "StartInstances",
    code: "InsufficientInstanceCapacity",
    times: 1,
  });
  await powerUp(cluster, "c1");
  await hasEnded(cluster, own);
  assertEquals((await live(cluster)).length, 2);
}

/** An instance of a type that the group does not have any more is of no use. */
async function otherTypeIsReplaced(cluster: Cluster, own: string): Promise<void> {
  const file = `${cluster.site}/etc/slurm-ec2.yaml`;
  const text = await Deno.readTextFile(file);
  assert(text.includes('"instanceTypes":["c7i.xlarge"]'), text);
  await Deno.writeTextFile(
    file,
    text.replace('"instanceTypes":["c7i.xlarge"]', '"instanceTypes":["c6i.large"]'),
  );
  await powerUp(cluster, "c2");
  await hasEnded(cluster, own);
  const types = (await live(cluster)).map(({ instanceType }) => instanceType).sort();
  assertEquals(types, ["c6i.large", "c7i.xlarge", "c7i.xlarge"]);
}

/** Nobody powers its node up: the worker, or the timer's next one, ends it. */
async function endsAfterItsTime(cluster: Cluster, own: string, stoppedAt: number): Promise<void> {
  const { rig, site } = cluster;
  await rig.until("its time is over", 90, () => Date.now() > stoppedAt + 60_000);
  await rig.run([`${site}/bin/supervisor`, "--timer"], { user: "slurm" });
  await hasEnded(cluster, own);
}

/** The node may be up before the worker has ended what is of no use to it. */
async function hasEnded(cluster: Cluster, id: string): Promise<void> {
  await cluster.rig.until(`${id} has ended`, 60, async () => await stateOf(cluster, id) === "terminated");
}

async function powerUp({ rig }: Cluster, node: string): Promise<void> {
  await setState(rig, node, "power_up");
  await nodesAre(rig, [node], "idle", 90);
}

async function powerDown(cluster: Cluster, nodes: readonly string[]): Promise<void> {
  await setState(cluster.rig, nodes.join(), "power_down");
  await nodesAre(cluster.rig, nodes, "idle~");
  await cluster.rig.until("their instances are stopped", 30, async () => (await live(cluster)).length === 0);
}

async function stateOf(cluster: Cluster, id: string): Promise<string | undefined> {
  return (await cluster.instances()).find(({ instanceId }) => instanceId === id)?.state;
}

/** Both groups are launched at once: which node an instance is, its launch's first tag and its index say. */
async function instanceOfEach(cluster: Cluster): Promise<Map<string, string>> {
  return new Map((await live(cluster)).map(({ instanceId, instanceType, amiLaunchIndex }) => [
    instanceType === "m7i.large" ? "c3" : `c${amiLaunchIndex}`,
    instanceId,
  ]));
}
