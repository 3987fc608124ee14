import { WORLD } from "../../../lib/sim/fresh_world.ts";
import { installBuilt } from "../../fixtures/built_file.ts";
import type { Contestant, PowerJob } from "./contestants.ts";
import { CLUSTER, INSTANCE_TYPE, SUBNET } from "./launch_template.ts";
import type { Invocation } from "./measured_process.ts";
import { ALL_NODES, awsEnvironment, type Site } from "./site.ts";

/** Our hooks of one built file, called by slurmctld, with the worker that they start or with one that is there already. */
export async function installedHooks(
  site: Site,
  { file, warm, types }: {
    readonly file: string;
    readonly warm: boolean;
    readonly types?: readonly string[];
  },
): Promise<Contestant> {
  const id = warm ? "warm" : "cold";
  const home = await install(site, { id, file, limits: "", ...(types && { types }) });
  const env = { SLURM_CONF: site.files.slurmConf };
  return {
    id,
    name: `slurm-ec2, worker ${id}`,
    kind: "ours",
    resume: ({ hostlist, resumeFile }) => ({
      argv: [`${home}/bin/resume`, hostlist],
      env: { ...env, SLURM_RESUME_FILE: resumeFile },
    }),
    suspend: ({ hostlist }) => ({ argv: [`${home}/bin/stop`, hostlist], env }),
    worker: {
      warm,
      useEndpoint: (url) => writeSettings(home, awsEnvironment(url)),
    },
    ...(!warm && { lint: lintOf(home) }),
    forget: () => forget(home),
  };
}

/** The hooks of the last commit whose hooks did the work themselves, and ended with it. */
export async function formerHooks(
  site: Site,
  file: string,
  types?: readonly string[],
): Promise<Contestant> {
  // Births are not watched: by then Slurm knows all, and the hook only waits.
  const limits = "limits: { birthCheckSeconds: 0 }\n";
  const home = await install(site, { id: "former", file, limits, ...(types && { types }) });
  await writeSettings(home, {});
  const env = ({ url }: PowerJob) => ({ SLURM_CONF: site.files.slurmConf, ...awsEnvironment(url) });
  return {
    id: "former",
    name: "slurm-ec2 9139880",
    kind: "former",
    resume: (job): Invocation => ({
      argv: [`${home}/bin/resume`, job.hostlist],
      env: { ...env(job), SLURM_RESUME_FILE: job.resumeFile },
    }),
    suspend: (job) => ({ argv: [`${home}/bin/stop`, job.hostlist], env: env(job) }),
    lint: lintOf(home),
    forget: () => forget(home),
  };
}

/** Installs a built file as root would, below the site. */
async function install(
  site: Site,
  { id, file, limits, types = [INSTANCE_TYPE] }: {
    readonly id: string;
    readonly file: string;
    readonly limits: string;
    readonly types?: readonly string[];
  },
): Promise<string> {
  const home = `${site.dir}/${id}`;
  await Deno.mkdir(home);
  await installBuilt(file, home);
  await Deno.mkdir(`${home}/state`);
  await Deno.writeTextFile(
    `${home}/etc/slurm-ec2.yaml`,
    `cluster: ${CLUSTER}
region: ${WORLD.region}
slurm: { binDir: ${site.slurmBin} }
stateDir: ${home}/state
logFile: ${home}/log
defaults: { os: { distribution: Rocky, version: "9" } }
nodeGroups:
  - { name: c7i, nodes: "${ALL_NODES}", instanceTypes: [${types}], subnets: [${SUBNET}] }
${limits}`,
  );
  return home;
}

/** What the hooks read of their surroundings, and no line in the machine's own log for runs that are meant to fail. */
async function writeSettings(home: string, more: Readonly<Record<string, string>>): Promise<void> {
  const settings = {
    SLURM_EC2_STATE_DIR: `${home}/state`,
    SLURM_EC2_DENO_DIR: `${home}/deno`,
    SLURM_EC2_LOGGER: "/bin/true",
    ...more,
  };
  const lines = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
  await Deno.writeTextFile(`${home}/etc/hooks.env`, `${lines.join("\n")}\n`);
}

/** The cluster is forgotten, but not what makes a start fast. */
async function forget(home: string): Promise<void> {
  await Deno.remove(`${home}/state`, { recursive: true });
  await Deno.mkdir(`${home}/state`);
}

function lintOf(home: string): (file: string) => Invocation {
  return (file) => ({
    argv: [`${home}/bin/slurm-ec2`, "config", "lint", file],
    env: { PATH: "/usr/bin:/bin", HOME: home, SLURM_EC2_DENO_DIR: `${home}/deno` },
  });
}
