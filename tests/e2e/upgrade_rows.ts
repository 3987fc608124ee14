import { assertEquals } from "@std/assert";
import type { ReconcileOutput } from "../../commands/hooks/reconcile.ts";
import { builtFile, installBuilt } from "../fixtures/built_file.ts";
import { type Cluster, isTerminated, startCluster } from "./cluster.ts";
import { nodeFields, nodesAre, setState } from "./observe.ts";
import type { SlurmVersion } from "./rig.ts";

/** A change of releases while things are under way, and what must have come of them. */
export interface UpgradeRow {
  readonly name: string;
  run(cluster: Cluster): Promise<void>;
}

const GROUPS = [
  { name: "c", nodes: "c[0-5]", instanceType: "c7i.xlarge" },
  { name: "full", nodes: "c[6-7]", instanceType: "m7i.large" },
];
const POOL = "m7i.large:us-east-1a";

/** A cluster whose hooks are those of a file: the release before the worker. */
export async function startFormer(version: SlurmVersion, file: string): Promise<Cluster> {
  const cluster = await startCluster({
    version,
    slurmUser: "slurm",
    nodes: 8,
    groups: GROUPS,
    suspendTime: 3600,
    resumeTimeout: 60,
    program: "built file",
    file,
    limits: { cooldown: 10 },
  });
  // That release has no such key, and another for the same.
  const config = `${cluster.site}/etc/slurm-ec2.yaml`;
  await Deno.writeTextFile(
    config,
    (await Deno.readTextFile(config)).replace(/"launchCheckSeconds":0,?/, ""),
  );
  return cluster;
}

/** Every row; each begins with the former release in use. */
export const UPGRADE_ROWS: readonly UpgradeRow[] = [
  {
    name: "an upgrade with a launch, a stop, a cooldown and an unended instance in flight",
    async run(cluster) {
      await upAndUnended(cluster);
      await inFlight(cluster, async () => await installBuilt(await builtFile(), cluster.site));
      await pass(cluster);
      await settled(cluster);
    },
  },
  {
    name: "a rollback with a launch, a stop, a cooldown and an unended instance in flight, and forward again",
    async run(cluster) {
      await installBuilt(await builtFile(), cluster.site);
      await upAndUnended(cluster);
      await inFlight(cluster, () => rollBack(cluster));
      // The former release acts when slurmctld calls it, and only then.
      await setState(cluster.rig, "c5", "power_up");
      await nodesAre(cluster.rig, ["c5"], "idle", 60);
      await setState(cluster.rig, "c5", "power_down");
      await cluster.rig.until("what the former release was left is done", 60, () => isSettled(cluster));
      await rollBack(cluster);
      await pass(cluster);
      await settled(cluster);
    },
  },
];

/** c0, c1 and c2 are up, c6 is in its cooldown, and the end of c3's instance is refused. */
async function upAndUnended(cluster: Cluster): Promise<void> {
  const { rig } = cluster;
  await setState(rig, "c[0-3]", "power_up");
  await nodesAre(rig, ["c0", "c1", "c2", "c3"], "idle", 90);
  await cluster.tell("faults", {
    kind: "error",
    action: "TerminateInstances",
    code: "UnauthorizedOperation",
    times: 10_000,
  });
  await setState(rig, "c3", "power_down");
  await rig.until("c3 is down, its instance not ended", 60, async () => {
    const { state, reason } = await nodeFields(rig, "c3");
    return state.startsWith("DOWN") && reason.includes("UnauthorizedOperation");
  });
  await cluster.tell("capacity", { [POOL]: 0 });
  await setState(rig, "c6", "power_up");
  await rig.until("c6 is in its cooldown", 60, async () => {
    const { state, reason } = await nodeFields(rig, "c6");
    return state.startsWith("DOWN") && reason.includes("InsufficientInstanceCapacity");
  });
}

/** While EC2 has not answered c4's launch and c1's stop, the releases change. */
async function inFlight(cluster: Cluster, change: () => Promise<void>): Promise<void> {
  const { rig } = cluster;
  const before = await cluster.calls();
  await cluster.tell("settings", { latencyMs: 4_000 });
  await setState(rig, "c4", "power_up");
  await setState(rig, "c1", "power_down");
  await rig.until("EC2 has the launch", 60, async () => {
    const now = await cluster.calls();
    return (now.RunInstances ?? 0) > (before.RunInstances ?? 0);
  });
  const changed = change();
  // The answer comes while they change.
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  await cluster.tell("settings", { latencyMs: 0 });
  await changed;
  await cluster.tell("faults", []);
}

async function rollBack({ rig, site }: Cluster): Promise<void> {
  const argv = [`${site}/bin/slurm-ec2`, "install", "--prefix", site, "--rollback"];
  const { code, stdout, stderr } = await rig.run(argv, { timeout: 300 });
  if (code !== 0) throw new Error(`install --rollback: ${code} ${stdout}${stderr}\n${rig.logTails()}`);
}

async function pass({ rig, site }: Cluster): Promise<void> {
  const { code, stderr } = await rig.run([`${site}/bin/supervisor`, "--timer"], { timeout: 120 });
  if (code !== 0) throw new Error(`supervisor --timer: ${code} ${stderr}\n${rig.logTails()}`);
}

/** c0, c2 and c4 are up with an instance each; the others are off, and can be used again. */
async function isSettled({ rig, instances }: Cluster): Promise<boolean> {
  const states = await rig.sinfo();
  const up = ["c0", "c2", "c4"].every((node) => states.get(node) === "idle");
  const off = ["c1", "c3", "c5", "c6", "c7"].every((node) => states.get(node) === "idle~");
  const live = (await instances()).filter((instance) => !isTerminated(instance));
  return up && off && live.length === 3;
}

async function settled(cluster: Cluster): Promise<void> {
  const { rig, site } = cluster;
  try {
    await rig.until("the releases have changed, and all is as Slurm wants it", 90, () => isSettled(cluster));
  } catch (error) {
    const states = JSON.stringify([...await rig.sinfo()]);
    const live = JSON.stringify((await cluster.instances()).filter((instance) => !isTerminated(instance)));
    throw new Error(`${states}\n${live}\n${(error as Error).message}`);
  }
  const { stdout, stderr } = await rig.run([
    `${site}/bin/slurm-ec2`,
    "reconcile",
    "--json",
    "--config",
    `${site}/etc/slurm-ec2.yaml`,
  ], { user: "slurm" });
  const { findings, unread } = JSON.parse(stdout) as ReconcileOutput;
  assertEquals({ findings, unread }, { findings: [], unread: undefined }, stderr);
}
