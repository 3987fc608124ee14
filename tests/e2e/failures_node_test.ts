import { assertEquals, assertMatch } from "@std/assert";
import { VERDICT_SEQUENCE } from "../../lib/cluster/verdict_sequence.ts";
import { expandHostlist } from "../../lib/slurm/hostlist.ts";
import { testWhere } from "../test_where.ts";
import { type Cluster, startCluster } from "./cluster.ts";
import { jobState, live, nodeFields, nodesAre, scontrol, setState, submit } from "./observe.ts";
import { type Rig, whyNoRig } from "./rig.ts";
import { VERSIONS } from "./versions.ts";

/** Group `mute` boots nothing: its nodes stay in POWERING_UP until ResumeTimeout. */
const GROUPS = [
  { name: "c", nodes: "c[0-3]", instanceType: "c7i.xlarge" },
  { name: "mute", nodes: "c[4-5]", instanceType: "m7i.large" },
];

for (const version of VERSIONS) {
  testWhere(
    whyNoRig(version),
    `nodes get their verdicts, a running slurmd and expired credentials are survived on Slurm ${version}`,
    async () => {
      const cluster = await startCluster({
        version,
        slurmUser: "slurm",
        nodes: 6,
        groups: GROUPS,
        suspendTime: 3600,
        resumeTimeout: 300,
        // Longer than any step here: no instance is too old to be booting.
        limits: { launchCheckSeconds: 0, expectedBootSeconds: 240 },
      });
      try {
        await cluster.tell("faults", { kind: "boot-failure", times: 100, instanceType: "m7i.large" });
        await setState(cluster.rig, "c0", "power_up");
        await verdictsGoTheirWay(cluster);
        await powerUpOfRunningSlurmdEndsIdle(cluster);
        await stopWithExpiredCredentialsIsMended(cluster);
        await resumedNodeThatIsOffGetsJobs(cluster);
      } finally {
        await cluster.close();
      }
    },
  );
}

/** The table of lib/cluster/verdict_sequence.ts, on nodes that jobs wait for. */
async function verdictsGoTheirWay(cluster: Cluster): Promise<void> {
  const { rig } = cluster;
  const jobs = await Promise.all(["c4", "c5"].map((node) => submit(rig, node)));
  await rig.until("c4 and c5 are POWERING_UP and have instances", 30, async () => {
    const states = await Promise.all(["c4", "c5"].map((node) => nodeFields(rig, node)));
    const mute = (await live(cluster)).filter(({ instanceType }) => instanceType === "m7i.large");
    return mute.length === 2 && states.every(({ state }) => /\bPOWERING_UP\b/.test(state));
  });
  await Promise.all([
    passesThrough(cluster, "c5", "powered-down"),
    (async () => {
      await passesThrough(cluster, "c4", "down");
      for (const job of jobs) await isRequeued(rig, job);
      // A person can read why, and nothing has called SuspendProgram: the cooldown lasts.
      assertEquals((await nodeFields(rig, "c4")).reason, "slurm-ec2 down");
      assertEquals(stopped(cluster, "c4"), false);
      await passesThrough(cluster, "c4", "given-back");
    })(),
  ]);
  await rig.run(["scancel", ...jobs]);
}

/** Gives a verdict as the hooks do, and watches until the node is where it leads. */
async function passesThrough(
  cluster: Cluster,
  node: string,
  verdict: keyof typeof VERDICT_SEQUENCE,
): Promise<void> {
  const { rig } = cluster;
  const { state, shows, suspends } = VERDICT_SEQUENCE[verdict];
  await setState(rig, node, state, `slurm-ec2 ${verdict}`);
  const seen: string[] = [];
  await rig.until(`${node} shows ${shows.join(", ")} after "${verdict}"`, 20, async () => {
    const now = (await rig.sinfo()).get(node)!;
    if (seen.at(-1) !== now) seen.push(now);
    return now === shows.at(-1);
  });
  assertEquals(seen, shows.filter((each) => seen.includes(each)), `${node} after "${verdict}"`);
  if (suspends) await rig.until(`SuspendProgram is called for ${node}`, 30, () => stopped(cluster, node));
}

function stopped({ log }: Cluster, node: string): boolean {
  const calls = Deno.readTextFileSync(log).matchAll(/ stop (c\S+)$/gm);
  return calls.some(([, hostlist]) => expandHostlist(hostlist!).includes(node));
}

async function isRequeued(rig: Rig, job: string): Promise<void> {
  await rig.until(`job ${job} is requeued`, 20, async () => await jobState(rig, job) === "PENDING BeginTime");
}

/** slurmctld ignores a registration whose boot was before the power-up, so the old instance can't be the node. */
async function powerUpOfRunningSlurmdEndsIdle(cluster: Cluster): Promise<void> {
  const { rig } = cluster;
  await nodesAre(rig, ["c0"], "idle");
  const [old] = await instancesOfC(cluster);
  // A hook that never comes to run: slurmctld takes the node for powered down while its instance lives.
  await Deno.rename(`${cluster.site}/bin/stop`, `${cluster.site}/bin/stop.kept`);
  await Deno.writeTextFile(`${cluster.site}/bin/stop`, "#!/bin/sh\nexit 1\n", { mode: 0o755 });
  await setState(rig, "c0", "power_down_force");
  await nodesAre(rig, ["c0"], "idle~");
  await Deno.rename(`${cluster.site}/bin/stop.kept`, `${cluster.site}/bin/stop`);
  assertEquals((await instancesOfC(cluster)).map(({ instanceId }) => instanceId), [old!.instanceId]);

  await setState(rig, "c0", "power_up");
  await nodesAre(rig, ["c0"], "idle");
  // The node may be up before the old instance has ended; were it the node, this would not come.
  await rig.until("the old instance has ended, and another one is the node", 30, async () => {
    const now = await instancesOfC(cluster);
    return now.length === 1 && now[0]!.instanceId !== old!.instanceId;
  });
}

async function instancesOfC(cluster: Cluster) {
  return (await live(cluster)).filter(({ instanceType }) => instanceType === "c7i.xlarge");
}

async function stopWithExpiredCredentialsIsMended(cluster: Cluster): Promise<void> {
  const { rig } = cluster;
  await cluster.tell("settings", { credentials: "expired" });
  await setState(rig, "c0", "power_down");
  await nodesAre(rig, ["c0"], "down~");
  const { stdout } = await rig.run(["sinfo", "-h", "-R", "-o", "%N %E"]);
  assertMatch(stdout, /^c0 RequestExpired: .* \[slurm-ec2 until=/m);
  assertEquals((await instancesOfC(cluster)).length, 1);

  await cluster.tell("settings", { credentials: "valid" });
  await setState(rig, "c1", "power_up");
  await nodesAre(rig, ["c0"], "idle~");
  await nodesAre(rig, ["c1"], "idle");
  await rig.until("the instance of c0 has ended", 30, async () => (await instancesOfC(cluster)).length === 1);
}

/** On 22.05 and 24.11 no job is given to such a node any more, until the controller offers it. */
async function resumedNodeThatIsOffGetsJobs({ rig, site }: Cluster): Promise<void> {
  await setState(rig, "c2", "down", "a person's");
  await setState(rig, "c2", "resume");
  await scontrol(rig, "reconfigure");
  const job = await submit(rig, "c2");
  await rig.run([`${site}/bin/supervisor`, "--timer"], { user: "slurm" });
  await rig.until(`job ${job} has run on c2`, 90, async () => /^COMPLETED/.test(await jobState(rig, job)));
}
