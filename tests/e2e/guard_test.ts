import { assertEquals, assertStringIncludes } from "@std/assert";
import { testWhere } from "../test_where.ts";
import { isTerminated, startCluster } from "./cluster.ts";
import { whyNoRig } from "./rig.ts";
import { VERSIONS } from "./versions.ts";

/** Seconds; slurmctld answers its pings far more often, also where the machine has much else to do. */
const ORPHAN_LIMIT = 12;

for (const version of VERSIONS) {
  testWhere(
    whyNoRig(version),
    `guard ends the instances of a slurmctld that is gone on Slurm ${version}`,
    async () => {
      const cluster = await startCluster({
        version,
        slurmUser: "slurm",
        nodes: 2,
        suspendTime: 3600,
        orphanLimit: ORPHAN_LIMIT,
      });
      try {
        const { rig, instances } = cluster;
        await rig.run(["scontrol", "update", "nodename=c[0-1]", "state=power_up"]);
        await rig.until(
          "both nodes are up",
          30,
          async () => [...(await rig.sinfo()).values()].every((state) => state === "idle"),
        );
        await rig.until(
          "slurmctld has where the time of the boot went",
          60,
          async () =>
            / Comment=slurm-ec2 boot i-[0-9a-f]+: imds [\d.]+, .*slurmd [\d.]+/.test(
              (await rig.run(["scontrol", "show", "node", "-o", "c0"])).stdout,
            ),
        );
        // Alive and idle for longer than the limit: no reason to end.
        await new Promise((resolve) => setTimeout(resolve, (ORPHAN_LIMIT + 2) * 1000));
        assertEquals((await instances()).map(isTerminated), [false, false], rig.logTails());

        await rig.run(["/bin/sh", "-c", `kill -9 $(cat ${rig.dir}/run/slurmctld.pid)`]);
        await rig.until(
          "both instances have ended themselves",
          60,
          async () => (await instances()).every(isTerminated),
        );
        for (const { instanceId } of await instances()) {
          const console = await Deno.readTextFile(`${rig.dir}/run/${instanceId}/console`);
          assertStringIncludes(
            console,
            `no slurmctld has answered for ${ORPHAN_LIMIT} s and no step is running; powering off`,
          );
        }
      } finally {
        await cluster.close();
      }
    },
  );
}
