import { snapshotInstanceTypes } from "../../lib/aws/instance_type_snapshot.ts";
import { WORLD } from "../../lib/sim/fresh_world.ts";
import { serveAws, type WireAws } from "../../lib/sim/wire/server.ts";
import { installBuilt } from "../fixtures/built_file.ts";

/** A program that is measured: an installed built file, with a simulated AWS and a scontrol that answers at once. */
export interface BenchSite extends AsyncDisposable {
  readonly name: string;
  readonly prefix: string;
  /** A fresh simulated AWS, an empty state, no worker. */
  begin(): Promise<WireAws>;
  /** Calls a hook as slurmctld does; milliseconds until it has returned, and its exit status. */
  hook(name: string, hostlist: string, resumeFile?: string): Promise<{ milliseconds: number; code: number }>;
  /** The process id of a worker that gives signs of life; undefined: there is none. */
  worker(): number | undefined;
  /** What slurmctld shows of nodes; the others are off. */
  slurm(nodes: readonly SlurmNode[]): void;
}

/** A node as slurmctld shows it. */
export interface SlurmNode {
  readonly name: string;
  /** E.g. `ALLOCATED+CLOUD+POWERING_UP`. */
  readonly state: string;
  readonly address?: string;
}

/** Nodes of the configuration, and of slurmctld. */
export const BENCH_NODES = Array.from({ length: 10_000 }, (_, i) => `c${i}`);

/** A program to measure, and where its configuration differs from others'. */
export interface BenchProgram {
  readonly name: string;
  /** The built file. */
  readonly file: string;
  /** Key of `limits` that says when births are looked at. */
  readonly launchCheck: "birthCheckSeconds" | "launchCheckSeconds";
}

const PARAMETERS = {
  [`/bench/SlurmNodeAmi/Rocky/9/x86_64/${WORLD.region}`]: WORLD.imageIds.x86_64,
  [`/bench/SlurmNodeEc2KeyPairs/${WORLD.region}`]: WORLD.keyName,
  [`/bench/SlurmNodeSecurityGroups/${WORLD.region}`]: WORLD.securityGroupId,
};

/** Installs a built file below a prefix of its own. */
export async function makeBenchSite({ name, file, launchCheck }: BenchProgram): Promise<BenchSite> {
  const prefix = await Deno.makeTempDir({ prefix: "slurm-ec2-bench-" });
  const instanceTypes = await snapshotInstanceTypes();
  await installBuilt(file, prefix);
  await Deno.mkdir(`${prefix}/slurm`);
  await Deno.writeTextFile(`${prefix}/slurm/scontrol`, scontrolText(prefix), { mode: 0o755 });
  let aws: WireAws | undefined;
  const site: BenchSite = {
    name,
    prefix,
    async begin() {
      await endWorker(site);
      await aws?.close();
      await Deno.remove(`${prefix}/state`, { recursive: true }).catch(() => {});
      await Deno.mkdir(`${prefix}/state`);
      aws = serveAws({ instanceTypes, parameters: PARAMETERS });
      await Deno.writeTextFile(`${prefix}/etc/slurm-ec2.yaml`, configText(prefix, aws.url, launchCheck));
      const settings = [
        `SLURM_EC2_STATE_DIR=${prefix}/state`,
        "AWS_ACCESS_KEY_ID=simulated",
        "AWS_SECRET_ACCESS_KEY=simulated",
        `SLURM_EC2_DENO_DIR=${prefix}/deno`,
        "SLURM_EC2_LOGGER=true",
      ];
      await Deno.writeTextFile(`${prefix}/etc/hooks.env`, settings.join("\n"));
      site.slurm([]);
      return aws;
    },
    async hook(hook, hostlist, resumeFile) {
      const started = performance.now();
      const { code } = await new Deno.Command(`${prefix}/bin/${hook}`, {
        args: [hostlist],
        clearEnv: true,
        env: resumeFile === undefined ? {} : { SLURM_RESUME_FILE: resumeFile },
        stdin: "null",
        stdout: "null",
        stderr: "null",
      }).output();
      return { milliseconds: performance.now() - started, code };
    },
    worker: () => workerOf(prefix),
    slurm(nodes) {
      const given = new Map(nodes.map((node) => [node.name, node]));
      const line = (name: string) => {
        const { state = "IDLE+CLOUD+POWERED_DOWN", address = name } = given.get(name) ?? {};
        return `NodeName=${name} Arch=x86_64 NodeAddr=${address} NodeHostName=${name} State=${state} Partitions=cloud\n`;
      };
      Deno.writeTextFileSync(`${prefix}/slurm/nodes`, BENCH_NODES.map(line).join(""));
      Deno.writeTextFileSync(`${prefix}/slurm/nodes_on`, nodes.map(({ name }) => line(name)).join(""));
    },
    async [Symbol.asyncDispose]() {
      await endWorker(site);
      await aws?.close();
      await Deno.remove(prefix, { recursive: true });
    },
  };
  return site;
}

/** It costs what a process costs. Asked for some nodes, it shows those that are not off; a bench asks for no others. */
function scontrolText(prefix: string): string {
  return `#!/bin/sh
case "$*" in
  *"show config"*) printf 'ResumeTimeout           = 600 sec\\nSuspendTimeout          = 60 sec\\n' ;;
  *"show nodes -o "* | *"show node -o "*) cat ${prefix}/slurm/nodes_on ;;
  *"show nodes"* | *"show node"*) cat ${prefix}/slurm/nodes ;;
esac
`;
}

function configText(prefix: string, url: string, launchCheck: string): string {
  return `cluster: bench
region: ${WORLD.region}
aws: { endpoints: { ec2: "${url}", ssm: "${url}" } }
slurm: { binDir: ${prefix}/slurm }
stateDir: ${prefix}/state
logFile: ${prefix}/log
defaults: { os: { distribution: Rocky, version: "9" } }
nodeGroups:
  - { name: c, nodes: "c[0-${BENCH_NODES.length - 1}]", instanceTypes: [c7i.large], subnets: [${
    WORLD.subnetIds[0]
  }, ${WORLD.subnetIds[1]}] }
limits: { ${launchCheck}: 0 }
`;
}

/** A worker's own word for which process it is, where that process still is one. */
function workerOf(prefix: string): number | undefined {
  try {
    const pid = Number(Deno.readTextFileSync(`${prefix}/state/heartbeat`).split(" ")[0]);
    const isIts = Deno.readTextFileSync(`/proc/${pid}/cmdline`).includes(`${prefix}/state/queue`);
    return isIts ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** SIGKILL to the supervisor first, which would start another, each by its number. */
async function endWorker({ prefix }: Pick<BenchSite, "prefix">): Promise<void> {
  for (;;) {
    const left = [...Deno.readDirSync("/proc")].map(({ name }) => Number(name)).filter((pid) =>
      pid > 1 && pid !== Deno.pid && argumentsOf(pid).includes(`${prefix}/`)
    );
    if (left.length === 0) return;
    for (const pid of left) {
      try {
        Deno.kill(pid, "SIGKILL");
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function argumentsOf(pid: number): string {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/cmdline`);
  } catch {
    return "";
  }
}
