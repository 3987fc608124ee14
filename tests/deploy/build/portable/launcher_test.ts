import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Command } from "../../../../commands/base/command.ts";
import {
  effectivePermissions,
  ENVIRONMENT,
  type Grant,
  SYSTEM_FACTS,
  USUAL_SACCTS,
  USUAL_SCONTROLS,
} from "../../../../commands/base/effective_permissions.ts";
import { REGISTRY } from "../../../../commands/registry.ts";
import { usualHosts } from "../../../../commands/base/revocations.ts";
import { parseConfig } from "../../../../lib/config/parse.ts";
import { packPortable } from "../../../../deploy/build/portable/pack.ts";

/** Stands in for the program: tries everything, with what the launcher granted and nothing given up. */
const PLANTED = `
const home = Deno.args.at(-1);
const run = (program) => () => new Deno.Command(program, { stdin: "null" }).outputSync();
const violations = {
  writeState: () => Deno.writeTextFileSync(home + "/state/planted", ""),
  writeLog: () => Deno.writeTextFileSync(home + "/log", "", { append: true }),
  writeElsewhere: () => Deno.writeTextFileSync(home + "/planted", ""),
  readConfig: () => Deno.readTextFileSync(home + "/site.yaml"),
  readState: () => [...Deno.readDirSync(home + "/state")],
  readCredentials: () => Deno.readTextFileSync(home + "/aws-config"),
  readElsewhere: () => Deno.readTextFileSync("/etc/passwd"),
  runScontrol: run(home + "/scontrol"),
  runHelper: run(home + "/helper"),
  runShell: run("/bin/sh"),
  connectEndpoint: () => Deno.connect({ hostname: "127.0.0.1", port: 1 }),
  connectElsewhere: () => Deno.connect({ hostname: "127.0.0.2", port: 1 }),
  envHome: () => Deno.env.get("HOME") ?? fail(),
  envOther: () => Deno.env.get("PLANTED") ?? fail(),
  sys: () => Deno.osRelease(),
  sysOther: () => Deno.hostname(),
};
function fail() { throw new Deno.errors.NotCapable(); }
const done = [];
for (const [name, violate] of Object.entries(violations)) {
  try { await violate(); } catch (error) { if (error instanceof Deno.errors.NotCapable) continue; }
  done.push(name);
}
console.log(JSON.stringify(done));
`;

const CONFIG = (home: string) =>
  `cluster: c
region: eu-west-1
aws: { endpoints: { ec2: "http://127.0.0.1:1", ssm: "http://127.0.0.1:1" }, profile: s, configFile: ${home}/aws-config }
slurm: { binDir: ${home} }
stateDir: ${home}/state
logFile: ${home}/log
defaults: { os: { distribution: Rocky, version: "9" }, architecture: x86_64 }
nodeGroups: [{ name: g, nodes: "g-[0-9]", instanceTypes: [c7i.large], subnets: [subnet-0123456789abcdef0] }]
partitions: [{ name: p, nodeGroups: [g] }]
`;

let home = "";
let commands: readonly Command[] = [];

Deno.test.beforeAll(async () => {
  home = await Deno.makeTempDir({ dir: "/var/tmp", prefix: "slurm-ec2-launcher-test-" });
  commands = await Promise.all(Object.values(REGISTRY).map(({ load }) => load()));
  await Deno.mkdir(`${home}/program`);
  await Deno.writeTextFile(`${home}/program/main.js`, PLANTED);
  await Deno.writeTextFile(`${home}/program/deno`, `#!/bin/sh\nexec ${Deno.execPath()} "$@"\n`);
  await packPortable({
    program: `${home}/program`,
    file: `${home}/slurm-ec2`,
    version: "1",
    architecture: Deno.build.arch,
    level: 1,
    commands,
    grants: {
      net: usualHosts().filter((host) => !["127.0.0.1", "localhost"].includes(host)),
      run: [...USUAL_SCONTROLS, ...USUAL_SACCTS],
      env: ENVIRONMENT,
      sys: SYSTEM_FACTS,
    },
  });
  await Deno.mkdir(`${home}/state`);
  await Deno.mkdir(`${home}/extracted`, { mode: 0o700 });
  await Deno.writeTextFile(`${home}/site.yaml`, CONFIG(home));
  await Deno.writeTextFile(`${home}/aws-config`, `[profile s]\ncredential_process = ${home}/helper x\n`);
  for (const name of ["scontrol", "helper"]) {
    await Deno.writeTextFile(`${home}/${name}`, "#!/bin/sh\n", { mode: 0o755 });
  }
});

Deno.test.afterAll(() => Deno.remove(home, { recursive: true }));

/** What the planted program could do as this command. */
async function tried(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string[]> {
  const { code, stdout, stderr } = await new Deno.Command(`${home}/slurm-ec2`, {
    args: [...args, home],
    clearEnv: true,
    env: { SLURM_EC2_HOME: `${home}/extracted`, HOME: home, PLANTED: "1", ...env },
    cwd: "/",
    stdin: "null",
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** What the command's own declaration lets it do. */
function declared({ permissions }: Command): string[] {
  const { net, run, write, env, sys, ...rest } = effectivePermissions(permissions, {
    config: parseConfig(CONFIG(home), "site.yaml"),
    configFile: `${home}/site.yaml`,
    env: (name) => name === "HOME" ? home : undefined,
    credentialHelpers: [`${home}/helper`],
  });
  // What the program is made of lies elsewhere.
  const read = permissions.read.every((place) => place === "program") ? "none" : rest.read;
  const has = (grant: Grant, one: string) => grant === "any" || grant.includes(one);
  const all: Readonly<Record<string, boolean>> = {
    writeState: has(write, `${home}/state`),
    writeLog: has(write, `${home}/log`),
    writeElsewhere: write === "any",
    readConfig: has(read, `${home}/site.yaml`),
    readState: has(read, `${home}/state`),
    readCredentials: has(read, `${home}/aws-config`),
    readElsewhere: read === "any",
    runScontrol: has(run, `${home}/scontrol`),
    runHelper: has(run, `${home}/helper`),
    runShell: run === "any",
    connectEndpoint: has(net, "127.0.0.1:1") || has(net, "127.0.0.1"),
    connectElsewhere: net === "any",
    envHome: env !== "none",
    envOther: false,
    sys: sys !== "none",
    sysOther: false,
  };
  return Object.keys(all).filter((name) => all[name]);
}

for (const name of Object.keys(REGISTRY)) {
  Deno.test(`the launcher grants ${name} what it declares, by exact paths where the site decides them`, async () => {
    const command = commands.find((one) => one.name === name)!;
    assertEquals(await tried([...name.split(" "), "--config", `${home}/site.yaml`]), declared(command));
  });
}

Deno.test("the launcher finds the configuration by its variable, and next to the bin/ that it is called in", async () => {
  const wanted = declared(commands.find(({ name }) => name === "resume")!);
  assertEquals(await tried(["resume"], { SLURM_EC2_CONFIG: `${home}/site.yaml` }), wanted);
  await Deno.mkdir(`${home}/prefix/bin`, { recursive: true });
  await Deno.mkdir(`${home}/prefix/etc`);
  await Deno.symlink(`${home}/site.yaml`, `${home}/prefix/etc/slurm-ec2.yaml`);
  const installed = await tried(["resume"], { SLURM_EC2_PROGRAM: `${home}/prefix/bin/resume` });
  // Only the name that it is looked for by is granted, the link's target is not.
  assertEquals(installed, wanted.filter((name) => name !== "readConfig"));
});

Deno.test("the launcher grants a hook what SLURM_EC2_READ, _WRITE and _RUN name, and no more", async () => {
  const env = { SLURM_EC2_READ: "/etc/passwd", SLURM_EC2_WRITE: `${home}/planted`, SLURM_EC2_RUN: "/bin/sh" };
  const more = await tried(["stop", "--config", `${home}/site.yaml`], env);
  const wanted = declared(commands.find(({ name }) => name === "stop")!);
  assertEquals(more.filter((name) => !wanted.includes(name)), [
    ...["writeElsewhere", "readElsewhere", "runShell"],
  ]);
});

Deno.test("the launcher grants nothing to what is not a command", async () => {
  assertEquals(await tried(["no-such-command"]), []);
  assertEquals(await tried(["config", "nothing"]), []);
});

Deno.test("the launcher grants a hook without a configuration no more than looking for it and scontrol", async () => {
  const file = `${home}/none.yaml`;
  const done = await tried(["resume", "--config", file], { HOME: "/nonexistent" });
  // The metadata service and AWS's endpoints are in its list of hosts: the program gives those up.
  assertEquals(done.filter((name) => !["envHome", "sys"].includes(name)), []);
  assertStringIncludes(await Deno.readTextFile(`${home}/slurm-ec2`), "/usr/bin/scontrol");
});
