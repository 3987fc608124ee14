import { type Cluster, startCluster } from "./cluster.ts";
import { firstLine, INSIDE, type Ran } from "./room.ts";
import type { SlurmVersion } from "./rig.ts";
import { hookBundle } from "../fixtures/hook_bundle.ts";

/** One of the two machines on which slurmctld may run. */
export interface ControllerMachine {
  readonly name: "rig" | "rigb";
  /** Runs a command there, as SlurmUser unless told otherwise. */
  run(argv: readonly string[], options?: { readonly user?: "root"; readonly timeout?: number }): Promise<Ran>;
  /** Starts its slurmctld; with the other one alive it stands by, or takes the role back. */
  startSlurmctld(): Promise<void>;
  /** Sends its slurmctld a signal. */
  signal(name: "TERM" | "KILL" | "STOP" | "CONT"): Promise<void>;
  /** Runs scontrol with its slurmctld, and no other. */
  scontrol(...argv: readonly string[]): Promise<void>;
  /** Whether its slurmctld is the one in charge. */
  isInCharge(): Promise<boolean>;
  /** Runs one of the program's commands there, as SlurmUser would manually. */
  command(...argv: readonly string[]): Promise<Ran>;
  /** What its timer does each minute. */
  pass(): Promise<void>;
  /** The program's log there. */
  log(): string;
}

/** A cluster with a primary and a backup slurmctld, each on a machine with a name and a stateDir of its own. */
export interface TwoHosts {
  readonly cluster: Cluster;
  readonly primary: ControllerMachine;
  readonly backup: ControllerMachine;
  close(): Promise<void>;
}

const NODES = 8;

/**
 * The backup's machine is the rig's own but for its name and three directories: its logs, its process ids, and the site
 * with its stateDir. Both have one loopback interface, and an address each.
 */
const BACKUP = `
dir=$1
hostname rigb
for name in site log run; do mount --bind "$dir/b/$name" "$dir/$name"; done
echo "ready $$"
while :; do sleep 3600 & wait; done
`;

/** Starts both; the primary is in charge and the backup stands by. */
export async function startTwoHosts(version: SlurmVersion): Promise<TwoHosts> {
  const cluster = await startCluster({
    version,
    slurmUser: "slurm",
    nodes: NODES,
    backup: true,
    suspendTime: 3600,
    resumeTimeout: 180,
    limits: { launchCheckSeconds: 0, expectedBootSeconds: 20 },
  });
  try {
    const { rig } = cluster;
    const made = await rig.run(["/bin/sh", "-ec", MAKE_BACKUP, "sh", rig.dir]);
    if (made.code !== 0) throw new Error(`Cannot make the backup's directories: ${made.stderr}`);
    const holder = rig.room.spawn([
      ...["unshare", "--uts", "--mount", "--propagation", "unchanged", "--"],
      ...["/bin/sh", "-ec", BACKUP, "backup", rig.dir],
    ]);
    const [ready, pid] = (await firstLine(holder.stdout)).split(" ");
    if (ready !== "ready") throw new Error(`No backup: ${await new Response(holder.stderr).text()}`);
    const ended = Promise.allSettled([holder.status, holder.stdout.cancel(), holder.stderr.cancel()]);
    const enter = ["nsenter", "--target", pid!, "--uts", "--mount", "--root", "--wd", "--"];
    const hosts: TwoHosts = {
      cluster,
      primary: await machine(cluster, "rig", []),
      backup: await machine(cluster, "rigb", enter),
      async close() {
        await cluster.close();
        await ended;
      },
    };
    await hosts.backup.startSlurmctld();
    await standsBy(hosts.backup, cluster);
    // As each minute: by then both know their role, also for a time in which slurmctld is silent.
    await Promise.all([hosts.primary.pass(), hosts.backup.pass()]);
    return hosts;
  } catch (error) {
    await cluster.close();
    throw error;
  }
}

const MAKE_BACKUP = `
cd "$1"
mkdir b b/log b/run
chown --reference=log b/log b/run
cp -a site b/site
rm -rf b/site/state/*
`;

async function machine(
  { rig, site }: Cluster,
  name: ControllerMachine["name"],
  enter: readonly string[],
): Promise<ControllerMachine> {
  const address = name === "rig" ? "127.0.0.1" : "127.0.0.2";
  const bundle = await hookBundle();
  const own = `${rig.dir}/etc/own-${name}.conf`;
  const conf = await Deno.readTextFile(rig.slurmConf);
  await Deno.writeTextFile(
    own,
    [
      `SlurmctldHost=${name}(${address})`,
      ...conf.split("\n").filter((line) => /^(?:ClusterName|SlurmUser|SlurmctldPort|Auth\w+)=/.test(line)),
      "",
    ].join("\n"),
  );
  // Outside of the backup's machine its directories have other names.
  const outside = name === "rig" ? rig.dir : `${rig.dir}/b`;
  const as = ["setpriv", "--reuid=slurm", "--regid=slurm", "--clear-groups"];
  const run: ControllerMachine["run"] = (argv, { user, timeout } = {}) =>
    rig.run([...enter, ...(user === "root" ? [] : as), ...argv], timeout === undefined ? {} : { timeout });
  return {
    name,
    run,
    async startSlurmctld() {
      const { code, stderr } = await run(["slurmctld", "-f", rig.slurmConf], { user: "root" });
      if (code !== 0) throw new Error(`slurmctld of ${name} did not start: ${stderr}\n${rig.logTails()}`);
    },
    async signal(signal) {
      const pid = (await Deno.readTextFile(`${outside}/run/slurmctld.pid`)).trim();
      const { code, stderr } = await rig.run(["kill", `-${signal}`, pid]);
      if (code !== 0) throw new Error(`kill -${signal} ${pid}: ${stderr}`);
    },
    async scontrol(...argv) {
      const { code, stderr } = await run(["env", `SLURM_CONF=${own}`, "scontrol", ...argv]);
      if (code !== 0) throw new Error(`scontrol ${argv.join(" ")} on ${name}: ${stderr}\n${rig.logTails()}`);
    },
    async isInCharge() {
      const argv = ["env", `SLURM_CONF=${own}`, "scontrol", "show", "partition", "cloud"];
      return (await run(argv, { timeout: 5 })).code === 0;
    },
    command: (...argv) =>
      run([
        ...["env", `SLURM_EC2_CONFIG=${site}/etc/slurm-ec2.yaml`, `DENO_DIR=${site}/state/deno`],
        ...[
          "AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE",
          "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        ],
        ...[`SLURM_EC2_HOSTNAME=${name}`, INSIDE.deno, "run", "-A", "--no-config", "--no-lock"],
        ...[`${bundle}/main.js`, ...argv],
      ]),
    async pass() {
      const { code, stderr } = await run([`${site}/bin/supervisor`, "--timer"], { timeout: 480 });
      if (code !== 0) throw new Error(`supervisor --timer on ${name}: ${code} ${stderr}\n${rig.logTails()}`);
    },
    log: () => textOf(`${outside}/log/slurm-ec2.log`),
  };
}

/** A slurmctld that stands by answers nothing that changes state, and yet it answers. */
async function standsBy(backup: ControllerMachine, { rig }: Cluster): Promise<void> {
  await rig.until("the backup stands by", 40, async () => {
    const argv = ["env", `SLURM_CONF=${rig.dir}/etc/own-rigb.conf`, "scontrol", "show", "partition", "cloud"];
    const { stdout, stderr } = await backup.run(argv, { timeout: 10 });
    return /standby mode/.test(stdout + stderr);
  });
}

function textOf(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}
