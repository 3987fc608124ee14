import { WORLD } from "../../../lib/sim/fresh_world.ts";
import { foldHostlist } from "../../../lib/slurm/hostlist.ts";
import { fakeScontrol } from "./fake_scontrol.ts";
import { nodeLines, type NodeRecord, nodeRecords } from "./node_records.ts";
import type { NodeUpdate } from "./scontrol_log.ts";

/** A place to measure in: a directory with a scontrol of no slurmctld, the same for every program. */
export interface Site {
  readonly dir: string;
  /** Where `scontrol` and `sinfo` are. */
  readonly slurmBin: string;
  /** Where the programs are that peers look for in PATH. */
  readonly pathBin: string;
  readonly files: Readonly<
    Record<
      | "nodes"
      | "nodeLines"
      | "poweringDown"
      | "resume"
      | "scontrolLog"
      | "updates"
      | "heartbeat"
      | "slurmConf",
      string
    >
  >;
  /** Copies of the Python programs: their compiled forms are not part of a checkout. */
  readonly python: string;
  close(): Promise<void>;
}

/** The hostlist of all nodes that programs know. */
export const ALL_NODES = "bench-dy-c7i-[1-12000]";

/** The nodes of the measured cluster: ParallelCluster's form, queue-dynamic-resource-number. */
export function nodeNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `bench-dy-c7i-${index + 1}`);
}

/** Makes a site in a temporary directory. */
export async function makeSite(): Promise<Site> {
  const dir = await Deno.makeTempDir({ prefix: "slurm-ec2-bench-" });
  await Deno.chmod(dir, 0o755);
  const [slurmBin, pathBin, python] = [`${dir}/slurm/bin`, `${dir}/path`, `${dir}/python`] as const;
  const files = {
    nodes: `${dir}/nodes`,
    nodeLines: `${dir}/node-lines`,
    poweringDown: `${dir}/powering-down`,
    resume: `${dir}/resume.json`,
    scontrolLog: `${dir}/scontrol.log`,
    updates: `${dir}/updates`,
    heartbeat: `${dir}/heartbeat`,
    slurmConf: `${dir}/slurm.conf`,
  };
  for (const path of [slurmBin, pathBin, python, `${dir}/slurm/etc/pcluster`]) {
    await Deno.mkdir(path, { recursive: true });
  }
  await writeScript(`${slurmBin}/scontrol`, fakeScontrol({ ...files, log: files.scontrolLog }));
  await writeScript(`${slurmBin}/sinfo`, `echo '${ALL_NODES}'`);
  await writeScript(`${pathBin}/sudo`, `exec "$@"`);
  await writeScript(`${pathBin}/get-compute-fleet-status.sh`, `echo '{"status": "RUNNING"}'`);
  await Deno.writeTextFile(
    `${dir}/slurm/etc/pcluster/parallelcluster_partition_nodelist_mapping.json`,
    JSON.stringify({ bench: ALL_NODES }),
  );
  await Deno.writeTextFile(files.slurmConf, SLURM_CONF);
  const source = new URL("./python/", import.meta.url);
  for await (const { name, isFile } of Deno.readDir(source)) {
    if (isFile) await Deno.copyFile(new URL(name, source), `${python}/${name}`);
  }
  return { dir, slurmBin, pathBin, python, files, close: () => Deno.remove(dir, { recursive: true }) };
}

/** Slurm powers nodes up, for one job that needs them all or for a job a node; others are up. */
export async function setPoweringUp(
  site: Site,
  names: readonly string[],
  jobs: "one" | "each",
  up: ReadonlyMap<string, NodeUpdate> = new Map(),
): Promise<void> {
  await showNodes(site, [...poweringUp(names), ...upRecords(up, "IDLE+CLOUD")]);
  await writeResumeFile(site.files.resume, names, jobs);
  // clustermgtd's timestamp format; resume launches nothing when it is older than five minutes.
  const now = new Date().toISOString().replace("T", " ").replace(/\.(\d+)Z$/, ".$1000+0000");
  await Deno.writeTextFile(site.files.heartbeat, now);
}

/** What those are shown who ask for some of the nodes that power up, while it is wanted; the function ends that. */
export async function showSome(
  site: Site,
  jobs: readonly (readonly string[])[],
): Promise<() => Promise<void>> {
  const files = jobs.map((names) => [`${site.files.nodes}.${foldHostlist(names)}`, names] as const);
  for (const [file, names] of files) await Deno.writeTextFile(file, nodeRecords(poweringUp(names)));
  return async () => {
    for (const [file] of files) await Deno.remove(file);
  };
}

function poweringUp(names: readonly string[]): NodeRecord[] {
  return names.map((name) => ({ name, address: name, state: "ALLOCATED+CLOUD+NOT_RESPONDING+POWERING_UP" }));
}

/** The nodes are up, and others too; what scontrol shows once Slurm powers them down is put ready. */
export async function setUp(site: Site, updates: ReadonlyMap<string, NodeUpdate>): Promise<void> {
  await showNodes(site, upRecords(updates, "IDLE+CLOUD"));
  const poweringDown = upRecords(updates, "IDLE+CLOUD+POWERING_DOWN");
  await Deno.writeTextFile(site.files.poweringDown, nodeRecords(poweringDown));
}

/** Slurm powers nodes down, others stay up. */
export async function setPoweringDown(
  site: Site,
  updates: ReadonlyMap<string, NodeUpdate>,
  up: ReadonlyMap<string, NodeUpdate> = new Map(),
): Promise<void> {
  await showNodes(site, [
    ...upRecords(updates, "IDLE+CLOUD+POWERING_DOWN"),
    ...upRecords(up, "IDLE+CLOUD"),
  ]);
}

function upRecords(updates: ReadonlyMap<string, NodeUpdate>, state: string): NodeRecord[] {
  return [...updates].map(([name, { address = name, instanceId }]) => ({ name, address, instanceId, state }));
}

async function showNodes({ files }: Site, records: readonly NodeRecord[]): Promise<void> {
  await Deno.writeTextFile(files.updates, "");
  await Deno.writeTextFile(files.scontrolLog, "");
  await Deno.writeTextFile(files.nodes, nodeRecords(records));
  await Deno.writeTextFile(files.nodeLines, nodeLines(records));
}

/** Writes what slurmctld gives a ResumeProgram. */
export async function writeResumeFile(
  file: string,
  names: readonly string[],
  jobs: "one" | "each",
): Promise<void> {
  await Deno.writeTextFile(file, JSON.stringify(resumeFile(names, jobs)));
}

function resumeFile(names: readonly string[], jobs: "one" | "each"): object {
  const job = (nodes: readonly string[], index: number) => ({
    extra: null,
    features: null,
    job_id: index + 1,
    nodes_alloc: foldHostlist(nodes),
    nodes_resume: foldHostlist(nodes),
    oversubscribe: "OK",
    partition: "bench",
    reservation: null,
  });
  return {
    jobs: jobs === "one" ? [job(names, 0)] : names.map((name, index) => job([name], index)),
    all_nodes_resume: foldHostlist(names),
  };
}

function writeScript(path: string, body: string): Promise<void> {
  return Deno.writeTextFile(path, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
}

/** Credentials and place, from the environment for every program. */
export function awsEnvironment(url: string): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: "simulated",
    AWS_SECRET_ACCESS_KEY: "simulated",
    AWS_REGION: WORLD.region,
    AWS_DEFAULT_REGION: WORLD.region,
    AWS_ENDPOINT_URL: url,
  };
}

/** A small slurm.conf to lint. */
const SLURM_CONF = `ClusterName=bench
SlurmctldHost=ctl
SelectType=select/cons_tres
SlurmctldParameters=idle_on_node_suspend
ResumeProgram=/opt/slurm/resume
SuspendProgram=/opt/slurm/stop
ResumeFailProgram=/opt/slurm/resume-fail
ResumeRate=0
SuspendRate=0
ResumeTimeout=600
SuspendTimeout=120
NodeName=c[0-9] CPUs=4 RealMemory=15000 State=CLOUD
PartitionName=p Nodes=ALL
`;
