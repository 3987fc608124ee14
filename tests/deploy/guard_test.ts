import { assertEquals, assertMatch } from "@std/assert";
import { type FakeNode, withFakeNode } from "./fake_node.ts";

interface Surroundings {
  /** Body of `scontrol ping` and of `scontrol -o show node`. */
  readonly ping?: string;
  readonly node?: string;
  readonly facts?: string;
  /** What the boot script failed of. */
  readonly failure?: string;
  /** Names of running processes. */
  readonly processes?: readonly string[];
}

/** Runs the guard until it ends the instance, at most for two seconds: then the process it watches is gone. */
async function guard(
  node: FakeNode,
  { ping = "", node: show = "", facts = "", failure, processes = [] }: Surroundings,
) {
  node.program(
    "scontrol",
    `case "$*" in
      ping) echo '${ping}' ;;
      "-o show node c0") echo '${show}' ;;
      *) echo "scontrol $*" >>$record ;;
    esac`,
  );
  node.program("power-off", 'echo "power-off" >>$record');
  await Deno.mkdir(`${node.dir}/run`);
  await Deno.writeTextFile(`${node.dir}/run/node`, facts);
  if (failure !== undefined) await Deno.writeTextFile(`${node.dir}/run/failure`, failure);
  for (const [index, name] of processes.entries()) {
    await Deno.mkdir(`${node.dir}/proc/${index + 1}`, { recursive: true });
    await Deno.writeTextFile(`${node.dir}/proc/${index + 1}/comm`, `${name}\n`);
  }
  const instance = new Deno.Command("sleep", { args: ["2"] }).spawn();
  try {
    return await node.run("guard", {
      SLURM_EC2_GUARD_INTERVAL: "0.1",
      SLURM_EC2_GUARD_PID: String(instance.pid),
      SLURM_EC2_POWEROFF: `${node.dir}/bin/power-off`,
      SLURM_EC2_PROC: `${node.dir}/proc`,
    });
  } finally {
    await end(instance);
  }
}

async function end(process: Deno.ChildProcess): Promise<void> {
  try {
    process.kill();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // it has ended already
  }
  await process.status;
}

const UP = "Slurmctld(primary) at ctl is UP";
const DOWN = "Slurmctld(primary) at ctl is DOWN";
const READY = "NodeName=c0 Arch=x86_64 State=IDLE+CLOUD ThreadsPerCore=1";
const BOOTING = "NodeName=c0 State=IDLE+CLOUD+POWERING_UP+NOT_RESPONDING ThreadsPerCore=1";

Deno.test("guard ends an instance that is no working node after BOOT_LIMIT, and tells Slurm why", () =>
  withFakeNode({}, async (node) => {
    const { said } = await guard(node, {
      ping: UP,
      node: BOOTING,
      facts: "NODE_NAME=c0\nBOOT_LIMIT=1\nORPHAN_LIMIT=600\n",
    });
    assertEquals(said, "slurm-ec2: boot failed: c0 is no working node after 1 s; powering off\n");
    assertEquals(node.recorded(), [
      "scontrol update nodename=c0 state=down reason=slurm-ec2: boot failed: c0 is no working node after 1 s",
      "power-off",
    ]);
  }));

Deno.test("guard quotes what the boot script said", () =>
  withFakeNode({}, async (node) => {
    const { said } = await guard(node, { ping: UP, facts: "BOOT_LIMIT=1\n", failure: "no token\n" });
    assertEquals(
      said,
      "slurm-ec2: boot failed: this instance is no working node after 1 s (no token); powering off\n",
    );
  }));

Deno.test("guard leaves a working node alone", () =>
  withFakeNode({}, async (node) => {
    const { said } = await guard(node, {
      ping: UP,
      node: READY,
      facts: "NODE_NAME=c0\nBOOT_LIMIT=1\nORPHAN_LIMIT=1\n",
    });
    assertEquals(said, "");
    assertEquals(node.recorded(), []);
  }));

Deno.test("guard ends an instance that no slurmctld has answered for ORPHAN_LIMIT", () =>
  withFakeNode({}, async (node) => {
    const { said } = await guard(node, {
      ping: DOWN,
      facts: "NODE_NAME=c0\nBOOT_LIMIT=600\nORPHAN_LIMIT=1\n",
    });
    assertMatch(said, /no slurmctld has answered for 1 s and no step is running; powering off\n$/);
    assertEquals(node.recorded().at(-1), "power-off");
  }));

Deno.test("guard never ends an instance on which a step is running", () =>
  withFakeNode({}, async (node) => {
    await guard(node, {
      ping: DOWN,
      facts: "NODE_NAME=c0\nBOOT_LIMIT=1\nORPHAN_LIMIT=1\n",
      processes: ["slurmd", "slurmstepd"],
    });
    assertEquals(node.recorded(), []);
  }));
