import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import type { SlurmSettings } from "../../../lib/config/model.ts";
import { expandHostlist } from "../../../lib/slurm/hostlist.ts";
import { type NodeAddress, type ScontrolApi, ScontrolError } from "../../../lib/slurm/scontrol_api.ts";
import { type ScontrolOptions, scontrolProcess } from "../../../lib/slurm/scontrol_process.ts";

/** A scontrol of the test's own: a shell script, and the calls that it got. */
interface FakeScontrol {
  readonly dir: string;
  readonly scontrol: ScontrolApi;
  /** Arguments of every call so far. */
  calls(): string[][];
}

/** Notes its arguments (not those of a ping), NUL between them and a newline behind, then runs `body`. */
async function withFakeScontrol(
  body: string,
  test: (fake: FakeScontrol) => Promise<void>,
  { version, ping = "exit 0", ...options }: ScontrolOptions & {
    readonly version?: string;
    readonly ping?: string;
  } = {},
): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    const script =
      `#!/bin/sh\n[ "$1" = ping ] && { ${ping}; }\n{ printf '%s\\0' "$@"; echo; } >>${dir}/calls\n${body}\n`;
    await Deno.writeTextFile(`${dir}/scontrol`, script, { mode: 0o755 });
    const calls = () =>
      Deno.readTextFileSync(`${dir}/calls`).trimEnd().split("\n").map((line) =>
        line.split("\0").slice(0, -1)
      );
    await test({
      dir,
      calls,
      scontrol: scontrolProcess(settings(dir, version), { timeLimit: 20_000, ...options }),
    });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

function settings(binDir: string, version?: string): SlurmSettings {
  return {
    ...(version !== undefined && { version }),
    confDir: "/etc/slurm",
    binDir,
    user: "slurm",
    partitionOptions: {},
    ready: "off" as const,
  };
}

function address(nodeName: string, more: Partial<NodeAddress> = {}): NodeAddress {
  return { nodeName, nodeAddr: `10.0.0.${nodeName.replace(/\D/g, "")}`, nodeHostname: nodeName, ...more };
}

Deno.test("scontrolProcess() tells addresses in the order of the sorted names", () =>
  withFakeScontrol("", async ({ scontrol, calls }) => {
    await scontrol.updateAddresses([address("c10"), address("c2"), address("c9"), address("a7")]);
    assertEquals(calls(), [[
      "update",
      "NodeName=a7,c[2,9-10]",
      "NodeAddr=10.0.0.7,10.0.0.2,10.0.0.9,10.0.0.10",
      "NodeHostname=a7,c2,c9,c10",
    ]]);
  }));

Deno.test("scontrolProcess() tells at most 100 addresses a call, each list as long as the names", () =>
  withFakeScontrol("", async ({ scontrol, calls }) => {
    await scontrol.updateAddresses(expandHostlist("c[1-250]").map((name) => address(name)));
    const lists = calls().map((call) =>
      call.slice(1).map((arg) => expandHostlist(arg.slice(arg.indexOf("=") + 1)))
    );
    assertEquals(lists.map((call) => call.map((list) => list.length)), [[100, 100, 100], [100, 100, 100], [
      50,
      50,
      50,
    ]]);
    for (const [names = [], addresses = [], hostnames] of lists) {
      assertEquals(addresses, names.map((name) => address(name).nodeAddr));
      assertEquals(hostnames, names);
    }
  }));

const INSTANCE = { instanceId: "i-1", instanceType: "c7i.large" };
const INSTANCES: readonly (readonly [version: string | undefined, told: boolean])[] = [
  [undefined, false],
  ["22.05", false],
  ["24.11", false],
  ["26.05", true],
  ["26.05.5", true],
  ["26.11", true],
];

for (const [version, told] of INSTANCES) {
  Deno.test(`scontrolProcess() ${told ? "tells" : "keeps back"} instance ids when Slurm is ${version ?? "unknown"}`, () =>
    withFakeScontrol("", async ({ scontrol, calls }) => {
      await scontrol.updateAddresses([
        address("c2", { ...INSTANCE, instanceId: "i-2" }),
        address("c1", INSTANCE),
      ]);
      const instances = calls()[0]!.slice(4);
      assertEquals(instances, told ? ["InstanceId=i-1,i-2", "InstanceType=c7i.large,c7i.large"] : []);
    }, { version }));
}

Deno.test("scontrolProcess() keeps instance ids back when one is missing, so that the lists stay of one length", () =>
  withFakeScontrol("", async ({ scontrol, calls }) => {
    await scontrol.updateAddresses([address("c1", INSTANCE), address("c2", { instanceId: "i-2" })]);
    assertEquals(calls()[0]!.length, 4);
  }, { version: "26.05" }));

Deno.test("scontrolProcess() runs nothing for no nodes", () =>
  withFakeScontrol("", async ({ dir, scontrol }) => {
    await scontrol.updateAddresses([]);
    await scontrol.updateState([], "down", "x");
    assertEquals(await scontrol.showNodes([]), []);
    await assertRejects(() => Deno.stat(`${dir}/calls`), Deno.errors.NotFound);
  }));

Deno.test("scontrolProcess() gives a reason as one argument, quotes and all", () =>
  withFakeScontrol("", async ({ scontrol, calls }) => {
    await scontrol.updateState(["c1", "c2"], "down", `slurm-ec2 "a" 'b' $(c) = [d] é (Code:X)`);
    await scontrol.updateState(["c1"], "power_down_force");
    assertEquals(calls(), [
      ["update", "NodeName=c[1-2]", "State=down", `Reason=slurm-ec2 "a" 'b' $(c) = [d] é (Code:X)`],
      ["update", "NodeName=c1", "State=power_down_force"],
    ]);
  }));

Deno.test("scontrolProcess() comments on jobs, all of them in one call", () =>
  withFakeScontrol("", async ({ scontrol, calls }) => {
    await scontrol.updateJobComment([42, 43], "no capacity");
    await scontrol.updateJobComment([], "nothing");
    assertEquals(calls(), [["update", "JobId=42,43", "AdminComment=no capacity"]]);
    await assertRejects(() => scontrol.updateJobComment([NaN], "x"), TypeError, "Job id");
  }));

for (
  const [batch, calls] of [[0, [["show", "job", "-o", "42"], ["notify", "42", "no capacity"]]], [1, [[
    "show",
    "job",
    "-o",
    "42",
  ]]]] as const
) {
  Deno.test(`scontrolProcess() ${batch ? "sends nothing to a batch job" : "writes to the terminal of srun and salloc"}`, () =>
    withFakeScontrol(
      `echo "JobId=42 JobName=x Requeue=1 Restarts=0 BatchFlag=${batch} Reboot=0"`,
      async (fake) => {
        await fake.scontrol.notifyTerminal(42, "no capacity");
        assertEquals(fake.calls(), calls.map((one) => [...one]));
        await assertRejects(() => fake.scontrol.notifyTerminal(42, "a\nb"), TypeError, "control characters");
      },
    ));
}

Deno.test("scontrolProcess() sets the state of ten thousand nodes in one call, with the end by slurmctld itself", () =>
  withFakeScontrol("", async ({ scontrol, calls }) => {
    const names = Array.from({ length: 10_000 }, (_, i) => `c${i}`);
    await scontrol.updateState(names, "down", "no capacity", 180);
    assertEquals(calls(), [
      ["update", "NodeName=c[0-9999]", "State=down", "Reason=no capacity", "ResumeAfter=180"],
    ]);
  }));

Deno.test("scontrolProcess() keeps each hostlist below the longest argument that Linux takes", () =>
  withFakeScontrol("", async ({ scontrol, calls }) => {
    const names = Array.from({ length: 4_000 }, (_, i) => `${"x".repeat(40)}${i}y`);
    await scontrol.updateState(names, "down", "no capacity");
    const lists = calls().map((call) => call[1]!);
    assertEquals([lists.length > 1, lists.every((list) => list.length < 128 * 1024)], [true, true]);
    assertEquals(lists.flatMap((list) => expandHostlist(list.slice("NodeName=".length))).length, 4_000);
  }));

Deno.test("scontrolProcess() refuses values that would arrive as several, and runs nothing", () =>
  withFakeScontrol("", async ({ dir, scontrol }) => {
    for (const bad of ["a\nb", "a\u0000b", "a\u001b[31m", "a\tb"]) {
      await assertRejects(() => scontrol.updateState(["c1"], "down", bad), TypeError, "control characters");
      await assertRejects(() => scontrol.updateJobComment([1], bad), TypeError, "control characters");
      await assertRejects(() => scontrol.updateState([bad], "down", "x"), SyntaxError, "Invalid node name");
    }
    for (const bad of ["", "10.0.0.1,10.0.0.2", "10.0.0.[1-2]", "10.0.0.1 State=DOWN", "10.0.0.1\n"]) {
      await assertRejects(
        () => scontrol.updateAddresses([address("c1", { nodeAddr: bad })]),
        TypeError,
        "node c1",
      );
    }
    await assertRejects(() => scontrol.updateState(["c1,c2"], "down", "x"), SyntaxError, "Invalid node name");
    await assertRejects(() => Deno.stat(`${dir}/calls`), Deno.errors.NotFound);
  }));

Deno.test("scontrolProcess() shows all nodes, or those asked for", () =>
  withFakeScontrol("echo 'NodeName=c1 NodeAddr=10.0.0.1 State=IDLE+CLOUD'", async ({ scontrol, calls }) => {
    const [node] = await scontrol.showNodes();
    assertEquals([node?.name, node?.base, [...node?.flags ?? []]], ["c1", "IDLE", ["CLOUD"]]);
    assertEquals((await scontrol.showNodes(expandHostlist("c[1-1500]"))).length, 2);
    assertEquals(calls(), [
      ["show", "nodes", "-o"],
      ["show", "nodes", "-o", "c[1-1000]"],
      ["show", "nodes", "-o", "c[1001-1500]"],
    ]);
  }));

Deno.test("scontrolProcess() reads an answer larger than a pipe", () =>
  withFakeScontrol(
    "i=0; while [ $i -lt 3000 ]; do echo NodeName=c$i State=IDLE Reason=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; i=$((i+1)); done",
    async ({ scontrol }) => assertEquals((await scontrol.showNodes()).length, 3000),
  ));

Deno.test("scontrolProcess() shows slurmctld's settings", () =>
  withFakeScontrol("echo 'ResumeTimeout = 600 sec'", async ({ scontrol, calls }) => {
    assertEquals([...await scontrol.showConfig()], [["ResumeTimeout", "600 sec"]]);
    assertEquals(calls(), [["show", "config"]]);
  }));

Deno.test("scontrolProcess() passes SLURM_CONF and nothing else of our environment", () =>
  withFakeScontrol("env >&2; exit 1", async ({ scontrol }) => {
    const error = await assertRejects(() => scontrol.showConfig(), ScontrolError);
    const names = error.message.match(/\b[A-Z_]+=\S*/g)!.map((variable) => variable.replace(/;$/, ""));
    // sh adds these by itself.
    assertEquals(names.filter((name) => !/^(PWD|OLDPWD|SHLVL|_)=/.test(name)), [
      "SLURM_CONF=/run/site/slurm.conf",
    ]);
  }, { slurmConf: "/run/site/slurm.conf" }));

Deno.test("scontrolProcess() finds slurm.conf by SLURM_CONF, or else in confDir", async () => {
  const before = Deno.env.get("SLURM_CONF");
  const seen = async () => {
    let answer = "";
    await withFakeScontrol('echo "Conf = $SLURM_CONF"', async ({ scontrol }) => {
      answer = (await scontrol.showConfig()).get("Conf") ?? "";
    });
    return answer;
  };
  try {
    Deno.env.set("SLURM_CONF", "/from/environment/slurm.conf");
    assertEquals(await seen(), "/from/environment/slurm.conf");
    Deno.env.delete("SLURM_CONF");
    assertEquals(await seen(), "/etc/slurm/slurm.conf");
  } finally {
    if (before !== undefined) Deno.env.set("SLURM_CONF", before);
  }
});

Deno.test("scontrolProcess() repeats scontrol's words when it refuses, and says which command", () =>
  withFakeScontrol(
    "echo 'slurm_update error: Invalid node name specified' >&2; exit 1",
    async ({ scontrol }) => {
      const error = await assertRejects(() => scontrol.updateState(["nix"], "resume"), ScontrolError);
      assertEquals(error.kind, "refused");
      assertStringIncludes(
        error.message,
        '"scontrol update NodeName=nix State=resume": slurm_update error: Invalid node name',
      );
      assertStringIncludes(error.message, "(exit 1); check the names");
    },
  ));

Deno.test("scontrolProcess() says that slurmctld is down when scontrol ping finds none", () =>
  withFakeScontrol(
    "echo 'slurm_update error: Unable to contact slurm controller' >&2; exit 1",
    async ({ scontrol }) => {
      const error = await assertRejects(() => scontrol.updateState(["c1"], "resume"), ScontrolError);
      assertEquals(error.kind, "unreachable");
      assertStringIncludes(error.message, "Unable to contact slurm controller; check that it runs");
      assertStringIncludes(error.message, "/etc/slurm/slurm.conf");
    },
    { slurmConf: "/etc/slurm/slurm.conf", ping: "echo 'Slurmctld(primary) at a is DOWN'; exit 1" },
  ));

Deno.test("scontrolProcess() takes a backup slurmctld's no for a refusal", () =>
  withFakeScontrol("echo no >&2; exit 1", async ({ scontrol }) => {
    const error = await assertRejects(() => scontrol.updateState(["c1"], "resume"), ScontrolError);
    assertEquals(error.kind, "refused");
  }, { ping: "echo 'Slurmctld(primary) at a is DOWN'; echo 'Slurmctld(backup) at b is UP'; exit 1" }));

Deno.test("scontrolProcess() repeats what scontrol printed when it complains on stdout, or not at all", async () => {
  await withFakeScontrol("echo 'Node nix not found'; exit 1", async ({ scontrol }) => {
    await assertRejects(() => scontrol.showNodes(["nix"]), ScontrolError, "Node nix not found");
  });
  await withFakeScontrol("exit 3", async ({ scontrol }) => {
    await assertRejects(() => scontrol.showConfig(), ScontrolError, "no words (exit 3)");
  });
});

Deno.test("scontrolProcess() shortens long commands and long complaints", () =>
  withFakeScontrol("head -c 100000 /dev/zero | tr '\\0' x >&2; exit 1", async ({ scontrol }) => {
    const nodes = expandHostlist("c[1-100]").map((name) => `${name}-long`);
    const error = await assertRejects(() => scontrol.updateState(nodes, "resume"), ScontrolError);
    assert(error.message.length < 900, error.message);
  }));

Deno.test("scontrolProcess() runs the chunks one after another and stops at the first refusal", () =>
  withFakeScontrol('case "$2" in *20001*) exit 1;; esac', async ({ scontrol, calls }) => {
    // Every second name: the list does not fold, and fits into one argument in four parts.
    const names = Array.from({ length: 20_000 }, (_, i) => `c${10_001 + 2 * i}`);
    await assertRejects(() => scontrol.updateState(names, "resume"), ScontrolError);
    const lists = calls().map((call) => call[1] ?? "").filter((text) => text.startsWith("NodeName="));
    assertEquals(lists.map((text) => text.slice(0, 16)), ["NodeName=c[10001", "NodeName=c[20001"]);
  }));

Deno.test("scontrolProcess() sets the state of 10,000 nodes of one row in one call", () =>
  withFakeScontrol("", async ({ scontrol, calls }) => {
    await scontrol.updateState(expandHostlist("c[1-10000]"), "resume");
    assertEquals(calls().map((call) => call[1]), ["NodeName=c[1-10000]"]);
  }));

Deno.test("scontrolProcess() says that scontrol is missing and what to check", async () => {
  const scontrol = scontrolProcess(settings("/nowhere/bin"));
  const error = await assertRejects(() => scontrol.showConfig(), ScontrolError, "/nowhere/bin/scontrol");
  assertEquals(error.kind, "missing");
  assertStringIncludes(error.message, "check slurm.binDir");
});

Deno.test("scontrolProcess() says so when scontrol may not be executed", () =>
  withFakeScontrol("", async ({ dir, scontrol }) => {
    await Deno.chmod(`${dir}/scontrol`, 0o644);
    const error = await assertRejects(() => scontrol.showConfig(), ScontrolError, `${dir}/scontrol`);
    assertEquals(error.kind, "missing");
  }));

Deno.test("scontrolProcess() ends a scontrol that hangs and ignores SIGTERM", () =>
  withFakeScontrol("trap '' TERM; echo $$ >${0%/*}/pid; exec sleep 600", async ({ dir, scontrol }) => {
    const error = await assertRejects(() => scontrol.showConfig(), ScontrolError, "check slurmctld");
    assertEquals(error.kind, "timeout");
    const pid = Number(Deno.readTextFileSync(`${dir}/pid`));
    assertEquals(isAlive(pid), false);
  }, { timeLimit: 500 }));

Deno.test("scontrolProcess() does not wait for a child of scontrol's that holds the pipes", () =>
  withFakeScontrol("sleep 600 & echo $! >${0%/*}/pid; wait", async ({ dir, scontrol }) => {
    try {
      await assertRejects(() => scontrol.showConfig(), ScontrolError, "within 0.5 s");
    } finally {
      Deno.kill(Number(Deno.readTextFileSync(`${dir}/pid`)), "SIGKILL");
    }
  }, { timeLimit: 500 }));

function isAlive(pid: number): boolean {
  try {
    return !Deno.readTextFileSync(`/proc/${pid}/stat`).includes(") Z ");
  } catch {
    return false;
  }
}
