import { assert, assertEquals, assertMatch } from "@std/assert";
import { type FakeNode, withFakeNode } from "./fake_node.ts";

/** What the guard finds. */
interface Situation {
  /** Body of `scontrol ping` and of `scontrol -o show node`. */
  readonly ping?: string;
  readonly node?: string;
  readonly facts?: string;
  /** What the boot script failed of. */
  readonly failure?: string;
  /** Names of running processes. */
  readonly processes?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A condition in sh on which the watched process ends; absent: after five rounds. */
  readonly until?: string;
}

/**
 * Runs the guard until it ends the instance, or until the process that it watches has ended. Its clock moves by ten
 * seconds a round and not by itself, however slow the machine is.
 */
async function guard(
  node: FakeNode,
  { ping = "", node: show = "", facts = "", failure, processes = [], env = {}, until = "[ $round -ge 5 ]" }:
    Situation,
) {
  const instance = new Deno.Command("sleep", { args: ["infinity"] }).spawn();
  Deno.removeSync(`${node.dir}/proc/uptime`);
  node.write("proc/uptime", "100.00 0.00\n");
  node.write("round", "0");
  node.program(
    "scontrol",
    `case "$*" in
      ping)
        round=$(($(cat '${node.dir}/round') + 1))
        echo $round >'${node.dir}/round'
        echo "$((100 + 10 * round)).00 0.00" >'${node.dir}/proc/uptime'
        if ${until} || [ $round -ge 3000 ]; then kill ${instance.pid}; fi
        echo '${ping}' ;;
      "-o show node c0") echo '${show}' ;;
      *) echo "scontrol $*" >>$record ;;
    esac`,
  );
  node.program("power-off", 'echo "power-off" >>$record');
  node.write("run/node", facts);
  if (failure !== undefined) await Deno.writeTextFile(`${node.dir}/run/failure`, failure);
  for (const [index, name] of processes.entries()) {
    await Deno.mkdir(`${node.dir}/proc/${index + 1}`, { recursive: true });
    await Deno.writeTextFile(`${node.dir}/proc/${index + 1}/comm`, `${name}\n`);
  }
  try {
    return await node.run("guard", {
      SLURM_EC2_GUARD_INTERVAL: "0.1",
      SLURM_EC2_GUARD_PID: String(instance.pid),
      SLURM_EC2_POWEROFF: `${node.dir}/bin/power-off`,
      ...env,
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

Deno.test("guard ends an instance that is not a working node after BOOT_LIMIT, and tells Slurm why", () =>
  withFakeNode({}, async (node) => {
    const { said } = await guard(node, {
      ping: UP,
      node: BOOTING,
      facts: "NODE_NAME=c0\nBOOT_LIMIT=1\nORPHAN_LIMIT=600\n",
    });
    assertEquals(said, "slurm-ec2: boot failed: c0 is not a working node after 1 s; powering off\n");
    assertEquals(node.recorded(), [
      "scontrol update nodename=c0 state=down reason=BootFailed: boot failed: c0 is not a working node after 1 s [slurm-ec2]",
      "power-off",
    ]);
  }));

for (
  const [what, shown, tells] of [
    ["where nothing is said yet", READY, true],
    ["over what an earlier boot said", `${READY} Comment=slurm-ec2 boot i-0: imds 1.00`, true],
    ["and leaves the site's own comment", `${READY} Comment=rack 7`, false],
  ] as const
) {
  Deno.test(`guard tells slurmctld once where the time of the boot went, ${what}`, () =>
    withFakeNode({}, async (node) => {
      await guard(node, {
        ping: UP,
        node: shown,
        facts: "NODE_NAME=c0\nBOOT_STEPS=i-1: imds 4.21, slurmd 9.00\n",
      });
      assertEquals(
        node.recorded(),
        tells ? ["scontrol update nodename=c0 comment=slurm-ec2 boot i-1: imds 4.21, slurmd 9.00"] : [],
      );
    }));
}

Deno.test("guard quotes what the boot script said", () =>
  withFakeNode({}, async (node) => {
    const { said } = await guard(node, { ping: UP, facts: "BOOT_LIMIT=1\n", failure: "no token\n" });
    assertEquals(
      said,
      "slurm-ec2: boot failed: this instance is not a working node after 1 s (no token); powering off\n",
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
    assert(Number(node.read("round")) >= 5, "the guard did not go on");
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
    assert(Number(node.read("round")) >= 5, "the guard did not go on");
  }));

Deno.test("guard makes nodes known that came later, and keeps their fragments' faults off the console", () =>
  withFakeNode({}, async (node) => {
    node.write("hosts.d/c1", "10.0.0.1 c1\n$(garbage)\n");
    const { said } = await guard(node, {
      ping: UP,
      node: READY,
      facts: `NODE_NAME=c0\nADDRESS=10.0.0.9\nSET_HOSTS_DIR=${node.dir}/hosts.d\n`,
      env: { SLURM_EC2_NAMES_INTERVAL: "0" },
      until: `[ -s ${node.dir}/hosts.d/c0 ] && grep -q "# slurm-ec2 end" ${node.dir}/etc/hosts &&
        grep -q "left out" ${node.dir}/run/names`,
    });
    assertEquals(said, "");
    assertMatch(
      node.read("etc/hosts"),
      /# slurm-ec2 begin\n10\.0\.0\.9 c0\n10\.0\.0\.1 c1\n# slurm-ec2 end\n$/,
    );
    assertEquals(node.read("hosts.d/c0"), "10.0.0.9 c0 # slurm-ec2\n");
    assertMatch(node.read("run/names"), /left out what c1 says/);
  }));

Deno.test("guard ends an instance whose names hang on a file server all the same", () =>
  withFakeNode({}, async (node) => {
    node.write("run/hosts.lock", "");
    const holder = new Deno.Command("flock", {
      args: [`${node.dir}/run/hosts.lock`, "sleep", "60"],
      env: { HELD_FOR: node.dir },
      stdin: "null",
    }).spawn();
    try {
      await guard(node, {
        ping: UP,
        node: BOOTING,
        facts: `NODE_NAME=c0\nADDRESS=10.0.0.9\nSET_HOSTS_DIR=${node.dir}\nBOOT_LIMIT=1\n`,
        env: { SLURM_EC2_NAMES_INTERVAL: "0" },
      });
      assertEquals(node.recorded().at(-1), "power-off");
    } finally {
      endAllOf(node.dir);
      await holder.status;
    }
  }));

/** Ends what a node's guard left behind, as its instance's end would. */
function endAllOf(dir: string): void {
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name) || !environment(name).includes(dir)) continue;
    try {
      Deno.kill(Number(name), "SIGKILL");
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error; // it has ended already
    }
  }
}

function environment(pid: string): string {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/environ`);
  } catch {
    return ""; // gone, or the kernel's own
  }
}
