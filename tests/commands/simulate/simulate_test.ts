import { parseConfig } from "../../../lib/config/parse.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { checkOutput } from "../check_output.ts";
import { parseFlags, UsageError } from "../../../commands/base/command.ts";
import { simulate } from "../../../commands/simulate/simulate.ts";
import { checkOptions } from "../../../commands/simulate/check_options.ts";
import type { SimulateFlags } from "../../../commands/simulate/flags.ts";
import type { WireOptions } from "../../../lib/sim/wire/server.ts";
import { simulateOptions } from "../../../commands/simulate/options.ts";
import { WORLD } from "../../../lib/sim/fresh_world.ts";
import { fakeHost, runFake } from "../fake_host.ts";

const pure = { permissions: "none" } as const;
const options = (...args: string[]) =>
  simulateOptions(parseFlags(simulate, args) as unknown as SimulateFlags);

Deno.test("simulateOptions() asks for nothing special without flags", pure, () => {
  assertEquals(options(), {
    capacity: {},
    addresses: {},
    subnets: [],
    quotas: {},
    accountLimits: {},
    lacksSpotRole: false,
    requestTokens: false,
    resourceTokens: false,
    faults: [],
    unsupported: [],
    parameters: {},
  });
});

Deno.test("simulateOptions() reads every flag", pure, () => {
  const given = options(
    "--port=4566",
    "--region=eu-west-1",
    "--latency=150",
    "--invisible=2000",
    "--pending-seconds=5",
    "--boot-seconds=1.5",
    "--shutdown-seconds=3",
    "--capacity=c7i.large:eu-west-1a=3",
    "--capacity=c7i.large:eu-west-1a:spot=0",
    "--quota=64",
    "--throttle=RunInstances=2",
    '--fault={"kind":"death","code":"Server.InternalError"}',
    "--unsupported=c7g.large:eu-west-1c",
    "--tokens",
    "--subnet=eu-west-1b=10.0.96.0/28",
    "--addresses=subnet-0a000000000000001=3",
    "--quota-code=L-34B43A08=8",
    "--account-limit=instances=20",
    "--without-spot-role",
    "--parameter=/hpc/x=a=b",
    "--instance-address=127.0.0.1",
    "--instance-dns=localhost",
    "--seed=7",
    "--boot-command=deploy/node/boot",
    "--boot-env=SLURM_CONF=/etc/slurm.conf",
    "--boot-unaligned",
    "--",
    "-v",
    "x",
  );
  assertEquals(given, {
    port: 4566,
    region: "eu-west-1",
    seed: 7,
    latencyMs: 150,
    invisibleMs: 2000,
    pendingMs: 5000,
    bootMs: 1500,
    stoppingMs: 3000,
    shuttingDownMs: 3000,
    instanceAddress: "127.0.0.1",
    instanceDnsName: "localhost",
    capacity: { "c7i.large:eu-west-1a": 3, "c7i.large:eu-west-1a:spot": 0 },
    addresses: { "subnet-0a000000000000001": 3 },
    subnets: [{ availabilityZone: "eu-west-1b", cidrBlock: "10.0.96.0/28" }],
    vcpuQuota: 64,
    quotas: { "L-34B43A08": 8 },
    accountLimits: { instances: 20 },
    lacksSpotRole: true,
    requestTokens: true,
    resourceTokens: true,
    faults: [
      { kind: "throttle", action: "RunInstances", times: 2 },
      { kind: "death", times: 1, afterMs: 0, code: "Server.InternalError" },
    ],
    unsupported: [{ instanceType: "c7g.large", availabilityZone: "eu-west-1c" }],
    parameters: { "/hpc/x": "a=b" },
    guests: {
      command: ["deploy/node/boot", "-v", "x"],
      env: { SLURM_CONF: "/etc/slurm.conf" },
      align: false,
      graceMs: 30_000,
    },
  });
});

Deno.test("simulateOptions() names the flag that is wrong", pure, () => {
  const table: readonly (readonly [args: readonly string[], message: string])[] = [
    [["--port=70000"], "--port takes a whole number from 0 to 65535"],
    [["--port=x"], "--port"],
    [["--latency=-1"], "--latency"],
    [["--boot-seconds=soon"], "--boot-seconds"],
    [["--region=mars"], "--region"],
    [["--capacity=c7i.large"], "--capacity needs POOL=N"],
    [["--subnet=10.0.96.0/28"], "--subnet needs ZONE=CIDR"],
    [["--addresses=subnet-1=few"], "--addresses needs a whole number"],
    [["--quota-code=L-1216C47A"], "--quota-code needs CODE=VCPUS"],
    [["--account-limit=elephants=1"], 'Unknown limit in --account-limit: "elephants" (instances,'],
    [["--account-limit=instances=-1"], "--account-limit needs a whole number"],
    [["--capacity=c7i.large:us-east-1a=many"], "--capacity"],
    [["--throttle=RunInstances"], "--throttle"],
    [["--throttle=LaunchRockets=1"], "LaunchRockets"],
    [["--parameter=x"], "--parameter"],
    [["--fault={"], "--fault"],
    [['--fault={"kind":"earthquake"}'], "kind"],
    [["--unsupported=c7i.large"], "--unsupported needs TYPE:ZONE"],
    [["boot"], "--boot-command"],
  ];
  for (const [args, message] of table) {
    assertThrows(() => options(...args), UsageError, message);
  }
});

/** Runs the command as users do. */
function start(...args: string[]): Deno.ChildProcess {
  const command = [
    "run",
    "-A",
    "--no-prompt",
    new URL("../../../main.ts", import.meta.url).pathname,
    "simulate",
    ...args,
  ];
  return new Deno.Command(Deno.execPath(), { args: command, stdin: "null", stdout: "piped", stderr: "piped" })
    .spawn();
}

/** The first line that a process prints. */
async function firstLine(child: Deno.ChildProcess): Promise<string> {
  const decoder = new TextDecoder();
  const reader = child.stdout.getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) break;
    text += decoder.decode(value, { stream: true });
  }
  reader.releaseLock();
  return text.split("\n")[0]!;
}

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  Deno.test(`simulate prints one JSON line when it is ready and lives until ${signal}`, async () => {
    const child = start("--port", "0", "--region", "eu-west-1");
    try {
      const ready = JSON.parse(await firstLine(child));
      checkOutput("simulate", ready);
      assertMatch(ready.url, /^http:\/\/127\.0\.0\.1:\d+$/);
      assertEquals(ready.region, "eu-west-1");
      assertEquals(ready.subnets[0], { subnetId: WORLD.subnetIds[0], availabilityZone: "eu-west-1a" });
      assertEquals([ready.images, ready.keyPair, ready.securityGroups], [
        WORLD.imageIds,
        WORLD.keyName,
        [WORLD.securityGroupId],
      ]);
      assert(ready.instanceTypes.count > 1000);
      assert(ready.env.includes(`AWS_ENDPOINT_URL=${ready.url}`));
      assertEquals(await (await fetch(`${ready.url}/_sim/calls`)).json(), {});
    } finally {
      child.kill(signal);
    }
    const { code, stdout, stderr } = await child.output();
    assertEquals([code, new TextDecoder().decode(stdout), new TextDecoder().decode(stderr)], [0, "", ""]);
  });
}

Deno.test("simulate notes a Region that this release does not know, and simulates it", async () => {
  const child = start("--port", "0", "--region", "eu-wset-1");
  try {
    assertEquals(JSON.parse(await firstLine(child)).region, "eu-wset-1");
  } finally {
    child.kill("SIGTERM");
  }
  const { code, stderr } = await child.output();
  assertEquals(code, 0);
  assertStringIncludes(new TextDecoder().decode(stderr), "did you mean eu-west-1?");
});

Deno.test("simulate refuses a pool of a type or zone that isn't there, with a guess", async () => {
  const table = [
    [
      "c7i.lrge:us-east-1a=1",
      /Unknown instance type in --capacity: "c7i\.lrge" \(did you mean c7i\.large\?\)/,
    ],
    ["c7i.large:us-west-9z=1", /Unknown zone in --capacity: "us-west-9z"/],
    ["c7i.large:us-east-1a:reserved=1", /TYPE:ZONE:spot/],
  ] as const;
  for (const [pool, message] of table) {
    const { code, stdout, stderr } = await start("--capacity", pool).output();
    assertEquals([code, new TextDecoder().decode(stdout)], [2, ""]);
    assertMatch(new TextDecoder().decode(stderr), message);
  }
});

Deno.test("checkOptions() names what the world does not have, and subnets that it can't have", pure, () => {
  const table: readonly (readonly [WireOptions, string])[] = [
    [{ capacity: { "c7i.large:us-east-1a@cluster-placment": 1 } }, "(did you mean cluster-placement?)"],
    [{ capacity: { "cr-0a000000000000009": 1 } }, "Unknown capacity reservation in --capacity"],
    [{ unsupported: [{ instanceType: "c7i.large", availabilityZone: "mars" }] }, "zone in --unsupported"],
    [{ addresses: { "subnet-0a00000000000000x": 1 } }, "Unknown subnet in --addresses"],
    [{ quotas: { "L-1216C47B": 1 } }, "(did you mean L-1216C47A?)"],
    [{ subnets: [{ availabilityZone: "us-east-1z", cidrBlock: "10.0.96.0/28" }] }, "zone in --subnet"],
    [{ subnets: [{ availabilityZone: "us-east-1a", cidrBlock: "10.0.0.0/28" }] }, "is a subnet already"],
  ];
  for (const [options, message] of table) assertThrows(() => checkOptions(options), UsageError, message);
  const fine = { availabilityZone: "us-east-1a", cidrBlock: "10.0.96.0/28" };
  checkOptions({
    capacity: { "c7i.large:us-east-1a:spot@cluster-placement": 1, "cr-0a000000000000001": 2 },
    subnets: [fine, { ...fine, cidrBlock: "10.0.96.16/28" }],
  });
});

Deno.test("simulate says so when its port is taken", async () => {
  const taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  try {
    const { code, stderr } = await start("--port", String(taken.addr.port)).output();
    assertEquals(code, 1);
    assertMatch(
      new TextDecoder().decode(stderr),
      /^slurm-ec2: Port \d+ of 127\.0\.0\.1 can't be had: .*--port 0/,
    );
  } finally {
    taken.close();
  }
});

Deno.test("simulate needs no more than loopback and the right to run its boot command", async () => {
  const main = new URL("../../../main.ts", import.meta.url).pathname;
  const permissions = ["--no-prompt", "--allow-net=127.0.0.1", "--allow-run=/bin/sh"];
  const args = ["run", ...permissions, main, "simulate", "--boot-command", "/bin/sh"];
  const child = new Deno.Command(Deno.execPath(), { args, stdin: "null", stdout: "piped", stderr: "piped" })
    .spawn();
  try {
    const { url } = JSON.parse(await firstLine(child));
    assertEquals(await (await fetch(`${url}/_sim/instances`)).json(), []);
  } finally {
    child.kill("SIGTERM");
  }
  assertEquals((await child.output()).code, 0);
});

/** Files with policies that can't be used, and what is said of them. */
const POLICIES: readonly (readonly [name: string, text: string, says: string])[] = [
  ["cut.json", '{"Version": "2012-10-17", "Stat', "cut.json: is not JSON: "],
  [
    "typo.json",
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:*","Resource":"*","Conditions":{}}]}',
    "typo.json: Statement[0].Conditions: an element that the simulator does not know (did you mean Condition?)\n",
  ],
  ["none.yaml", "a: 1\n", "none.yaml: Statement: is missing\n"],
  [
    "stack.yaml",
    "AWSTemplateFormatVersion: '2010-09-09'\nResources: !Ref A\n",
    "stack.yaml: a template that needs a stack; give a policy of its own, e.g. what iam policy prints\n",
  ],
];

for (const [name, text, says] of POLICIES) {
  Deno.test(`simulate does not start with the policy ${name}`, async () => {
    const ran = await runFake(simulate, ["--policy", name], { files: { [name]: text } });
    assertEquals([ran.exit, ran.stdout], [2, ""]);
    assertStringIncludes(ran.stderr, says);
  });
}

Deno.test("simulate says so when a policy can't be read", async () => {
  const { exit, stderr } = await runFake(simulate, ["--policy", "gone.json"], {});
  assertEquals([exit, stderr], [2, "Can't read the policy gone.json: there is no such file\n"]);
});

for (
  const [args, isTerminal, isJson] of [[[], true, false], [["--json"], true, true], [
    [],
    false,
    true,
  ]] as const
) {
  const where = isTerminal ? "a terminal" : "a pipe";
  Deno.test(`simulate ${args.join(" ")} on ${where} prints ${isJson ? "JSON" : "a configuration"}`, async () => {
    let said = "";
    const stdout = { write: (text: string) => void (said += text), isTerminal, columns: 80 };
    const host = { ...fakeHost({}), stdout, onInterrupt: () => {}, interrupted: AbortSignal.abort() };
    assertEquals(await simulate.run(host, parseFlags(simulate, args)), 0);
    if (isJson) return void checkOutput("simulate", JSON.parse(said));
    const lines = said.split("\n");
    assertEquals(lines.filter((line) => line.length > 80), []);
    assert(lines.length <= 24, said);
    // What it says is a configuration, together with what only the site knows.
    const own = lines.filter((line) => line.startsWith("  ") && !line.includes("export ")).map((line) =>
      line.slice(2)
    );
    const config = parseConfig(
      `${own.join("\n")}\n  os: {distribution: Rocky, version: "9"}\ncluster: a\n` +
        "nodeGroups: [{name: c, nodes: c-0, instanceTypes: [c7i.large]}]\n",
      "f",
    );
    const url = /http:\S+\d/.exec(said)![0];
    assertEquals(config.aws.endpoints, { ec2: url, ssm: url, sts: url, quotas: url });
    assertEquals(config.nodeGroups[0]!.imageId, WORLD.imageIds.x86_64);
    assertEquals(config.nodeGroups[0]!.subnets, [WORLD.subnetIds[0]]);
  });
}
