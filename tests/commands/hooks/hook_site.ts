import { checkEvents, checkJson } from "../check_output.ts";
import { snapshotInstanceTypes } from "../../../lib/aws/instance_type_snapshot.ts";
import { WORLD } from "../../../lib/sim/fresh_world.ts";
import { serveAws, type WireAws } from "../../../lib/sim/wire/server.ts";
import { asSlurmCalls, type FakeSlurm, poweredDown } from "./fake_scontrol.ts";
import { TEST_PARAMETERS } from "../../fixtures/test_config.ts";

/** A place where the program runs as a process: a simulated AWS, a scontrol, a configuration, a state directory. */
export interface HookSite {
  readonly dir: string;
  readonly aws: WireAws;
  /**
   * Runs the program; for `resume`, `stop` and `resume-fail` slurmctld first puts the nodes into the state in which it
   * calls them. `config` in the environment is the site's own unless `env` says otherwise. */
  run(args: readonly string[], options?: RunOptions): Promise<HookRun>;
  slurm(): FakeSlurm;
  changeSlurm(change: Partial<FakeSlurm>): void;
  log(): string;
  /** Ids of the instances that cost money now. */
  live(): string[];
}

/** What a run of the program differs in from one under slurmctld. */
export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
}

/** What a run of the program came to. */
export interface HookRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output as JSON. */
  json(): HookJson;
}

/** What the hooks print with `--json`. */
export interface HookJson {
  readonly nodes: Readonly<Record<string, string>>;
  readonly details: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly calls: Readonly<Record<string, number>>;
  readonly troubles: readonly string[];
  readonly seconds: number;
}

/** What a site differs in from one where all is well. */
export interface SiteOptions {
  /** Text of the configuration, from the one where all is well. */
  readonly config?: (text: string) => string;
  readonly parameters?: Readonly<Record<string, string>>;
  /** Endpoint of EC2 and SSM instead of the simulator's. */
  readonly endpoint?: string;
  /** AWS's clock, milliseconds since 1970 UTC; the machine's unless given. */
  readonly now?: () => number;
  /** Access key of the credentials file; undefined: no file. */
  readonly accessKey?: string | undefined;
}

const CHECKOUT = new URL("../../../", import.meta.url).pathname;
const NODES = ["c0", "c1", "c2", "c3", "s0", "w0", "w1"];

/** Runs a test in a site of its own; all that it started has ended afterwards. */
export async function withHookSite(
  options: SiteOptions,
  test: (site: HookSite) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "slurm-ec2-site-" });
  const aws = serveAws({
    parameters: options.parameters ?? TEST_PARAMETERS,
    instanceTypes: await snapshotInstanceTypes(),
    ...(options.now && { clock: options.now }),
  });
  try {
    await furnish(dir, options.endpoint ?? aws.url, options);
    await test(site(dir, aws));
    checkEvents(`${dir}/state/events.jsonl`);
  } finally {
    await aws.close();
    await Deno.remove(dir, { recursive: true });
  }
}

async function furnish(dir: string, endpoint: string, options: SiteOptions): Promise<void> {
  const config = `cluster: test
region: ${WORLD.region}
aws: { credentialsFile: ${dir}/credentials, configFile: ${dir}/aws-config, endpoints: { ec2: "${endpoint}", ssm: "${endpoint}" } }
slurm: { binDir: ${dir}, confDir: ${dir}${Deno.uid() === 0 ? ", user: root" : ""} }
stateDir: ${dir}/state
logFile: ${dir}/log
defaults: { os: { distribution: Rocky, version: "9" }, architecture: x86_64 }
nodeGroups:
  - { name: c, nodes: "c[0-99]", instanceTypes: [c7i.large], subnets: [${WORLD.subnetIds[0]}] }
  - { name: s, nodes: "s[0-9]", instanceTypes: [c7i.large], subnets: [${
    WORLD.subnetIds[1]
  }], powerDownAction: stop }
  - { name: w, nodes: "w[0-9]", instanceTypes: [m7i.large], subnets: [${WORLD.subnetIds[2]}] }
limits: { launchCheckSeconds: 0 }
`;
  const { accessKey } = { accessKey: "simulated", ...options };
  const credentials = `[default]\naws_access_key_id = ${accessKey}\naws_secret_access_key = x\n`;
  await Deno.writeTextFile(`${dir}/slurm-ec2.yaml`, options.config?.(config) ?? config);
  await Deno.writeTextFile(`${dir}/aws-config`, "");
  // A real scontrol of this machine gives up on it at once; for a missing file it would wait.
  await Deno.writeTextFile(`${dir}/no-slurm.conf`, "Not a Slurm configuration\n");
  if (accessKey !== undefined) await Deno.writeTextFile(`${dir}/credentials`, credentials);
  const slurm: FakeSlurm = { nodes: poweredDown(NODES), calls: [] };
  await Deno.writeTextFile(`${dir}/slurm.json`, JSON.stringify(slurm));
  const scontrol = `#!/bin/sh
DENO_DIR='${denoDir()}' exec '${Deno.execPath()}' run -A --quiet --no-check --no-lock --config '${CHECKOUT}deno.json' '${CHECKOUT}tests/commands/hooks/fake_scontrol.ts' '${dir}' "$@"
`;
  await Deno.writeTextFile(`${dir}/scontrol`, scontrol, { mode: 0o755 });
}

function site(dir: string, aws: WireAws): HookSite {
  const slurm = (): FakeSlurm => JSON.parse(Deno.readTextFileSync(`${dir}/slurm.json`));
  return {
    dir,
    aws,
    run: (args, options) => {
      Deno.writeTextFileSync(`${dir}/slurm.json`, JSON.stringify(asSlurmCalls(slurm(), args)));
      return runProgram(dir, args, options);
    },
    slurm,
    changeSlurm: (change) =>
      Deno.writeTextFileSync(`${dir}/slurm.json`, JSON.stringify({ ...slurm(), ...change })),
    log: () => Deno.readTextFileSync(`${dir}/log`),
    live: () =>
      aws.simulator.instances().filter(({ state }) => state === "pending" || state === "running")
        .map(({ instanceId }) => instanceId),
  };
}

/** No variable of ours reaches the program but those that it needs to find its modules, and it finds no Slurm of this machine. */
async function runProgram(
  dir: string,
  args: readonly string[],
  { env, stdin }: RunOptions = {},
): Promise<HookRun> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--no-check", "--cached-only", "--frozen", `${CHECKOUT}main.ts`, ...args],
    cwd: dir,
    clearEnv: true,
    env: {
      DENO_DIR: denoDir(),
      HOME: dir,
      SLURM_CONF: `${dir}/no-slurm.conf`,
      SLURM_EC2_CONFIG: `${dir}/slurm-ec2.yaml`,
      AWS_EC2_METADATA_DISABLED: "true",
      ...env,
    },
    stdin: stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  if (stdin !== undefined) {
    const writer = child.stdin.getWriter();
    // A program that refuses its arguments does not read to the end.
    await writer.write(new TextEncoder().encode(stdin)).then(() => writer.close()).catch(() => {});
  }
  const { code, stdout, stderr } = await child.output();
  const text = new TextDecoder().decode(stdout);
  checkJson(args, text);
  return { code, stdout: text, stderr: new TextDecoder().decode(stderr), json: () => JSON.parse(text) };
}

let knownDenoDir: string | undefined;

/** Where this Deno keeps the modules that it has. */
function denoDir(): string {
  if (knownDenoDir !== undefined) return knownDenoDir;
  const { stdout } = new Deno.Command(Deno.execPath(), { args: ["info", "--json"], cwd: "/" }).outputSync();
  return knownDenoDir = JSON.parse(new TextDecoder().decode(stdout)).denoDir as string;
}
