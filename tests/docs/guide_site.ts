import { parse, stringify } from "yaml";
import { snapshotInstanceTypes } from "../../lib/aws/instance_type_snapshot.ts";
import { WORLD } from "../../lib/sim/fresh_world.ts";
import { serveAws, type WireAws } from "../../lib/sim/wire/server.ts";
import { hookBundle } from "../fixtures/hook_bundle.ts";
import { type LoopbackSlurmctld, serveSlurmctld } from "../fixtures/loopback_slurmctld.ts";
import type { Guide } from "./guide.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const REGION = "eu-west-1";

/** The guide's controller: a directory that stands for its root, a simulated AWS, and a slurmctld of the test's own. */
export interface GuideSite extends AsyncDisposable {
  /** What `/` of the guide is here, and where its checkout is. */
  readonly dir: string;
  readonly aws: WireAws;
  /** Runs a command of the guide; paths and ids of the guide become those of the site. */
  run(command: string): Promise<Ran>;
  /** Runs an installed hook as slurmctld does: nothing but a hostlist. */
  hook(name: "resume" | "stop", hostlist: string): Promise<number>;
  /** Puts another build of the program where `deno task compile` would. */
  build(): Promise<Ran>;
  /**
   * What the reader does to the slurm-ec2.yaml in the checkout: the guide's own fragments, the one of `aws` with this
   * key among them, and where things are on this site.
   */
  edit(aws: "credentialsFile" | "configFile"): Promise<void>;
}

/** What a command came to. */
export interface Ran {
  readonly code: number;
  /** Standard output, then standard error. */
  readonly said: string;
}

/** Ids that the guide makes up, and what they are called in the simulated world. */
const IDS: Readonly<Record<string, string>> = {
  "subnet-0123456789abcdef0": WORLD.subnetIds[0],
  "subnet-0123456789abcdef1": WORLD.subnetIds[1],
  "sg-0123456789abcdef0": WORLD.securityGroupId,
};
/** The guide's ports are open to the network of the simulated world, not to the site's. */
const CONTROLLER = ["10.20.0.5", WORLD.securityGroupId] as const;

/** Makes a site; disposing of it ends everything. */
export async function makeGuideSite(guide: Guide): Promise<GuideSite> {
  const dir = await Deno.makeTempDir({ prefix: "slurm-ec2-guide-" });
  const aws = serveAws({
    region: REGION,
    parameters: OLD_STACK,
    instanceTypes: await snapshotInstanceTypes(),
  });
  await furnish(dir, guide);
  const slurmctld = await serveSlurmctld(["small-0"], `${dir}/usr/bin/scontrol`);
  let builds = 0;
  return {
    dir,
    aws,
    run: (command) => run({ dir, url: aws.url }, command),
    hook: (name, hostlist) => runHook({ dir, slurmctld }, name, hostlist),
    async build() {
      await makeProgram(dir, builds++);
      return { code: 0, said: "" };
    },
    edit: (key) => edit(dir, guide, { key, url: aws.url }),
    async [Symbol.asyncDispose]() {
      await aws.close();
      await slurmctld[Symbol.asyncDispose]();
      await Deno.remove(dir, { recursive: true });
    },
  };
}

/** Images of the stack that the guide moves over from. */
const OLD_STACK = {
  [`/old-stack/SlurmNodeAmis/Rocky/9/x86_64/${REGION}`]: WORLD.imageIds.x86_64,
  [`/old-stack/SlurmNodeAmis/Rocky/9/arm64/${REGION}`]: WORLD.imageIds.arm64,
  [`/old-stack/SlurmNodeEc2KeyPairs/${REGION}`]: WORLD.keyName,
  [`/old-stack/SlurmNodeSecurityGroups/${REGION}`]: WORLD.securityGroupId,
};

/** A cluster of the guide's case A, before anything of ours is there. */
const SITE_CONF = `ClusterName=chip
SlurmctldHost=slurmctl1
SlurmUser=slurm
StateSaveLocation=/var/spool/slurmctld
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
ProctrackType=proctrack/cgroup
SlurmctldParameters=enable_configless
`;
const SITE_NODES = `NodeName=site[1-4] CPUs=8 RealMemory=30000 State=UNKNOWN
PartitionName=site Nodes=site[1-4] Default=YES State=UP
`;

async function furnish(dir: string, guide: Guide): Promise<void> {
  await Deno.chmod(dir, 0o755);
  for (const name of ["opt/slurm", "etc/slurm/aws", "usr/bin", "usr/local/bin", "var/lib", "var/log/slurm"]) {
    await Deno.mkdir(`${dir}/${name}`, { recursive: true });
  }
  await Deno.symlink(`${ROOT}deploy`, `${dir}/deploy`);
  const [srunPorts] = guide.blocks.filter(({ language }) => language === "conf");
  await Deno.writeTextFile(`${dir}/etc/slurm/slurm.conf`, SITE_CONF + srunPorts!.text + SITE_NODES);
  const [config, credentials] = guide.blocks.filter(({ language }) => language === "ini");
  await Deno.writeTextFile(`${dir}/etc/slurm/aws/credentials`, credentials!.text);
  await Deno.writeTextFile(
    `${dir}/etc/slurm/aws/config`,
    config!.text.replace("= /usr/local", `= ${dir}/usr/local`),
  );
  const helper = `#!/bin/sh
printf '%s' "$*" >'${dir}/helper-arguments'
echo '{"Version":1,"AccessKeyId":"ASIAIOSFODNN7EXAMPLE","SecretAccessKey":"x","SessionToken":"y"}'
`;
  await Deno.writeTextFile(`${dir}/usr/local/bin/aws_signing_helper`, helper, { mode: 0o755 });
  for (
    const [name, as] of [["slurm_config.json"], ["AZInfo.json"], ["installer.yml", "InstanceConfig.yml"]]
  ) {
    await Deno.copyFile(`${ROOT}tests/golden/migrate/${name}`, `${dir}/${as ?? name}`);
  }
  // The plugin's file names its neighbours by absolute paths of its controller.
  const legacy = await Deno.readTextFile(`${dir}/slurm_config.json`);
  await Deno.writeTextFile(`${dir}/slurm_config.json`, legacy.replaceAll("/opt/slurm/config/", `${dir}/`));
}

/** The program as `deno task compile` leaves it in dist/, each time another build: a bundle in place of one file. */
async function makeProgram(dir: string, build: number): Promise<void> {
  await Deno.mkdir(`${dir}/dist/program`, { recursive: true });
  const bundle = await hookBundle();
  for (const { name } of Deno.readDirSync(bundle)) {
    const [from, to] = [`${bundle}/${name}`, `${dir}/dist/program/${name}`];
    // A stand-in that costs nothing to copy and to sum.
    if (name === "deno") await Deno.writeTextFile(to, `#!/bin/sh\nexec '${from}' "$@"\n`, { mode: 0o755 });
    else await Deno.copyFile(from, to);
  }
  await Deno.writeTextFile(`${dir}/dist/program/main.js`, `// ${build}\n`, { append: true });
  const launcher = `#!/bin/sh
exec '${dir}/dist/program/deno' run -A --quiet --no-config '${dir}/dist/program/main.js' "$@"
`;
  await Deno.writeTextFile(`${dir}/dist/slurm-ec2`, launcher, { mode: 0o755 });
}

interface Fragment {
  readonly [key: string]: unknown;
}

async function edit(
  dir: string,
  guide: Guide,
  { key, url }: { readonly key: string; readonly url: string },
): Promise<void> {
  const file = `${dir}/slurm-ec2.yaml`;
  const written = parse(await Deno.readTextFile(file)) as Fragment;
  const all = fragments(guide).filter(({ aws }) => aws === undefined || key in (aws as Fragment));
  const here = {
    aws: { endpoints: Object.fromEntries(["ec2", "ssm", "sts"].map((service) => [service, url])) },
    slurm: { confDir: `${dir}/etc/slurm`, binDir: `${dir}/usr/bin`, user: await userName() },
    defaults: { instanceProfile: WORLD.instanceProfileName },
    // Nothing boots on the simulated instances: nobody waits for it.
    limits: { launchCheckSeconds: 0, expectedBootSeconds: 1 },
    stateDir: `${dir}/var/lib/slurm-ec2`,
    logFile: `${dir}/var/log/slurm/slurm-ec2.log`,
  };
  const edited = merged(all.reduce(merged, { ...written, aws: undefined }), here);
  await Deno.writeTextFile(file, stringify(edited).replaceAll(/(File: )(\/etc\/)/g, `$1${dir}$2`));
}

/** As a reader adds a fragment to the file: what is nested is joined, a list replaced. */
export function merged(one: Fragment, other: Fragment): Fragment {
  const isNested = (value: unknown): value is Fragment =>
    typeof value === "object" && value !== null && !Array.isArray(value);
  const entries = Object.entries(other).map(([key, value]) => {
    const before = one[key];
    return [key, isNested(before) && isNested(value) ? merged(before, value) : value];
  });
  return { ...one, ...Object.fromEntries(entries) };
}

/** Fragments of slurm-ec2.yaml that the guide shows. */
export function fragments(guide: Guide): readonly Fragment[] {
  return guide.blocks.filter(({ language }) => language === "yaml").map(({ text }) =>
    parse(text) as Fragment
  );
}

async function userName(): Promise<string> {
  const { stdout } = await new Deno.Command("id", { args: ["-un"] }).output();
  return new TextDecoder().decode(stdout).trim();
}

/** The same command with the site's paths and ids, as the user that runs the test. */
function translate(dir: string, command: string): string {
  const ids = Object.entries(IDS).reduce((text, [id, known]) => text.replaceAll(id, known), command);
  return ids
    .replace(/^sudo (?:-u slurm )?/, "")
    .replaceAll(/(^|[\s=])(\/(?:opt|etc|var)\/)/g, `$1${dir}$2`)
    .replace(...CONTROLLER);
}

async function run(
  { dir, url }: { readonly dir: string; readonly url: string },
  command: string,
): Promise<Ran> {
  const { code, stdout, stderr } = await new Deno.Command("sh", {
    args: ["-c", translate(dir, command)],
    cwd: dir,
    clearEnv: true,
    env: {
      PATH: `${dir}/opt/slurm/chip/bin:${Deno.env.get("PATH")}`,
      HOME: dir,
      AWS_EC2_METADATA_DISABLED: "true",
      // For prices and quotas, too, which the simulated AWS does not know: nothing leaves this machine.
      AWS_ENDPOINT_URL: url,
    },
    stdin: "null",
  }).output();
  return { code, said: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

async function runHook(
  { dir, slurmctld }: { readonly dir: string; readonly slurmctld: LoopbackSlurmctld },
  name: "resume" | "stop",
  hostlist: string,
): Promise<number> {
  if (name === "resume") slurmctld.requestPowerUp([hostlist]);
  else slurmctld.requestPowerDown([hostlist]);
  const { code } = await new Deno.Command(`${dir}/opt/slurm/chip/bin/${name}`, {
    args: [hostlist],
    clearEnv: true,
    env: { SLURM_CONF: `${dir}/etc/slurm/slurm.conf`, SLURM_EC2_LOGGER: "/bin/true" },
    cwd: "/",
    stdin: "null",
  }).output();
  return code;
}
