import { assert, assertEquals, assertMatch } from "@std/assert";
import { testWhere } from "../test_where.ts";
import { startCluster } from "./cluster.ts";
import { jobState, nodeFields } from "./observe.ts";
import { whyNoRig } from "./rig.ts";
import { VERSIONS } from "./versions.ts";

for (const version of VERSIONS) {
  testWhere(
    whyNoRig(version),
    `a spot notice moves a batch job to another running node on Slurm ${version}`,
    async () => {
      const cluster = await startCluster({
        version,
        slurmUser: "slurm",
        nodes: 2,
        suspendTime: 3600,
        orphanLimit: 600,
        groups: [{
          name: "c",
          nodes: "c[0-1]",
          instanceType: "c7i.xlarge",
          more: { capacityType: "spot" },
        }],
      });
      const { rig, instances, tell } = cluster;
      try {
        await rig.run(["scontrol", "update", "nodename=c[0-1]", "state=power_up"]);
        await rig.until(
          "both nodes are up",
          60,
          async () => [...(await rig.sinfo()).values()].every((state) => state === "idle"),
        );
        // Only what this node runs: the other one has room for it.
        const { stdout } = await rig.run([
          "sbatch",
          "--parsable",
          "--exclusive",
          `--output=${rig.dir}/run/job-%j`,
          "--wrap",
          "exec sleep 600",
        ]);
        const job = stdout.trim();
        const nodeOf = async () => (await rig.run(["squeue", "-h", "-j", job, "-o", "%N"])).stdout.trim();
        await rig.until("the job runs", 60, async () => (await jobState(rig, job)).startsWith("RUNNING"));
        const before = await nodeOf();
        // Both came of one launch: the index is the number of the node.
        const index = Number(before.slice(1));
        const doomed = (await instances()).find(({ amiLaunchIndex }) => amiLaunchIndex === index)!;
        await tell("interrupt_spot", { instanceId: doomed.instanceId, noticeMs: 120_000 });

        // Once the node has powered down its reason may go.
        await rig.until("the node says why it is taken out", 60, async () => {
          const { reason } = await nodeFields(rig, before);
          return /^SpotInterruption: EC2 takes this spot instance back at \S+/.test(reason);
        });
        await rig.until("the job runs on the other node", 100, async () => {
          const [state, now] = await Promise.all([jobState(rig, job), nodeOf()]);
          return state.startsWith("RUNNING") && now !== before && now !== "";
        });
        const { stdout: shown } = await rig.run(["scontrol", "show", "job", job]);
        assertMatch(shown, /Restarts=1\b/);
        // A requeued job may begin 120 s after it is submitted again, as slurmctld has it: that was taken back.
        const at = (field: string) => Date.parse(new RegExp(` ${field}=(\\S+)`).exec(shown)![1]!);
        assert(at("EligibleTime") - at("SubmitTime") < 100_000, shown);
        await rig.until("the node powers down", 60, async () => {
          return /^idle[~%]|^idle!/.test((await rig.sinfo()).get(before) ?? "");
        });
        const states = (await instances()).filter(({ instanceId }) => instanceId !== doomed.instanceId);
        assertEquals(states.map(({ state }) => state), ["running"]);
        assert((await nodeOf()) !== before);
      } finally {
        await cluster.close();
      }
    },
  );
}
