import { assert, assertEquals } from "@std/assert";
import { type Command, parseFlags } from "../../commands/base/command.ts";
import type { Host } from "../../commands/base/host.ts";
import { REGISTRY } from "../../commands/registry.ts";
import { runCommandLine } from "../../commands/run_command_line.ts";
import { fakeHost } from "./fake_host.ts";

const MIGRATE = new URL("../golden/migrate/", import.meta.url);
const legacy = (name: string) => Deno.readTextFileSync(new URL(name, MIGRATE));

const CONFIG = `cluster: bio
region: us-east-1
slurm: { version: "24.05" }
defaults: { os: { distribution: Rocky, version: "9" } }
nodeGroups: [{ name: c7i, nodes: "c7i-[0-999]", instanceTypes: [c7i.large], subnets: [subnet-0123456789abcdef0] }]
partitions: [{ name: cloud, nodeGroups: [c7i] }]
`;

/** The files that examples name, on a machine that has nothing else. */
const FILES: Readonly<Record<string, string>> = {
  "./slurm-ec2.yaml": CONFIG,
  "slurm-ec2.yaml": CONFIG,
  "/etc/slurm/slurm.conf": "ClusterName=bio\nSlurmctldHost=head\n",
  "slurm.conf": "ClusterName=bio\nSlurmctldHost=head\n",
  "gres.conf": "Name=gpu File=/dev/nvidia0\n",
  "parameters.yaml": "/bio/SlurmNodeEc2KeyPairs/us-east-1: key\n",
  "prices.yaml": "c7i.large: 0.09\n",
  "job.sh": "#!/bin/sh\n#SBATCH -N 2\nsrun hostname\n",
  "controller.json": Deno.readTextFileSync(new URL("../../deploy/iam/controller.json", import.meta.url)),
  "InstanceConfig.yml": legacy("instance_config.yml"),
  "config.yml": legacy("installer.yml"),
  "AZInfo.json": legacy("AZInfo.json"),
  "slurm_config.json": legacy("slurm_config.json"),
  "/opt/slurm/config/slurm_config.json": legacy("slurm_config.json").replace(
    /("AZInfoFile": *)"[^"]*"/,
    '$1"AZInfo.json"',
  ),
};

/** What is written by examples that come before: not there yet. */
const WRITTEN_BY: Readonly<Record<string, readonly string[]>> = {
  "config init": ["./slurm-ec2.yaml"],
  "config migrate": ["./slurm-ec2.yaml"],
};

/** Commands that do real work on this machine before they ask the host for anything: their flags are read only. */
const ONLY_PARSED: ReadonlySet<string> = new Set(["doctor", "install", "notify", "status", "uninstall"]);

/** Arguments of every example as a shell splits them. */
async function splitByShell(examples: readonly string[]): Promise<string[][]> {
  const script = `exec 3>&1; slurm-ec2() { printf '%s\\0' "$@" '\n' >&3; }\n${
    examples.map((example) => example.replace(/ > \S+$/, " > /dev/null")).join("\n")
  }`;
  const { success, stdout, stderr } = await new Deno.Command("bash", { args: ["-c", script] }).output();
  assert(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).split("\n\0").slice(0, -1)
    .map((words) => words.split("\0").slice(0, -1));
}

/** The outside world: a command that gets here has found its flags and values in order. */
function reached(): never {
  throw new Error("REACHED");
}

async function run(name: string, args: readonly string[]) {
  const printed = { stdout: "", stderr: "" };
  const files = new Map(Object.entries(FILES).filter(([file]) => !WRITTEN_BY[name]?.includes(file)));
  const host: Host = {
    ...fakeHost({}, files, printed),
    now: reached,
    onInterrupt: reached,
    connect: new Proxy({}, { get: () => reached }) as Host["connect"],
  };
  return { exit: await runCommandLine(host, args), ...printed };
}

/** Of the values that are known beforehand, those given are some. */
function checkValues(command: Command, args: readonly string[]): void {
  const flags = parseFlags(command, args);
  for (const { name, values } of command.flags) {
    if (values === undefined) continue;
    for (const given of flags.all(name)) {
      assert(values.some((value) => given === value || given.startsWith(`${value}:`)), `--${name} ${given}`);
    }
  }
  if (command.argumentValues === undefined) return;
  const words = flags.positional.join(" ");
  assert(words === "" || command.argumentValues.includes(words), words);
}

for (const [name, { load }] of Object.entries(REGISTRY)) {
  Deno.test(`the examples of ${name} work`, async () => {
    const command = await load();
    const examples = command.examples.map(({ command }) => command);
    const lines = await splitByShell(examples);
    assertEquals(lines.length, examples.length);
    for (const [index, args] of lines.entries()) {
      const words = name.split(" ");
      assertEquals(args.slice(0, words.length), words, examples[index]);
      checkValues(command, args.slice(words.length));
      if (ONLY_PARSED.has(name) || args.includes("--slurm")) continue;
      const { exit, stderr } = await run(name, args);
      const isFine = exit === 0 || exit === 3 || stderr.includes("REACHED");
      assert(isFine, `${examples[index]}\n${exit}: ${stderr}`);
    }
  });
}
