import { assert, assertEquals } from "@std/assert";
import { goldenInput } from "../lib/slurm_conf/render/golden_cases.ts";
import { testWhere } from "../test_where.ts";
import { freePort, withSlurmctld } from "./private_slurmctld.ts";
import { fieldsOf, hookCalls, hookFiles, onPremCase, rendered, until } from "./rendered_slurm.ts";
import { type SlurmVersion, whyNoRig } from "./rig.ts";
import { VERSIONS } from "./versions.ts";

for (const version of VERSIONS) {
  testWhere(
    whyNoRig(version),
    `slurmctld ${version} takes nodes whose sockets and memory differ as far as the renderer counts on`,
    async () => {
      // EC2 publishes no number of sockets, so all cores are put on one: only the number of CPUs must agree.
      assertEquals(await registeredState(version, { memoryShare: 1, sockets: "one" }), "IDLE+CLOUD");
      assertEquals(await registeredState(version, { memoryShare: 1, sockets: "one a core" }), "IDLE+CLOUD");
      // Without node_reg_mem_percent a CLOUD node may have 90 % of its RealMemory; less shows that it is looked at.
      assertEquals(await registeredState(version, { memoryShare: 0.92, sockets: "one" }), "IDLE+CLOUD");
      const small = await registeredState(version, { memoryShare: 0.85, sockets: "one" });
      assert(/INVALID|DOWN/.test(small), small);
    },
  );
}

interface Hardware {
  /** What the machine has of the node's RealMemory. */
  readonly memoryShare: number;
  readonly sockets: "one" | "one a core";
}

/** The state of a CLOUD node once this machine's slurmd has registered as it, under a power-saving block of ours. */
async function registeredState(version: SlurmVersion, { memoryShare, sockets }: Hardware): Promise<string> {
  const cpus = navigator.hardwareConcurrency;
  const memory = Math.floor(Deno.systemMemoryInfo().total / 1024 / 1024 / memoryShare);
  const shape = sockets === "one"
    ? `SocketsPerBoard=1 CoresPerSocket=${cpus}`
    : `SocketsPerBoard=${cpus} CoresPerSocket=1`;
  const input = await goldenInput(onPremCase(version));
  let state = "";
  await withSlurmctld(version, (confDir) => {
    const files = rendered({ ...input, prefix: confDir });
    return new Map([
      ...hookFiles(files.get("power_save.conf")!, confDir),
      ["power_save.conf", files.get("power_save.conf")!],
      [
        "slurm.conf",
        [
          "include power_save.conf",
          `NodeName=n0 NodeHostname=rig NodeAddr=127.0.0.1 Port=${freePort()} CPUs=${cpus} Boards=1 ${shape} ` +
          `ThreadsPerCore=1 RealMemory=${memory} State=CLOUD`,
          "PartitionName=p Nodes=n0 Default=YES SuspendTime=600\n",
        ].join("\n"),
      ],
    ]);
  }, async (slurmctld) => {
    await slurmctld.scontrol("update", "nodename=n0", "state=power_up");
    await until(() => hookCalls(slurmctld).length > 0, slurmctld.log);
    // slurmctld takes a boot in the very second of its request for one from before.
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const { code, stderr } = await slurmctld.run("slurmd", "-b", "-N", "n0");
    assertEquals([code, stderr], [0, ""]);
    await until(async () => {
      state = fieldsOf(await slurmctld.scontrol("show", "node", "n0", "-o")).get("State")!;
      return !state.includes("POWERING_UP");
    }, slurmctld.log);
  });
  return state;
}
