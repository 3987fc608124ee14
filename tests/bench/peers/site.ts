import { WORLD } from "../../../lib/sim/fresh_world.ts";
import { foldHostlist } from "../../../lib/slurm/hostlist.ts";
import { type NodeRecord, nodeRecords } from "./node_records.ts";
import { type NodeUpdate, SEPARATOR } from "./scontrol_log.ts";

/** A place to measure in: a directory with a scontrol that only takes notes, the same for every program. */
export interface Site {
  readonly dir: string;
  /** Where `scontrol` and `sinfo` are. */
  readonly slurmBin: string;
  /** Where the programs are that peers look for in PATH. */
  readonly pathBin: string;
  readonly files: Readonly<
    Record<"nodes" | "poweringDown" | "resume" | "scontrolLog" | "heartbeat" | "slurmConf", string>
  >;
  /** Copies of the Python programs: their compiled forms are not part of a checkout. */
  readonly python: string;
  close(): Promise<void>;
}

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
    poweringDown: `${dir}/powering-down`,
    resume: `${dir}/resume.json`,
    scontrolLog: `${dir}/scontrol.log`,
    heartbeat: `${dir}/heartbeat`,
    slurmConf: `${dir}/slurm.conf`,
  };
  for (const path of [slurmBin, pathBin, python, `${dir}/slurm/etc/pcluster`]) {
    await Deno.mkdir(path, { recursive: true });
  }
  await writeScript(`${slurmBin}/scontrol`, scontrol(files.scontrolLog, files.nodes));
  await writeScript(`${slurmBin}/sinfo`, `echo 'bench-dy-c7i-[1-1000]'`);
  await writeScript(`${pathBin}/sudo`, `exec "$@"`);
  await writeScript(`${pathBin}/get-compute-fleet-status.sh`, `echo '{"status": "RUNNING"}'`);
  await Deno.writeTextFile(
    `${dir}/slurm/etc/pcluster/parallelcluster_partition_nodelist_mapping.json`,
    JSON.stringify({ bench: "bench-dy-c7i-[1-1000]" }),
  );
  await Deno.writeTextFile(files.slurmConf, SLURM_CONF);
  const source = new URL("./python/", import.meta.url);
  for await (const { name, isFile } of Deno.readDir(source)) {
    if (isFile) await Deno.copyFile(new URL(name, source), `${python}/${name}`);
  }
  return { dir, slurmBin, pathBin, python, files, close: () => Deno.remove(dir, { recursive: true }) };
}

/** Slurm powers nodes up, for one job that needs them all or for a job a node. */
export async function setPoweringUp(
  site: Site,
  names: readonly string[],
  jobs: "one" | "each",
): Promise<void> {
  const records = names.map((name) => ({
    name,
    address: name,
    state: "ALLOCATED+CLOUD+NOT_RESPONDING+POWERING_UP",
  }));
  await writeNodes(site.files.nodes, records);
  await Deno.writeTextFile(site.files.resume, JSON.stringify(resumeFile(names, jobs)));
  await Deno.writeTextFile(site.files.scontrolLog, "");
  // clustermgtd's timestamp format; resume launches nothing when it is older than five minutes.
  const now = new Date().toISOString().replace("T", " ").replace(/\.(\d+)Z$/, ".$1000+0000");
  await Deno.writeTextFile(site.files.heartbeat, now);
}

/** The nodes are up; what scontrol shows once Slurm powers them down is put ready. */
export async function setUp(site: Site, updates: ReadonlyMap<string, NodeUpdate>): Promise<void> {
  const record =
    (state: string) => ([name, { address = name, instanceId }]: [string, NodeUpdate]): NodeRecord => ({
      name,
      address,
      instanceId,
      state,
    });
  await writeNodes(site.files.nodes, [...updates].map(record("IDLE+CLOUD")));
  await writeNodes(site.files.poweringDown, [...updates].map(record("IDLE+CLOUD+POWERING_DOWN")));
  await Deno.writeTextFile(site.files.scontrolLog, "");
}

function writeNodes(file: string, records: readonly NodeRecord[]): Promise<void> {
  return Deno.writeTextFile(file, nodeRecords(records));
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

/** Costs every program what a process costs, and answers at once. */
function scontrol(log: string, nodes: string): string {
  // One write a call, for two may run at once.
  return `call=
for argument; do call="$call$argument${SEPARATOR}"; done
printf '%s\\n' "$call" >>${log}
case "$1 $2" in
  'show config') printf '%s\\n' 'ResumeTimeout           = 1800 sec' 'SuspendTimeout          = 120 sec' ;;
  'show nodes')
    case $3 in
      -o) exec awk '${ONE_LINE}' ${log} ${nodes} ;;
      *) exec cat ${nodes} ;;
    esac
    ;;
  'show partition') echo 'PartitionName=bench State=UP TotalCPUs=2000 TotalNodes=1000 ResumeTimeout=GLOBAL SuspendTimeout=GLOBAL SuspendTime=600' ;;
  'show partitions') printf '%s\\n' 'PartitionName=bench' '   State=UP TotalCPUs=2000 TotalNodes=1000' ;;
  'show reservations') echo 'No reservations in the system' ;;
esac`;
}

/**
 * An awk program that prints nodes in one line each, with the state that they were last given: our controller looks
 * whether slurmctld shows it. Reads the log of scontrol first, and then the nodes.
 */
const ONE_LINE = String.raw`
  BEGIN { FS = "${SEPARATOR}"; shown["DOWN"] = "DOWN+CLOUD"; shown["POWER_DOWN_FORCE"] = "IDLE+CLOUD+POWER_DOWN" }
  NR == FNR {
    list = state = ""
    for (i = 2; $1 == "update" && i <= NF; i++) {
      value = $i
      sub(/^[^=]*=/, "", value)
      if (tolower($i) ~ /^nodename=/) list = value
      if (tolower($i) ~ /^state=/) state = toupper(value)
    }
    if (!(state in shown)) next
    gsub(/bench-dy-c7i-|\[|\]/, "", list)
    count = split(list, ranges, ",")
    for (i = 1; i <= count; i++) {
      split(ranges[i] "-" ranges[i], ends, "-")
      for (n = ends[1]; n <= ends[2]; n++) given["bench-dy-c7i-" n] = shown[state]
    }
    next
  }
  /^NodeName=/ {
    if (FNR > 1) print ""
    name = $0
    sub(/^NodeName=/, "", name)
    sub(/ .*/, "", name)
  }
  /^ *State=/ && name in given { sub(/State=[^ ]*/, "State=" given[name]) }
  { sub(/^ +/, ""); printf "%s ", $0 }
  END { print "" }
`;

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
