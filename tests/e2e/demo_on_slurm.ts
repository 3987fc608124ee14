/** `slurm-ec2 demo --slurm`: a real job on real slurmds that our hooks power up and down. */
import { textTable } from "../../lib/base/text_table.ts";
import { type Cluster, startCluster } from "./cluster.ts";
import { type SlurmVersion, whyNoRig } from "./rig.ts";

const VERSIONS: readonly SlurmVersion[] = ["22.05", "24.11", "26.05"];
const NODES = 4;

const version = VERSIONS.find((candidate) => whyNoRig(candidate) === undefined);
if (version === undefined) {
  console.error(
    `slurm-ec2: demo --slurm can't run here: ${whyNoRig("22.05")}; demo without --slurm takes neither`,
  );
  Deno.exit(1);
}
const started = performance.now();
say(`Starting a private slurmctld ${version} on loopback and a simulated EC2 …`);
const cluster = await startCluster({ version, slurmUser: "root", nodes: NODES });
let failed = false;
try {
  failed = !await tell(cluster);
} finally {
  await cluster.close();
}
Deno.exit(failed ? 1 : 0);

async function tell({ rig, calls, instances }: Cluster): Promise<boolean> {
  say(`All ${NODES} nodes are powered down: ${states(await rig.sinfo())}`);
  say(`srun -N${NODES} hostname-of-each-node`);
  const { code, stdout, stderr } = await rig.run(["srun", `-N${NODES}`, "sh", "-c", "echo $SLURMD_NODENAME"]);
  if (code !== 0) {
    console.error(`${stderr}\n${rig.logTails()}`);
    return false;
  }
  say(`The job ran on ${stdout.trim().split("\n").sort().join(", ")}: ${states(await rig.sinfo())}`);
  await rig.until(
    "every idle node is powered down",
    60,
    async () =>
      new Set((await rig.sinfo()).values()).size === 1 && [...(await rig.sinfo()).values()][0] === "idle~",
  );
  say(`Idle, so slurmctld called stop: ${states(await rig.sinfo())}`);
  await rig.until(
    "every instance is terminated",
    20,
    async () => (await instances()).every(({ state }) => state === "terminated"),
  );
  const left = (await instances()).filter(({ state }) => state !== "terminated").length;
  say(`Instances launched: ${(await instances()).length}; left running: ${left}\n`);
  console.log(textTable(["AWS calls", "count"], Object.entries(await calls())));
  return left === 0;
}

function states(nodes: ReadonlyMap<string, string>): string {
  return [...nodes].map(([node, state]) => `${node} ${state}`).join(", ");
}

function say(text: string): void {
  console.log(`${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s  ${text}`);
}
