import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Host } from "../../commands/base/host.ts";
import { REGISTRY } from "../../commands/registry.ts";
import { runCommandLine } from "../../commands/run_command_line.ts";
import { VERSION } from "../../lib/base/version.ts";
import { EXIT_CODES } from "../../commands/base/exit_code.ts";
import { AwsError } from "../../lib/aws/aws_error.ts";
import { ScontrolError } from "../../lib/slurm/scontrol_api.ts";
import { fakeHost } from "./fake_host.ts";

/** Runs a command line on a made-up process with nothing in it. */
async function run(argv: readonly string[], changes: Partial<Host> = {}) {
  const printed = { stdout: "", stderr: "" };
  const exit = await runCommandLine({ ...fakeHost({}, new Map(), printed), ...changes }, argv);
  return { exit, ...printed };
}

for (const [argv, exit] of [[[], 2], [["help"], 0], [["--help"], 0], [["-h"], 0]] as const) {
  Deno.test(`runCommandLine() with "${argv}" lists every command and exits ${exit}`, async () => {
    const ran = await run(argv);
    assertEquals([ran.exit, ran.stderr], [exit, ""]);
    for (const [name, { summary }] of Object.entries(REGISTRY)) {
      assertMatch(
        ran.stdout,
        new RegExp(`^  ${name} +${summary.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`, "m"),
      );
    }
  });
}

for (
  const [argv, says] of [
    [["resmue", "c0"], "slurm-ec2: Unknown command: resmue (did you mean resume?)\nTry slurm-ec2 help\n"],
    [["launch-everything"], "slurm-ec2: Unknown command: launch-everything\nTry slurm-ec2 help\n"],
    [["constructor"], "slurm-ec2: Unknown command: constructor\nTry slurm-ec2 help\n"],
    [["config", "rendr"], "slurm-ec2: Unknown command: config rendr (did you mean config render?)\n"],
    [["confg", "render"], "slurm-ec2: Unknown command: confg (did you mean config render?)\n"],
    [["ssm", "everything"], "slurm-ec2: Unknown command: ssm everything; ssm has validate, put, diff\n"],
    [["help", "resmue"], "slurm-ec2: Unknown command: resmue (did you mean resume?)\nTry slurm-ec2 help\n"],
    [["help", "config", "rendr"], "slurm-ec2: Unknown command: config rendr (did you mean config render?)\n"],
    [
      ["reset", "--confg", "x"],
      "slurm-ec2: Unknown flag for reset: --confg (did you mean --config?)\nTry slurm-ec2 help reset\n",
    ],
    [
      ["reset", "--config"],
      "slurm-ec2: Flag --config needs a value: --config FILE\nTry slurm-ec2 help reset\n",
    ],
    [["reset", "c"], "slurm-ec2: No configuration file: looked for ./slurm-ec2.yaml; "],
  ] as const
) {
  Deno.test(`runCommandLine() refuses "${argv.join(" ")}" with the next step and exits 2`, async () => {
    const ran = await run(argv);
    assertEquals([ran.exit, ran.stdout], [2, ""]);
    assert(ran.stderr.startsWith(says), ran.stderr);
  });
}

for (const [name, entry] of Object.entries(REGISTRY)) {
  Deno.test(`${name} --help shows flags and examples, and exits 0 without a configuration`, async () => {
    const ran = await run([...name.split(" "), "--help"]);
    assertEquals([ran.exit, ran.stderr], [0, ""]);
    const command = await entry.load();
    assertEquals(command.name, name);
    assertStringIncludes(ran.stdout, `Usage: slurm-ec2 ${name} [flags]`);
    for (const flag of command.flags) assertStringIncludes(ran.stdout, `  --${flag.name}`);
    assert(command.examples.length > 0, "no example");
    for (const example of command.examples) {
      // Long lines are continued, so that a page fits 80 columns.
      const shown = ran.stdout.replaceAll(/ \\\n +/g, " ").replaceAll(/(?<=\n {2}# .*)\n {2}# /g, " ");
      assertStringIncludes(shown, `  # ${example.says}\n  ${example.command}\n`);
      assertStringIncludes(example.command, `slurm-ec2 ${name}`);
    }
    const codes = { ...EXIT_CODES, ...command.exits };
    for (const [code, says] of Object.entries(codes)) {
      assertStringIncludes(ran.stdout.replace(/\n +/g, " "), `${code} ${says}`.replace(/^(\d) /, "$1  "));
    }
    for (
      const other of [
        ["help", ...name.split(" ")],
        ...(command.acceptsUnknownFlags ? [] : [[...name.split(" "), "-h"]]),
      ]
    ) {
      assertEquals(await run(other), ran, other.join(" "));
    }
  });
}

for (
  const [argv, exit] of [[["config"], 2], [["config", "--help"], 0], [["config", "-h"], 0], [[
    "help",
    "config",
  ], 0]] as const
) {
  Deno.test(`runCommandLine() with "${argv.join(" ")}" shows that group and exits ${exit}`, async () => {
    const ran = await run(argv);
    assertEquals([ran.exit, ran.stderr], [exit, ""]);
    for (const [name, { summary, load }] of Object.entries(REGISTRY)) {
      assertEquals(
        ran.stdout.includes(`  ${name}`) && ran.stdout.includes(summary),
        name.startsWith("config "),
        name,
      );
      if (!name.startsWith("config ")) continue;
      assertStringIncludes(ran.stdout.replaceAll(/ \\\n +/g, " "), (await load()).examples[0]!.command);
    }
  });
}

Deno.test("runCommandLine() helps a hook that slurmctld would call, without its unknown flags", async () => {
  const ran = await run(["resume", "--some-new-flag", "--help", "c0"]);
  assertEquals([ran.exit, ran.stderr], [0, ""]);
  assertStringIncludes(ran.stdout, "Usage: slurm-ec2 resume [flags] HOSTLIST");
});

const YAML = `
cluster: test
region: us-east-1
nodeGroups: [{ name: c, nodes: c0, instanceTypes: [c7i.large], subnets: [subnet-0a000000000000001], os: { distribution: Rocky, version: "9" } }]
`;

/** Runs a command that needs EC2, which can't be had for this reason. */
async function failing(error: unknown) {
  const printed = { stdout: "", stderr: "" };
  const host = fakeHost({ files: { "./slurm-ec2.yaml": YAML } }, undefined, printed);
  const connect = { ec2: () => Promise.reject(error) } as unknown as Host["connect"];
  const args = ["config", "render", "--slurm-version", "24.05", "--aws", "--weight-by-size"];
  const exit = await runCommandLine({ ...host, connect }, args);
  return { exit, ...printed };
}

Deno.test("runCommandLine() tells AWS's refusal with operation, code, request id and the next step", async () => {
  const fields = {
    code: "UnauthorizedOperation",
    message: "You may not",
    operation: "RunInstances",
    requestId: "r-1",
  };
  const { exit, stdout, stderr } = await failing(new AwsError(fields));
  assertEquals([exit, stdout], [1, ""]);
  const [first, second] = stderr.split("\n");
  assertEquals(first, "slurm-ec2: RunInstances failed: UnauthorizedOperation: You may not (request r-1)");
  assertMatch(second!, /^What to do \(permission\): IAM, /);
  const unknown = await failing(new AwsError({ ...fields, code: "NobodyKnows" }));
  assertEquals(unknown.stderr, "slurm-ec2: RunInstances failed: NobodyKnows: You may not (request r-1)\n");
});

Deno.test("runCommandLine() tells scontrol's refusal as it is", async () => {
  const { exit, stderr } = await failing(new ScontrolError("missing", "Can't run /usr/bin/scontrol"));
  assertEquals([exit, stderr], [1, "slurm-ec2: Can't run /usr/bin/scontrol\n"]);
});

Deno.test("runCommandLine() names a permission that the process was started without", async () => {
  const { exit, stderr } = await failing(
    new Deno.errors.NotCapable('Requires net access to "x", run again with the --allow-net flag'),
  );
  assertEquals(exit, 1);
  assertEquals(
    stderr,
    'slurm-ec2: Requires net access to "x" (slurm-ec2 was started without that permission)\n',
  );
});

Deno.test("runCommandLine() asks for another place when a file is one of the kernel's own", async () => {
  const module = await Deno.makeTempFile({ suffix: ".js" });
  try {
    await Deno.writeTextFile(
      module,
      `try { Deno.writeTextFileSync(Deno.args[0], '') } catch (error) { console.log(error instanceof Deno.errors.NotCapable, error.message) }`,
    );
    for (const place of ["/dev/stdout", "/proc/x", "/sys/x"]) {
      for (const file of [place, `${place}.${crypto.randomUUID()}.tmp`]) {
        const { stdout } = await new Deno.Command(Deno.execPath(), {
          args: ["run", "--no-prompt", "--no-config", "--allow-read", "--allow-write", module, file],
          env: { NO_COLOR: "1" },
        }).output();
        const said = new TextDecoder().decode(stdout).trim();
        assertMatch(said, /^true /, "Deno grants it now: the special words are of no use any more");
        const { exit, stderr } = await failing(new Deno.errors.NotCapable(said.slice("true ".length)));
        assertEquals(exit, 1);
        assertEquals(
          stderr,
          `slurm-ec2: Can't use ${place}: files below /dev, /proc and /sys are the kernel's own; name another place\n`,
        );
      }
    }
  } finally {
    await Deno.remove(module);
  }
});

Deno.test("runCommandLine() shows a trace only of what is a fault of its own", async () => {
  const { exit, stderr } = await failing(new TypeError("undefined is not a function"));
  assertEquals(exit, 1);
  assertMatch(
    stderr,
    /^slurm-ec2: Internal error, please report it with this trace: TypeError: undefined .*\n +at /,
  );
  assertEquals(
    (await failing("thrown text")).stderr,
    "slurm-ec2: Internal error, please report it with this trace: thrown text\n",
  );
});

Deno.test("runCommandLine() says nothing when the reader of its output is gone, and one line where a disk is full", async () => {
  const gone = await failing(new Deno.errors.BrokenPipe("Broken pipe (os error 32)"));
  assertEquals([gone.exit, gone.stderr], [1, ""]);
  const full = await failing(Object.assign(new Error("No space left on device"), { code: "ENOSPC" }));
  assertEquals([full.exit, full.stderr.split("\n").length], [1, 2]);
  assertMatch(full.stderr, /^slurm-ec2: No space is left /);
});

Deno.test("runCommandLine() prints every problem of a configuration by its place, without the program's name", async () => {
  const printed = { stdout: "", stderr: "" };
  const host = fakeHost(
    { files: { "./slurm-ec2.yaml": YAML.replace("cluster", "clutser") } },
    undefined,
    printed,
  );
  assertEquals(await runCommandLine(host, ["reset", "c"]), 2);
  assertMatch(printed.stderr, /^(\.\/)?slurm-ec2\.yaml:\d+:\d+: /);
  assertStringIncludes(printed.stderr, "did you mean cluster?");
});

for (const argv of [["--version"], ["-V"], ["version"]]) {
  Deno.test(`runCommandLine() prints the version for ${argv}`, async () => {
    assertEquals(await run(argv), { exit: 0, stdout: `slurm-ec2 ${VERSION}\n`, stderr: "" });
  });
}
