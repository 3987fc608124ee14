import { openRoom, type Ran, removeTree, type Room, type RoomNetwork, type RunOptions } from "./room.ts";

/** Versions of Slurm that Debian carries: bookworm, trixie, sid. */
export type SlurmVersion = "22.05" | "24.11" | "26.05";

/** Absolute paths of the three power-saving programs, as slurmctld will call them. */
export interface Hooks {
  readonly resume: string;
  readonly suspend: string;
  readonly resumeFail: string;
}

/** What a rig is made of. Durations in seconds. */
export interface RigOptions {
  readonly version: SlurmVersion;
  /** Nodes are c0 to c<nodes-1>. */
  readonly nodes: number;
  /** Paths, or what puts the hooks in place before slurmctld looks for them. */
  readonly hooks: Hooks | ((place: RigPlace) => Hooks | Promise<Hooks>);
  readonly slurmUser?: "root" | "slurm";
  readonly suspendTime?: number;
  readonly suspendTimeout?: number;
  readonly resumeTimeout?: number;
  /** Further slurm.conf lines. */
  readonly extraConf?: string | ((place: RigPlace) => string);
  /** Whether slurm.conf names a backup, `rigb`, as well; whoever wants it starts its slurmctld. */
  readonly backup?: boolean;
  /** The machine's unless given; in one of its own nobody knows the nodes' names. */
  readonly network?: RoomNetwork;
}

/** Where a rig keeps its files; the same paths inside and outside of its room. */
export interface RigPlace {
  /** Belongs to root, readable for all. */
  readonly dir: string;
  readonly slurmConf: string;
  /** Belongs to SlurmUser: logs of slurmctld and slurmd. */
  readonly logDir: string;
}

/** A private Slurm with power saving, on loopback. */
export interface Rig extends RigPlace {
  readonly version: SlurmVersion;
  readonly room: Room;
  /** Runs a command with SLURM_CONF set, for {@link PATIENCE} minutes at most by default. */
  run(argv: readonly string[], options?: RunOptions): Promise<Ran>;
  /** Node → compact state, e.g. `idle~` (powered down), `idle#` (powering up), `down~`. */
  sinfo(): Promise<ReadonlyMap<string, string>>;
  /**
   * Polls until the probe says yes; `seconds` is what it may take on a machine that does nothing else, and
   * {@link PATIENCE} times that is waited for: no test holds slurmctld or us to a second.
   * @throws {Error} with the ends of all logs when it has not by then.
   */
  until(what: string, seconds: number, probe: () => Promise<boolean> | boolean): Promise<void>;
  /** Ends of all logs, for failure messages. */
  logTails(): string;
  close(): Promise<void>;
}

/** How much slower than an idle machine a loaded one may be before a test gives up. */
export const PATIENCE = 4;

const RIGS = Deno.env.get("SLURM_EC2_RIGS") ?? "/var/cache/slurm-ec2-rigs";

/** Why a rig of this version can't run here, or undefined when it can. */
export function whyNoRig(version: SlurmVersion): string | undefined {
  if (Deno.uid() !== 0) return "a private Slurm takes root (namespaces, mounts, slurmd)";
  return rootOf(version) === undefined
    ? `no Slurm ${version} on this machine or in ${RIGS} (.ci/run installs it)`
    : undefined;
}

/** The file tree that this version lives in: the machine's own, or a folder made by debootstrap. */
export function rootOf(version: SlurmVersion): string | undefined {
  if (exists(`${RIGS}/${version}/usr/sbin/slurmctld`)) return `${RIGS}/${version}`;
  if (!exists("/usr/sbin/slurmctld")) return undefined;
  const { stdout } = new Deno.Command("/usr/sbin/slurmctld", { args: ["-V"] }).outputSync();
  return new TextDecoder().decode(stdout).includes(` ${version}`) ? "/" : undefined;
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Starts munged and slurmctld in a room of their own; slurmd's are started by the test, which plays EC2. */
export async function startRig(options: RigOptions): Promise<Rig> {
  const root = rootOf(options.version);
  if (root === undefined) throw new Error(whyNoRig(options.version));
  const dir = await Deno.makeTempDir({ prefix: "slurm-ec2-rig-" });
  const place: RigPlace = { dir, slurmConf: `${dir}/etc/slurm.conf`, logDir: `${dir}/log` };
  await Deno.chmod(dir, 0o755);
  const known = options.network === "own" ? [] : nodeNames(options.nodes);
  await Deno.writeTextFile(
    `${dir}/hosts`,
    `127.0.0.1 ${["localhost", "rig", ...known].join(" ")}\n${options.backup ? "127.0.0.2 rigb\n" : ""}`,
  );
  const room = await openRoom(root, `${dir}/hosts`, options.network);
  const rig = rigIn(room, options.version, place);
  try {
    await prepareFiles(rig, options);
    await startMunge(rig);
    await startSlurmctld(rig);
    return rig;
  } catch (error) {
    await rig.close();
    throw error;
  }
}

/** Names of a rig's nodes. */
export function nodeNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `c${index}`);
}

function rigIn(room: Room, version: SlurmVersion, place: RigPlace): Rig {
  const run = (argv: readonly string[], options: RunOptions = {}) =>
    room.run(argv, {
      timeout: PATIENCE * 60,
      ...options,
      env: { SLURM_CONF: place.slurmConf, ...options.env },
    });
  const rig: Rig = {
    ...place,
    version,
    room,
    run,
    async sinfo() {
      const { stdout } = await run(["sinfo", "-N", "-h", "-p", "cloud", "-o", "%N %t"]);
      return new Map(stdout.trim().split("\n").map((line) => line.split(" ") as [string, string]));
    },
    async until(what, seconds, probe) {
      const limit = PATIENCE * seconds;
      const deadline = Date.now() + limit * 1000;
      while (!(await probe())) {
        if (Date.now() > deadline) throw new Error(`Not within ${limit} s: ${what}\n${rig.logTails()}`);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
    logTails: () => logTails(place.logDir),
    async close() {
      await room.close();
      await removeTree(place.dir);
    },
  };
  return rig;
}

async function prepareFiles(rig: Rig, options: RigOptions): Promise<void> {
  const user = options.slurmUser ?? "root";
  const made = await rig.room.run([
    "/bin/sh",
    "-ec",
    'cd "$1"; mkdir etc log run spool state munge; chown "$2" log run state',
    "sh",
    rig.dir,
    user,
  ]);
  if (made.code !== 0) throw new Error(`Cannot make the rig's directories: ${made.stderr}`);
  const hooks = typeof options.hooks === "function" ? await options.hooks(rig) : options.hooks;
  // From 23.11 on slurmd wants cgroups, which a room has none of, unless its configuration says not to.
  if (options.version !== "22.05") {
    await Deno.writeTextFile(`${rig.dir}/etc/cgroup.conf`, "CgroupPlugin=disabled\n");
  }
  await Deno.writeTextFile(
    rig.slurmConf,
    slurmConf(rig, options, { hooks, user, port: freePorts(options.nodes + 1) }),
  );
}

async function startMunge(rig: Rig): Promise<void> {
  const at = `${rig.dir}/munge`;
  await Deno.writeFile(`${at}/munge.key`, crypto.getRandomValues(new Uint8Array(128)), { mode: 0o400 });
  // deno-fmt-ignore
  const { code, stderr } = await rig.run([
    "munged", `--socket=${at}/sock`, `--key-file=${at}/munge.key`, `--pid-file=${at}/munged.pid`,
    `--log-file=${rig.dir}/munge/munged.log`, `--seed-file=${at}/munged.seed`, "--num-threads=4",
  ]);
  if (code !== 0) throw new Error(`munged did not start: ${stderr}`);
}

async function startSlurmctld(rig: Rig): Promise<void> {
  const { code, stderr } = await rig.run(["slurmctld", "-c", "-f", rig.slurmConf]);
  if (code !== 0) throw new Error(`slurmctld did not start: ${stderr}\n${rig.logTails()}`);
  await rig.until(
    "slurmctld answers",
    20,
    async () => (await rig.run(["scontrol", "ping"])).stdout.includes(" is UP"),
  );
}

/** The first of `count` neighbouring free ports, below the range that the kernel hands out itself. */
function freePorts(count: number): number {
  for (let attempt = 0; attempt < 200; attempt++) {
    const base = 20_000 + Math.floor(Math.random() * (12_000 - count));
    const listeners: Deno.Listener[] = [];
    try {
      for (let port = base; port < base + count; port++) {
        listeners.push(Deno.listen({ hostname: "127.0.0.1", port }));
      }
      return base;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    } finally {
      for (const listener of listeners) listener.close();
    }
  }
  throw new Error(`No ${count} neighbouring free ports between 20000 and 32000`);
}

interface ConfParts {
  readonly hooks: Hooks;
  readonly user: string;
  readonly port: number;
}

function slurmConf(place: RigPlace, options: RigOptions, { hooks, user, port }: ConfParts): string {
  const { dir, logDir } = place;
  const extraConf = typeof options.extraConf === "function" ? options.extraConf(place) : options.extraConf;
  const last = options.nodes - 1;
  const names = last === 0 ? "c0" : `c[0-${last}]`;
  const ports = last === 0 ? `${port + 1}` : `[${port + 1}-${port + 1 + last}]`;
  // Loopback only (NoInAddrAny), more CPUs than the machine has (config_overrides), and every tick as short as it
  // goes: 22.05 looks at resumed nodes of batch jobs only every 30 s all the same.
  return `ClusterName=rig
SlurmctldHost=rig(127.0.0.1)
${options.backup ? "SlurmctldHost=rigb(127.0.0.2)\n" : ""}SlurmUser=${user}
SlurmdUser=root
SlurmctldPort=${port}
AuthType=auth/munge
AuthInfo=socket=${dir}/munge/sock
CredType=cred/munge
StateSaveLocation=${dir}/state
SlurmdSpoolDir=${dir}/spool/%n
SlurmctldPidFile=${dir}/run/slurmctld.pid
SlurmdPidFile=${dir}/run/slurmd-%n.pid
SlurmctldLogFile=${logDir}/slurmctld.log
SlurmdLogFile=${logDir}/slurmd-%n.log
SlurmctldDebug=verbose
SlurmdDebug=info
DebugFlags=Power
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
MpiDefault=none
SwitchType=switch/none
ReturnToService=2
SlurmdParameters=config_overrides
TreeWidth=65533
CommunicationParameters=NoAddrCache,NoCtldInAddrAny,NoInAddrAny
PrivateData=cloud
SchedulerParameters=bf_interval=1,sched_interval=2,sched_min_interval=0,batch_sched_delay=0
SlurmdTimeout=300
SlurmctldTimeout=${options.backup ? 6 : 30}
MessageTimeout=10
KillWait=1
CompleteWait=0
InactiveLimit=0
MinJobAge=300
SlurmctldParameters=idle_on_node_suspend,node_reg_mem_percent=90,power_save_interval=1,power_save_min_interval=0
ResumeProgram=${hooks.resume}
SuspendProgram=${hooks.suspend}
ResumeFailProgram=${hooks.resumeFail}
ResumeTimeout=${options.resumeTimeout ?? 180}
SuspendTimeout=${options.suspendTimeout ?? 2}
SuspendTime=${options.suspendTime ?? 2}
ResumeRate=0
SuspendRate=0
BatchStartTimeout=60
${extraConf ?? ""}
NodeName=DEFAULT CPUs=4 RealMemory=1000 State=CLOUD
NodeName=${names} NodeHostName=rig NodeAddr=127.0.0.1 Port=${ports}
PartitionName=cloud Nodes=ALL Default=YES MaxTime=INFINITE State=UP
`;
}

function logTails(logDir: string): string {
  const tails: string[] = [];
  for (const { name, isFile } of Deno.readDirSync(logDir)) {
    if (!isFile) continue;
    const lines = Deno.readTextFileSync(`${logDir}/${name}`).trimEnd().split("\n");
    tails.push(
      `--- ${name}, last lines of ${lines.length}:`,
      ...lines.slice(name.startsWith("slurmd-") ? -5 : -40),
    );
  }
  return tails.join("\n");
}
