import { assert, assertEquals } from "@std/assert";
import { parse, stringify } from "yaml";
import { parseFlags } from "../../commands/base/command.ts";
import { REGISTRY } from "../../commands/registry.ts";
import { SECTIONS } from "../../commands/doctor/doctor.ts";
import { parseConfig } from "../../lib/config/parse.ts";
import { configTemplate } from "../../lib/config/template.ts";
import { readGuide, words } from "./guide.ts";
import { fragments, makeGuideSite, merged } from "./guide_site.ts";

const SETUP = await readGuide("docs/setup.md");
const GUIDE = await readGuide("docs/operations.md");

/** Commands that can't be run here, by how they begin, and why. */
const NOT_HERE: Readonly<Record<string, string>> = {
  "scontrol ": "takes a slurmctld; tests/e2e runs real ones",
  "systemctl ": "takes the site's units",
  "ssh ": "takes another host",
  "scp ": "takes another host",
  "(cd dist && sha256sum ": "the checksum is that of one file; tests/deploy/build/compile_test.ts makes it",
  "dist/slurm-ec2 self check": "the program of the test is a bundle, not that one file",
};

/** What of the set-up guide has been done before, in its order. */
const DONE = [
  "dist/slurm-ec2 config init --cluster chip --region eu-west-1 --subnet subnet-0123456789abcdef0 --subnet subnet-0123456789abcdef1 --distribution Rocky:9 --output slurm-ec2.yaml",
  "dist/slurm-ec2 install --config slurm-ec2.yaml --prefix /opt/slurm/chip",
  "slurm-ec2 ssm put --ami-from slurm-node-x86_64 --apply",
  "slurm-ec2 ssm put --key-pair cluster-key --security-groups sg-0123456789abcdef0 --apply",
  "cp -p /etc/slurm/slurm.conf /etc/slurm/slurm.conf.site",
];

/** Where something other than success is right as well. */
const FINDINGS: Readonly<Record<string, string>> = {
  "slurm-ec2 doctor --only timer": "the timer was not enabled, and not every machine has systemd",
};

Deno.test("docs/operations.md's commands work in its order, or it is said why not here", async () => {
  await using site = await makeGuideSite(SETUP);
  await site.build();
  for (const [index, command] of DONE.entries()) {
    const { code, said } = await site.run(command);
    assertEquals(code, 0, `${command}\n${said}`);
    if (index === 0) await site.edit("configFile");
  }
  // What the enabled timer does once a minute: from then on there is a state to show.
  const timer = await site.run("/opt/slurm/chip/bin/supervisor --timer");
  assertEquals(timer.code, 0, timer.said);
  let ran = 0;
  for (const command of GUIDE.commands) {
    if (Object.keys(NOT_HERE).some((begin) => command.startsWith(begin))) continue;
    const { code, said } = command === "deno task compile --portable"
      ? await site.build()
      : await site.run(command);
    assert(code === 0 || (code === 3 && command in FINDINGS), `${command}\n${code} ${said}`);
    ran++;
  }
  assert(ran > 15, `only ${ran} commands were run`);
});

Deno.test("docs/operations.md: every reason not to run a command is still needed", () => {
  const unused = Object.keys(NOT_HERE).filter((begin) =>
    !GUIDE.commands.some((command) => command.startsWith(begin))
  );
  assertEquals(unused, []);
  assertEquals(Object.keys(FINDINGS).filter((command) => !GUIDE.commands.includes(command)), []);
  assertEquals(DONE.filter((command) => !SETUP.commands.includes(command)), []);
});

Deno.test("docs/operations.md names slurm-ec2 commands, flags and sections of doctor that there are", async () => {
  const all = [...GUIDE.inline, ...GUIDE.commands].map((text) => words(text.replace(/^dist\//, "")));
  const ours = all.flatMap((argv) => {
    const first = argv[0] === "slurm-ec2" ? 1 : 0;
    const name = [2, 1].map((count) => argv.slice(first, first + count).join(" "))
      .find((known) => Object.hasOwn(REGISTRY, known));
    const isNamed = (first === 1 && argv.length > 1) ||
      (name !== undefined && argv.length > name.split(" ").length);
    return isNamed ? [{ argv, name, from: first + (name?.split(" ").length ?? 0) }] : [];
  });
  assert(ours.length > 15);
  for (const { argv, name, from } of ours) {
    assert(name !== undefined, `no such command: ${argv.join(" ")}`);
    parseFlags(await REGISTRY[name]!.load(), argv.slice(from));
  }
  const sections = [...GUIDE.text.matchAll(/--only ([a-z-]+)/g)].map((match) => match[1]!);
  assertEquals(sections.filter((name) => !SECTIONS.some((section) => section.name === name)), []);
});

Deno.test("docs/operations.md's fragments of slurm-ec2.yaml are right", () => {
  const base = configTemplate({
    cluster: "chip",
    region: "eu-west-1",
    subnets: ["subnet-0123456789abcdef0"],
    distribution: "Rocky",
    version: "9",
  });
  const all = fragments(GUIDE);
  assertEquals(all.length, 5);
  for (const fragment of all) {
    parseConfig(stringify(merged(parse(base), fragment)), JSON.stringify(fragment));
  }
  const known = new Set(["", "sh", "yaml"]);
  assertEquals(GUIDE.blocks.filter(({ language }) => !known.has(language)), []);
});
