import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { testWhere } from "../test_where.ts";
import { type Cluster, startCluster } from "./cluster.ts";
import { jobState, live, nodeFields, nodesAre, setState, submit } from "./observe.ts";
import { whyNoRig } from "./rig.ts";
import { VERSIONS } from "./versions.ts";

/** Group `full` finds no capacity; `broken` has an image that does not boot; `dry` has two types, the first for two nodes. */
const GROUPS = [
  { name: "c", nodes: "c[0-1]", instanceType: "c7i.xlarge" },
  { name: "full", nodes: "c[2-3]", instanceType: "m7i.large" },
  { name: "broken", nodes: "c[4-9]", instanceType: "r7i.large" },
  {
    name: "dry",
    nodes: "c[10-13]",
    instanceType: "c6i.xlarge",
    more: { instanceTypes: ["c6i.xlarge", "c5.xlarge"], strategy: "all-or-nothing" },
  },
];
const POOL = "m7i.large:us-east-1a";
const DRY = "c6i.xlarge:us-east-1a";

for (const version of VERSIONS) {
  testWhere(
    whyNoRig(version),
    `no capacity is a cooldown, a second type makes up for it, five broken boots are the last on Slurm ${version}`,
    async () => {
      const cluster = await startCluster({
        version,
        slurmUser: "slurm",
        nodes: 14,
        groups: GROUPS,
        suspendTime: 3600,
        // Boots that fail take as long, so does a verdict of no capacity last; others have to be quicker.
        resumeTimeout: 40,
        limits: { launchCheckSeconds: 0, cooldown: 3 },
      });
      try {
        await Promise.all([
          jobWaitsForCapacity(cluster),
          jobRunsOnTwoTypes(cluster),
          breakerStopsAfterFiveBoots(cluster),
        ]);
      } finally {
        await cluster.close();
      }
    },
  );
}

async function jobWaitsForCapacity(cluster: Cluster): Promise<void> {
  const { rig } = cluster;
  await cluster.tell("capacity", { [POOL]: 0 });
  const job = await submit(rig, "c2");
  // Neither is there for long.
  await Promise.all([
    rig.until("slurmctld shows the verdict on c2", 30, async () => {
      const { stdout } = await rig.run(["sinfo", "-h", "-R", "-o", "%N %E"]);
      return /^c2 InsufficientInstanceCapacity: .* \[slurm-ec2 until=\S+\]/m.test(stdout);
    }),
    rig.until("the job is requeued", 30, async () => await jobState(rig, job) === "PENDING BeginTime"),
  ]);
  await rig.until("resume has reported its verdict on c2", 20, () => verdictOf(cluster, "c2", "down"));

  // The worker that gave the verdict gives the node back: no hook has to come for that.
  await nodesAre(rig, ["c2"], "idle~");

  await cluster.tell("capacity", { [POOL]: null });
  await rig.run(["scontrol", "update", `jobid=${job}`, "starttime=now"]);
  await rig.until("the job has run", 90, async () => (await jobState(rig, job)).startsWith("COMPLETED"));
}

/** The first type's pool runs dry in the middle of a job's launch: the second gives the rest, and Slurm hears of neither. */
async function jobRunsOnTwoTypes(cluster: Cluster): Promise<void> {
  const { rig } = cluster;
  await cluster.tell("capacity", { [DRY]: 2 });
  const job = await submit(rig, "c[10-13]");
  await rig.until("the job has run", 90, async () => (await jobState(rig, job)).startsWith("COMPLETED"));
  const { stdout } = await rig.run(["scontrol", "show", "job", job]);
  assertMatch(stdout, /\bRestarts=0\b/);
  const types = (await cluster.instances()).map(({ instanceType }) => instanceType);
  assertEquals(types.filter((type) => type === "c6i.xlarge").length, 2);
  assertEquals(types.filter((type) => type === "c5.xlarge").length, 2);
}

async function verdictOf({ site }: Cluster, node: string, verdict: string): Promise<boolean> {
  const events = await Deno.readTextFile(`${site}/state/events.jsonl`).catch(() => "");
  return events.split("\n").some((line) =>
    line.includes('"kind":"verdict"') && line.includes(`"nodes":"${node}"`) &&
    line.includes(`"verdict":"${verdict}"`)
  );
}

async function breakerStopsAfterFiveBoots(cluster: Cluster): Promise<void> {
  const { rig } = cluster;
  await cluster.tell("faults", { kind: "boot-failure", times: 100, instanceType: "r7i.large" });
  await setState(rig, "c[4-8]", "power_up");
  await rig.until("five instances are launched", 20, async () => (await launches(cluster)).length === 5);
  await rig.until("all five are given up and ended", 60, async () => {
    const [all, running, states] = await Promise.all([launches(cluster), live(cluster), rig.sinfo()]);
    return all.every((id) => !running.some(({ instanceId }) => instanceId === id)) &&
      ["c4", "c5", "c6", "c7", "c8"].every((node) => states.get(node) === "idle~");
  });

  await setState(rig, "c9", "power_up");
  await rig.until("c9 is refused", 20, async () => /^DOWN\b/.test((await nodeFields(rig, "c9")).state));
  const { reason } = await nodeFields(rig, "c9");
  assertStringIncludes(reason, "BootFailureBreaker: 5 boots in a row of image ami-");
  assertStringIncludes(reason, "slurm-ec2 reset broken");
  assertEquals((await launches(cluster)).length, 5);

  // The image is fixed.
  await cluster.tell("faults", []);
  const { code, stdout, stderr } = await cluster.command("reset", "broken");
  assertEquals(code, 0, stderr);
  assertStringIncludes(stdout, "Group broken: forgot 5 failed boots");
  await setState(rig, "c4", "power_up");
  await nodesAre(rig, ["c4"], "idle");
  assertEquals((await launches(cluster)).length, 6);
}

/** Instances that the broken group ever had. */
async function launches(cluster: Cluster): Promise<string[]> {
  return (await cluster.instances()).filter(({ instanceType }) => instanceType === "r7i.large")
    .map(({ instanceId }) => instanceId);
}
