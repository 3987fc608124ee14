import { WORLD } from "../../../lib/sim/fresh_world.ts";
import { CLUSTER, INSTANCE_TYPE, LAUNCH_TEMPLATE, SECOND_INSTANCE_TYPE, SUBNET } from "./launch_template.ts";
import type { Invocation } from "./measured_process.ts";
import type { Python } from "./python_packages.ts";
import type { Program } from "./results.ts";
import { awsEnvironment, type Site } from "./site.ts";

/** What a program is asked to do. */
export interface PowerJob {
  readonly names: readonly string[];
  readonly hostlist: string;
  /** The endpoint of EC2 and everything else. */
  readonly url: string;
}

/** A program that is measured. */
export interface Contestant extends Program {
  resume(job: PowerJob): Invocation;
  suspend(job: PowerJob): Invocation;
  /** File with the figures of a suspend that is part of a daemon: wall, cpu, peakMiB, slept, loop. */
  readonly passFigures?: string;
  /** {@link resume} with the look at new instances that it has by default. */
  resumeAsShipped?(job: PowerJob): Invocation;
  /** `config lint` of a slurm.conf. */
  lint?(file: string): Invocation;
  /** Forgets all about the cluster, but not what makes a start fast; absent where nothing is remembered. */
  forget?(): Promise<void>;
}

const CHECKOUT = new URL("../../../", import.meta.url).pathname;
const HOOKS = `${CHECKOUT}deploy/hooks/`;

/** Our hooks with the bundle that deploy/hooks/prepare makes, called by their names as slurmctld does. */
export async function bundledHooks(site: Site): Promise<Contestant> {
  const home = `${site.dir}/bundle`;
  const { success, stderr } = await new Deno.Command(`${HOOKS}prepare`, { args: [`${home}/lib/slurm-ec2`] })
    .output();
  if (!success) throw new Error(`deploy/hooks/prepare failed: ${new TextDecoder().decode(stderr)}`);
  await installHooks(home, site.slurmBin);
  const denoDir = { DENO_DIR: `${home}/deno` };
  const [deno, main] = [`${home}/lib/slurm-ec2/deno`, `${home}/lib/slurm-ec2/main.js`];
  return {
    id: "bundle",
    name: "slurm-ec2, bundle",
    kind: "ours",
    ...hookInvocations(site, home, { SLURM_EC2_DENO_DIR: `${home}/deno` }),
    lint: (file) => ({
      argv: [deno, ...LINT_FLAGS, `--allow-read=${file}`, main, "config", "lint", file],
      env: { ...denoDir, PATH: "/usr/bin:/bin", HOME: home },
    }),
  };
}

/** As the hooks start a bundle. */
const LINT_FLAGS = [
  "run",
  "--quiet",
  "--no-prompt",
  "--cached-only",
  "--no-config",
  "--no-lock",
  "--no-npm",
  "--no-remote",
];

/** Our hooks with the one file that `deno task compile` makes; undefined where it has not been made. */
export async function compiledHooks(
  site: Site,
  binary = `${CHECKOUT}dist/slurm-ec2`,
): Promise<Contestant | undefined> {
  const home = `${site.dir}/binary`;
  const env = { SLURM_EC2_HOME: `${home}/extracted` };
  await Deno.mkdir(`${home}/bin`, { recursive: true });
  await Deno.mkdir(env.SLURM_EC2_HOME, { mode: 0o700 });
  try {
    await Deno.copyFile(binary, `${home}/bin/slurm-ec2`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  await Deno.chmod(`${home}/bin/slurm-ec2`, 0o755);
  await installHooks(home, site.slurmBin);
  return {
    id: "binary",
    name: "slurm-ec2, one file",
    kind: "ours",
    ...hookInvocations(site, home, env),
    lint: (file) => ({
      argv: [`${home}/bin/slurm-ec2`, "config", "lint", file],
      env: { ...env, PATH: "/usr/bin:/bin", HOME: home },
    }),
  };
}

async function installHooks(home: string, binDir: string): Promise<void> {
  for (const name of ["bin", "etc", "state"]) await Deno.mkdir(`${home}/${name}`, { recursive: true });
  await Deno.copyFile(`${HOOKS}hook`, `${home}/bin/hook`);
  for (const name of ["resume", "stop"]) await Deno.symlink("hook", `${home}/bin/${name}`);
  const config = `cluster: ${CLUSTER}
region: ${WORLD.region}
slurm: { binDir: ${binDir} }
stateDir: ${home}/state
logFile: ${home}/log
defaults: { os: { distribution: Rocky, version: "9" } }
nodeGroups:
  - { name: c7i, nodes: "bench-dy-c7i-[1-1000]", instanceTypes: [${INSTANCE_TYPE}], subnets: [${SUBNET}] }
`;
  await Deno.writeTextFile(asShipped(home), config);
  // Births are not watched: by then Slurm knows all, and the hook only waits.
  await Deno.writeTextFile(`${home}/etc/slurm-ec2.yaml`, `${config}limits: { launchCheckSeconds: 0 }\n`);
}

const asShipped = (home: string) => `${home}/etc/as-shipped.yaml`;

function hookInvocations(
  { files }: Site,
  home: string,
  env: Readonly<Record<string, string>>,
): Pick<Contestant, "resume" | "resumeAsShipped" | "suspend" | "forget"> {
  // What slurmctld gives, credentials, and no line in the machine's own log for runs that are meant to fail.
  const common = { SLURM_CONF: files.slurmConf, SLURM_EC2_LOGGER: "/bin/true", ...env };
  // In the foreground: as slurmctld calls it, a hook returns before the worker that it starts has done anything.
  const resume = (args: readonly string[]) => ({ hostlist, url }: PowerJob): Invocation => ({
    argv: [`${home}/bin/resume`, "--json", ...args, hostlist],
    env: { ...common, ...awsEnvironment(url), SLURM_RESUME_FILE: files.resume },
  });
  return {
    resume: resume([]),
    resumeAsShipped: resume(["--config", asShipped(home)]),
    suspend: ({ hostlist, url }) => ({
      argv: [`${home}/bin/stop`, "--json", hostlist],
      env: { ...common, ...awsEnvironment(url) },
    }),
    async forget() {
      await Deno.remove(`${home}/state`, { recursive: true });
      await Deno.mkdir(`${home}/state`);
    },
  };
}

/** aws-parallelcluster-node as shipped, with one of its two ways to launch. */
export async function parallelCluster(
  site: Site,
  python: Python,
  api: "run-instances" | "create-fleet",
): Promise<Contestant> {
  const home = `${site.dir}/${api}`;
  await Deno.mkdir(`${home}/log`, { recursive: true });
  await Deno.writeTextFile(`${home}/fleet-config.json`, JSON.stringify(fleetConfig(api)));
  await Deno.writeTextFile(`${home}/resume.conf`, peerConfig(site, home, "slurm_resume"));
  await Deno.writeTextFile(`${home}/clustermgtd.conf`, peerConfig(site, home, "clustermgtd"));
  const environment = (url: string, config: string) => ({
    ...pythonEnvironment(site, home, url),
    PEER_LOG_DIR: `${home}/log`,
    CONFIG_FILE: `${home}/${config}`,
  });
  const passFigures = `${home}/figures.json`;
  const { nodes, poweringDown, scontrolLog } = site.files;
  return {
    id: api === "run-instances" ? "pc-ri" : "pc-cf",
    name: `ParallelCluster, ${api === "run-instances" ? "RunInstances" : "CreateFleet"}`,
    kind: "peer",
    passFigures,
    resume: ({ hostlist, url }) => ({
      argv: [python.program, `${site.python}/peer_resume.py`, hostlist],
      env: { ...environment(url, "resume.conf"), SLURM_RESUME_FILE: site.files.resume },
    }),
    suspend: ({ url }) => ({
      argv: [
        python.program,
        `${site.python}/peer_pass.py`,
        nodes,
        poweringDown,
        url,
        scontrolLog,
        passFigures,
      ],
      env: environment(url, "clustermgtd.conf"),
    }),
  };
}

function fleetConfig(api: string): object {
  const types = api === "run-instances" ? [INSTANCE_TYPE] : [INSTANCE_TYPE, SECOND_INSTANCE_TYPE];
  return {
    bench: {
      c7i: {
        Api: api,
        CapacityType: "on-demand",
        AllocationStrategy: "lowest-price",
        Instances: types.map((InstanceType) => ({ InstanceType })),
        Networking: { SubnetIds: [SUBNET] },
      },
    },
  };
}

/** What ParallelCluster's recipes write, as far as it has no default. */
function peerConfig(site: Site, home: string, section: "slurm_resume" | "clustermgtd"): string {
  const heartbeat = section === "clustermgtd" ? "heartbeat_file_path" : "clustermgtd_heartbeat_file_path";
  return `[${section}]
cluster_name = ${CLUSTER}
region = ${WORLD.region}
dynamodb_table = parallelcluster-slurm-${CLUSTER}
head_node_private_ip = 10.0.0.10
head_node_hostname = head
instance_id = i-00000000000000000
${heartbeat} = ${site.files.heartbeat}
fleet_config_file = ${home}/fleet-config.json
`;
}

/** The least that boto3 takes: one call of EC2, one of scontrol. */
export async function boto3Floor(site: Site, python: Python): Promise<Contestant> {
  const home = `${site.dir}/boto3`;
  await Deno.mkdir(home);
  await Deno.writeTextFile(`${home}/launch.json`, JSON.stringify(LAUNCH_TEMPLATE));
  const argv = (verb: string) => [
    python.program,
    `${site.python}/boto3_floor.py`,
    verb,
    `${home}/launch.json`,
    `${home}/ids`,
  ];
  return {
    id: "boto3",
    name: "boto3 alone",
    kind: "floor",
    resume: ({ names, url }) => ({
      argv: [...argv("resume"), names.join(",")],
      env: pythonEnvironment(site, home, url),
    }),
    suspend: ({ url }) => ({ argv: argv("stop"), env: pythonEnvironment(site, home, url) }),
  };
}

function pythonEnvironment(site: Site, home: string, url: string): Record<string, string> {
  return {
    ...awsEnvironment(url),
    PATH: `${site.pathBin}:/usr/bin:/bin`,
    HOME: home,
    SLURM_BINARIES_DIR: site.slurmBin,
  };
}
