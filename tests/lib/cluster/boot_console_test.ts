import { assertEquals } from "@std/assert";
import { bootTail } from "../../../lib/cluster/boot_console.ts";

const pure = { permissions: "none" } as const;

Deno.test("bootTail() finds the boot script's own word on what failed", pure, () => {
  const output =
    "[    0.0] Linux\r\n[   12.3] boot[612]: slurm-ec2: boot failed: mount nas1:/home: timed out \r\nlogin: ";
  assertEquals(bootTail(output), { lines: output, failure: "mount nas1:/home: timed out" });
});

Deno.test("bootTail() takes the last word when a boot failed twice", pure, () => {
  assertEquals(bootTail("slurm-ec2: boot failed: first\nslurm-ec2: boot failed: second\n").failure, "second");
});

Deno.test("bootTail() takes slurmd's last word where the boot script had none", pure, () => {
  for (const start of ["slurmd: ", "[   40.1] boot[612]: slurmd: ", "[2026-11-25T18:16:13.047] "]) {
    const output =
      `slurm-ec2: starting slurmd -D\n${start}error: x\n${start}fatal: Unable to determine this slurmd's NodeName\nend\n`;
    assertEquals(bootTail(output).failure, "fatal: Unable to determine this slurmd's NodeName", start);
  }
  assertEquals(
    bootTail("slurmd: fatal: x\nslurm-ec2: boot failed: y; next step: z\n").failure,
    "y; next step: z",
  );
  assertEquals(bootTail("systemd: fatal: x\n"), { lines: "systemd: fatal: x\n" });
});

/** What is to be read from each ending of the golden file. */
const PLUGIN = (kind: string) => `error: cannot find ${kind.split("/")[0]} plugin for ${kind}`;
const NO_SOCKET =
  'error: Munge encode failed: Failed to access "/tmp/munge/none": No such file or directory (Did you start munged?)';
const NO_KEY = "fatal: Unable to process configuration file";
const NO_PORT = "fatal: Unable to bind listen port (28391): Address family not supported by protocol";
const NO_NODE = "error: Unable to find node record for nope";
const ENDINGS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "22.05.8": {
    auth: PLUGIN("auth/nosuch"),
    cgroup: PLUGIN("cgroup/v3"),
    cred: PLUGIN("cred/nosuch"),
    parse: NO_KEY,
    port: NO_PORT.replace("fatal", "error"),
    task: PLUGIN("task/nosuch"),
    unknown: 'error: _find_node_record: lookup failure for node "nope"',
  },
  "24.11.5": {
    auth: PLUGIN("auth/nosuch"),
    cgroup: PLUGIN("cgroup/v3"),
    cred: PLUGIN("cred/nosuch"),
    munge: NO_SOCKET,
    parse: NO_KEY,
    port: NO_PORT,
    task: PLUGIN("task/nosuch"),
    unknown: NO_NODE,
  },
  "26.05.5": {
    auth: "error: cannot create auth context for auth/nosuch",
    cgroup: "error: cannot create cgroup context for cgroup/v3",
    cred: "error: cannot create cred context for cred/nosuch",
    munge: NO_SOCKET,
    parse: NO_KEY,
    port: NO_PORT,
    task: "error: cannot create task context for task/nosuch",
    unknown: NO_NODE,
  },
};

Deno.test("bootTail() reads why real slurmds of three versions did not start", async (t) => {
  const golden = await Deno.readTextFile(new URL("../../golden/slurmd_endings.txt", import.meta.url));
  const sections = golden.split(/^=== /m).slice(1);
  assertEquals(sections.length, Object.values(ENDINGS).flatMap(Object.keys).length);
  for (const section of sections) {
    const [, version, name, said] = /^(\S+) (\S+)\n(.*)$/s.exec(section)!;
    const wanted = ENDINGS[version!]![name!]!;
    await t.step(`${version} ${name}`, () => assertEquals(bootTail(said!).failure, wanted));
    await t.step(`${version} ${name}, on a console`, () => {
      const console = said!.replace(/^(?=.)/gm, "[   40.112233] boot[612]: ");
      assertEquals(
        bootTail(`slurm-ec2: starting slurmd -D\n${console}[   41.0] systemd: x\n`).failure,
        wanted,
      );
    });
  }
});

Deno.test("bootTail() takes no error that slurmd went on after", pure, () => {
  assertEquals(
    bootTail(
      "slurmd-c-0: error: Node configuration differs from hardware: CPUs=1:2(hw)\nslurmd-c-0: slurmd started\n",
    )
      .failure,
    undefined,
  );
  assertEquals(bootTail("sshd: error: cannot find x\n").failure, undefined);
});

/** What the parts of the boot script and the guard say. */
const SAYINGS = [
  "cannot mount nas1:/home at /home: mount.nfs4: access denied by server; next step: see that nas1 exports /home",
  "slurmctld does not take this node's munge credentials (x); next step: give the node the controller's munge key",
  "c0 is not a working node after 600 s (cannot resolve nas1 by 10.0.0.2 (/etc/resolv.conf)); powering off",
];
for (const saying of SAYINGS) {
  Deno.test(`bootTail() quotes all of "${saying.slice(0, 40)}…"`, pure, () => {
    const output =
      `[    9.1] boot[7]: slurm-ec2: mounted x at /y\r\n[   12.3] boot[612]: slurm-ec2: boot failed: ${saying}\r\n`;
    assertEquals(bootTail(output).failure, saying);
  });
}

Deno.test("bootTail() has no failure where the script never said one", pure, () => {
  assertEquals(bootTail("Kernel panic - not syncing"), { lines: "Kernel panic - not syncing" });
  assertEquals(bootTail(""), { lines: "" });
});

Deno.test("bootTail() keeps the end of a long console, and a failure said before it", pure, () => {
  const output = `slurm-ec2: boot failed: no munge key\n${"x".repeat(10_000)}the end`;
  const { lines, failure } = bootTail(output);
  assertEquals([lines.length, lines.slice(-7), failure], [4000, "the end", "no munge key"]);
});

Deno.test(
  "bootTail() finds when the parts of the boot began, however much slurmd has said since",
  pure,
  () => {
    const steps = "imds 3.21, names 4.50, mounts 9.00, dns 9.75, munge 60.02";
    const said =
      `x\n[  60.1] boot[7]: slurm-ec2: boot steps began at (seconds since the kernel): ${steps}\r\n`;
    assertEquals(bootTail(said + "slurmd: noise\n".repeat(2_000)).steps, steps);
    assertEquals(
      bootTail("slurm-ec2: boot steps began at (seconds since the kernel): \x1b[31m").steps,
      undefined,
    );
    assertEquals(bootTail("nothing").steps, undefined);
  },
);
