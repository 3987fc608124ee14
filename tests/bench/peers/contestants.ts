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
  /** What slurmctld gives the ResumeProgram. */
  readonly resumeFile: string;
}

/** A program that is measured. */
export interface Contestant extends Program {
  resume(job: PowerJob): Invocation;
  suspend(job: PowerJob): Invocation;
  /** File with the figures of a suspend that is part of a daemon: wall, cpu, peakMiB, slept, loop. */
  readonly passFigures?: string;
  /** Where the process that is called leaves the work to another: absent where its end is the work's. */
  readonly worker?: Worker;
  /** `config lint` of a slurm.conf. */
  lint?(file: string): Invocation;
  /** Forgets all about the cluster, but not what makes a start fast; absent where nothing is remembered. */
  forget?(): Promise<void>;
}

/** How hooks are measured that return at once. */
export interface Worker {
  /** Whether one is there already, idle, when the hook is called. */
  readonly warm: boolean;
  /** Tells workers to come where the endpoint is: hooks hand on nothing of their environment. */
  useEndpoint(url: string): Promise<void>;
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
    resume: ({ hostlist, url, resumeFile }) => ({
      argv: [python.program, `${site.python}/peer_resume.py`, hostlist],
      env: { ...environment(url, "resume.conf"), SLURM_RESUME_FILE: resumeFile },
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
