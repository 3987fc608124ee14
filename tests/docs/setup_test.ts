import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { parse, stringify } from "yaml";
import { parseFlags } from "../../commands/base/command.ts";
import { SECTIONS } from "../../commands/doctor/doctor.ts";
import { ACCOUNT_SECTIONS } from "../../commands/doctor/account.ts";
import { REGISTRY } from "../../commands/registry.ts";
import { configTemplate } from "../../lib/config/template.ts";
import { parseConfig } from "../../lib/config/parse.ts";
import { lint } from "../../lib/slurm_conf/lint.ts";
import { parseText } from "../../lib/slurm_conf/parse.ts";
import { RULES } from "../../lib/slurm_conf/rules/mod.ts";
import { motoServerPath } from "../contract/moto_server.ts";
import { resolveTemplate } from "../deploy/cloudformation_template.ts";
import { testWhere } from "../test_where.ts";
import { readGuide, words } from "./guide.ts";
import { fragments, type GuideSite, makeGuideSite, merged, type Ran } from "./guide_site.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const GUIDE = await readGuide("docs/setup.md");

/** Commands that can't be run here, and why. */
const NOT_HERE: Readonly<Record<string, string>> = {
  "install -d -m 750 -o root -g slurm /etc/slurm/aws": "takes root and the site's users",
  "install -m 755 aws_signing_helper /usr/local/bin/aws_signing_helper":
    "a program of AWS's that is not here",
  "install -m 640 -o root -g slurm slurmctl1.pem /etc/slurm/aws/slurmctl1.pem": "a certificate of the site's",
  "install -m 640 -o root -g slurm slurmctl1.key /etc/slurm/aws/slurmctl1.key": "a key of the site's",
  "install -d -m 755 -o slurm -g slurm /shared/chip/hosts": "takes root and the site's users",
  "install -d -m 755 /shared/chip/site": "takes the site's file server",
  "(umask 077; base64 -w0 /etc/munge/munge.key > munge.b64)": "takes the site's munge key",
  "rm munge.b64": "the same",
  "getent passwd alice bob > /shared/chip/site/passwd": "takes the site's users",
  "getent group eda > /shared/chip/site/group": "the same",
  "sinfo --version": "takes the site's Slurm",
  "id -u slurm": "takes the site's users",
  "sudo deploy/ami/provision install --slurm-version 24.05 --slurm-uid 401 --slurm-repo https://repo.example.com/slurm-24.05/el9":
    "takes a machine of its own; tests/deploy/ami_test.ts runs it with stand-ins",
  "sudo deploy/ami/provision check": "the same",
  "sudo deploy/ami/provision clean": "the same",
  "systemctl restart slurmctld": "takes the site's slurmctld",
  "sinfo --Node --long": "takes a slurmctld; tests/e2e runs real ones",
  "tail -f /var/log/slurm/slurm-ec2.log": "does not end",
  "slurm-ec2 doctor --credential | ssh 10.0.0.12 /opt/slurm/chip/bin/slurm-ec2 doctor --node --only munge --check-credential -":
    "takes munge and a node; tests of doctor's own have both",
  "sudo -u slurm /opt/slurm/chip/bin/slurm-ec2 doctor --json > /shared/chip/controller.json":
    "takes a controller",
  "srun --partition cloud --nodes 1 /opt/slurm/chip/bin/slurm-ec2 doctor --node --against /shared/chip/controller.json":
    "takes a slurmctld; tests/e2e runs jobs on real ones",
  "srun --partition cloud --nodes 2 hostname": "the same",
};

/** Commands whose part of the site is played by the test. */
const PLAYED: Readonly<Record<string, (site: GuideSite) => Promise<Ran>>> = {
  // The file itself is made by tests/deploy/build/compile_test.ts; this is the same program.
  "deno task compile --portable": (site) => site.build(),
  "deploy/ami/provision install --dry-run --slurm-version 24.05 --slurm-uid 401 --slurm-repo https://repo.example.com/slurm-24.05/el9":
    (site) => dryRunOfImage(site),
  // What doctor asks of the machine and its network has tests of its own, in worlds of their own.
  "sudo -u slurm /opt/slurm/chip/bin/slurm-ec2 doctor": (site) => askAccount(site),
  // There is no terminal to say yes at.
  "sudo -u slurm /opt/slurm/chip/bin/slurm-ec2 doctor --launch 2": (site) =>
    site.run("slurm-ec2 doctor --launch 2 --yes"),
  "scontrol update NodeName=small-0 State=POWER_UP": (site) => powerUpAndDown(site),
};

/** What the reader does when a command is done. */
const AFTERWARDS: Readonly<Record<string, (site: GuideSite) => Promise<void>>> = {
  "config init": (site) => site.edit("configFile"),
  "ssm validate": (site) => askByAccessKey(site),
};

Deno.test("docs/setup.md's commands work in its order, or it is said why not here", async () => {
  await using site = await makeGuideSite(GUIDE);
  let ran = 0;
  for (const command of GUIDE.commands) {
    if (command in NOT_HERE || command.startsWith("aws ")) continue;
    const played = PLAYED[command];
    const isOurs = /^(?:sudo -u slurm )?(?:dist\/)?slurm-ec2 /.test(command);
    assert(
      played !== undefined || isOurs || /^(?:export PATH=|c(?:at|p -p) \/etc\/slurm|tar )/.test(command),
      `${command}\nis neither run here nor in NOT_HERE`,
    );
    const { code, said } = await (played?.(site) ?? site.run(command));
    assertEquals(code, 0, `${command}\n${said}`);
    ran++;
    const name = isOurs ? commandName(words(command)) : "";
    await AFTERWARDS[name]?.(site);
  }
  assert(ran > 25, `only ${ran} commands were run`);
  assertEquals(
    [...Deno.readDirSync(`${site.dir}/opt/slurm`)].map(({ name }) => name),
    [],
    "uninstall left something",
  );
});

/** The same by the other way that the guide has for a controller on premises. */
async function askByAccessKey(site: GuideSite): Promise<void> {
  await site.edit("credentialsFile");
  const { code, said } = await site.run(
    "slurm-ec2 ssm validate --config slurm-ec2.yaml --controller 10.20.0.5",
  );
  assertEquals(code, 0, said);
}

/** Waits until the worker, which a hook only starts, has done something; gives up after two minutes. */
async function seen(isDone: () => boolean): Promise<void> {
  for (let tries = 0; tries < 1200 && !isDone(); tries++) await new Promise((done) => setTimeout(done, 100));
}

/** As slurmctld does when it powers a node up, and down again. */
async function powerUpAndDown(site: GuideSite): Promise<Ran> {
  const live = () => site.aws.simulator.instances().filter(({ state }) => /^(pending|running)$/.test(state));
  const log = () => Deno.readTextFile(`${site.dir}/var/log/slurm/slurm-ec2.log`).catch(() => "no log");
  await Deno.remove(`${site.dir}/helper-arguments`);
  assertEquals(await site.hook("resume", "small-0"), 0);
  await seen(() => live().length > 0);
  assertEquals(live().map(({ tags }) => tags["slurm-ec2:nodes"]), ["small-0"], await log());
  // By the guide's own line, with a stand-in for AWS's program.
  const asked = (await Deno.readTextFile(`${site.dir}/helper-arguments`)).split(" ");
  const needed = ["certificate", "private-key", "trust-anchor-arn", "profile-arn", "role-arn"];
  assertEquals([asked[0], needed.filter((name) => !asked.includes(`--${name}`))], ["credential-process", []]);
  assertEquals(await site.hook("stop", "small-0"), 0);
  await seen(() => live().length === 0);
  assertEquals(live(), [], await log());
  // It would stay for a minute, and find its directory gone.
  const [worker] = (await Deno.readTextFile(`${site.dir}/var/lib/slurm-ec2/heartbeat`)).split(" ");
  try {
    Deno.kill(Number(worker));
  } catch {
    // It has ended by itself.
  }
  return { code: 0, said: "" };
}

/** The sections of doctor that ask AWS, of which the simulated one knows no quotas. */
async function askAccount(site: GuideSite): Promise<Ran> {
  const sections = ACCOUNT_SECTIONS.map(({ name }) => `--only ${name}`).join(" ");
  const { said } = await site.run(`slurm-ec2 doctor ${sections} --controller 10.20.0.5 --json 2>/dev/null`);
  const findings: readonly Record<"section" | "status", string>[] = JSON.parse(said).findings;
  const passed = new Set(findings.filter(({ status }) => status === "pass").map(({ section }) => section));
  const bad = findings.filter(({ status }) => status === "warn" || status === "fail");
  assertEquals(
    [bad, ACCOUNT_SECTIONS.filter(({ name }) => name !== "quotas" && !passed.has(name))],
    [[], []],
    said,
  );
  return { code: 0, said };
}

/** The distribution is not this machine's. */
async function dryRunOfImage(site: GuideSite): Promise<Ran> {
  const root = `${site.dir}/image`;
  await Deno.mkdir(`${root}/etc`, { recursive: true });
  await Deno.writeTextFile(`${root}/etc/os-release`, 'ID="rocky"\nVERSION_ID="9.4"\n');
  for (const name of ["passwd", "group", "fstab"]) await Deno.writeTextFile(`${root}/etc/${name}`, "");
  return await site.run(
    `SLURM_EC2_IMAGE_ROOT='${root}' deploy/ami/provision install --dry-run --slurm-version 24.05 --slurm-uid 401 --slurm-repo https://repo.example.com/slurm-24.05/el9`,
  );
}

Deno.test("every reason not to run a command is still needed", () => {
  const unused = [...Object.keys(NOT_HERE), ...Object.keys(PLAYED)].filter((command) =>
    !GUIDE.commands.includes(command)
  );
  assertEquals(unused, []);
});

/** The command's name as the registry has it; empty when it has none. */
function commandName(argv: readonly string[]): string {
  const from = argv.findIndex((word) => /(?:^|\/)slurm-ec2$/.test(word)) + 1;
  return [2, 1].map((count) => argv.slice(from, from + count).join(" "))
    .find((name) => Object.hasOwn(REGISTRY, name)) ?? "";
}

Deno.test("docs/setup.md names slurm-ec2 commands with flags that they have", async () => {
  const inline = GUIDE.inline.filter((text) => /^(?:sudo -u slurm )?slurm-ec2 [a-z]/.test(text));
  // Written without the program's name; a first word alone, as `ssm`, may be anything.
  const bare = GUIDE.inline.filter((text) => text.split(" ")[0]! in FAMILIES).map((text) =>
    `slurm-ec2 ${text}`
  )
    .filter((text) => words(text).length > 2 || commandName(words(text)) !== "");
  const all = GUIDE.commands.filter((text) => /\bslurm-ec2 [a-z]/.test(text) && !/^(aws|tar) /.test(text));
  assert(inline.length > 10 && bare.length > 10);
  for (const text of [...all, ...inline, ...bare]) {
    const argv = words(text);
    const name = commandName(argv);
    assert(name !== "", `no such command: ${text}`);
    const command = await REGISTRY[name]!.load();
    const from = argv.findIndex((word) => /(?:^|\/)slurm-ec2$/.test(word)) + 1 + name.split(" ").length;
    // What follows in the shell's line is another command, or where the output goes.
    const to = argv.findIndex((word) => /^[|>&;]/.test(word));
    parseFlags(command, argv.slice(from, to < 0 ? undefined : to));
  }
});

/** First words of our commands, and of nothing else that the guide puts in backquotes. */
const FAMILIES: Readonly<Record<string, true>> = Object.fromEntries(
  Object.keys(REGISTRY).map((name) => [name.split(" ")[0]!, true as const]).filter(([word]) =>
    word !== "stop"
  ),
);

Deno.test("docs/setup.md names every section of doctor, and no other", () => {
  const named = [...GUIDE.text.matchAll(/--only ([a-z-]+)/g)].map((match) => match[1]!);
  assertEquals([...new Set(named)].sort(), SECTIONS.map(({ name }) => name).sort());
});

/** What blocks of each language are taken for. */
const LANGUAGES: Readonly<Record<string, string>> = {
  "": "a picture",
  sh: "commands of the site's controller, or of an administrator's machine",
  yaml: "a part of slurm-ec2.yaml",
  conf: "a part of slurm.conf",
  ini: "a shared file of AWS's",
  json: "the trust policy that an aws command names",
  ontap: "commands of ONTAP's own command line, which no test here has",
};

Deno.test("docs/setup.md has no block of a language that no test looks at", () => {
  assertEquals(GUIDE.blocks.filter(({ language }) => !(language in LANGUAGES)), []);
});

Deno.test("docs/setup.md's settings of nodes are known to the scripts of the node", () => {
  const scripts = [...Deno.readDirSync(`${ROOT}deploy/node`)].filter(({ isFile }) => isFile)
    .map(({ name }) => Deno.readTextFileSync(`${ROOT}deploy/node/${name}`)).join("\n");
  const keys = fragments(GUIDE).flatMap(({ defaults }) =>
    Object.keys((defaults as { userData?: Record<string, string> })?.userData ?? {})
  );
  assert(keys.length >= 4);
  assertEquals(keys.filter((key) => !new RegExp(`setting ${key}\\b`).test(scripts)), []);
});

Deno.test("docs/setup.md's fragments of slurm-ec2.yaml are right", () => {
  const base = configTemplate({
    cluster: "chip",
    region: "eu-west-1",
    subnets: ["subnet-0123456789abcdef0"],
    distribution: "Rocky",
    version: "9",
  });
  const all = fragments(GUIDE);
  assert(all.length >= 6);
  for (const fragment of all) {
    parseConfig(stringify(merged(parse(base), fragment)), JSON.stringify(fragment));
  }
});

Deno.test("docs/setup.md says of each line of the legacy block what config lint says", () => {
  const named = [...GUIDE.text.matchAll(/\b(?:CF|CL|PS|SC)\d{3}\b/g)].map((match) => match[0]);
  const known = RULES.map(({ id }) => id);
  assertEquals(named.filter((id) => !known.includes(id)), []);
  const [, legacy] = GUIDE.blocks.filter(({ language }) => language === "conf");
  const found = (version: "22.05" | "24.05") =>
    new Set(
      lint({
        document: parseText(legacy!.text + CLOUD_NODES, "slurm.conf"),
        rules: RULES,
        versions: [version],
      }).map(({ rule }) => rule),
    );
  const [old, current] = [found("22.05"), found("24.05")];
  for (const id of ["CL001", "CL003", "CL005"]) assert(!old.has(id) && current.has(id), id);
  for (const id of ["PS006", "PS013", "PS014", "PS018"]) assert(current.has(id), id);
});

/** Nodes as the legacy plugin's site had them, besides the site's own. */
const CLOUD_NODES = `ClusterName=chip
SlurmctldHost=slurmctl1
SuspendProgram=/opt/slurm/slurmaws/bin/slurm_ec2_stop.py
ResumeProgram=/opt/slurm/slurmaws/bin/slurm_ec2_resume.py
NodeName=c[0-999] CPUs=2 RealMemory=3500 State=CLOUD
NodeName=site[1-4] CPUs=8 RealMemory=30000
PartitionName=all Nodes=ALL
`;

Deno.test("docs/setup.md's stacks can be made from the templates", () => {
  const deploys = GUIDE.commands.filter((command) => command.startsWith("aws cloudformation deploy"));
  assertEquals(deploys.length, 3);
  for (const command of deploys) {
    const argv = words(command);
    const file = argv[argv.indexOf("--template-file") + 1]!;
    const overrides = argv.slice(argv.indexOf("--parameter-overrides") + 1);
    const parameters = Object.fromEntries(overrides.map((text) => text.split("=") as [string, string]));
    const { outputs } = resolveTemplate(Deno.readTextFileSync(ROOT + file), { parameters });
    for (const name of GUIDE.inline.filter((text) => text in { ...outputs })) assert(name in outputs);
    assertStringIncludes(JSON.stringify(outputs), "defaults:");
  }
});

const python = Deno.env.get("SLURM_EC2_BOTO3_PYTHON") ?? motoServerPath()?.replace(/[^/]+$/, "python3");

function missingAwsCli(): string | undefined {
  const found = python !== undefined &&
    new Deno.Command(python, { args: ["-c", "import awscli"] }).outputSync().success;
  return found ? undefined : "no python with awscli next to moto_server (.ci/run installs it)";
}

testWhere(missingAwsCli(), "docs/setup.md's aws commands are understood by the AWS CLI", async () => {
  const inline = GUIDE.inline.filter((text) => text.startsWith("aws "));
  const commands = [...GUIDE.commands, ...inline].filter((command) => command.startsWith("aws "));
  assert(commands.length > 20);
  const directory = await Deno.makeTempDir({ prefix: "slurm-ec2-guide-" });
  try {
    await Deno.symlink(`${ROOT}deploy`, `${directory}/deploy`);
    const trust = GUIDE.blocks.find(({ language }) => language === "json")!.text;
    await Deno.writeTextFile(`${directory}/trust.json`, JSON.stringify(JSON.parse(trust)));
    await Deno.writeTextFile(`${directory}/cluster-key.pub`, "ssh-ed25519 AAAA");
    await Deno.writeTextFile(`${directory}/munge.b64`, "bXVuZ2U=");
    const wrong = "aws fsx create-file-cache --file-cache-type LUSTRE";
    assertEquals(await refusedByAwsCli(directory, commands), []);
    assertEquals((await refusedByAwsCli(directory, [wrong])).length, 1, "the check finds nothing at all");
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

async function refusedByAwsCli(cwd: string, commands: readonly string[]): Promise<string[]> {
  const child = new Deno.Command(python!, {
    args: [`${ROOT}tests/docs/aws_cli_check.py`],
    cwd,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(commands.join("\n")));
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  assert(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).split("\n").filter((line) => line !== "");
}
