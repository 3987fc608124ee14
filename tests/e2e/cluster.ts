import { type Hooks, type Rig, type RigOptions, type RigPlace, startRig } from "./rig.ts";
import { firstLine, INSIDE, type Ran } from "./room.ts";
import type { ChargedTime } from "../../lib/sim/instances.ts";
import type { RefusedCall } from "../../lib/sim/simulator.ts";
import { WORLD } from "../../lib/sim/fresh_world.ts";
import { builtFile, installBuilt } from "../fixtures/built_file.ts";
import { hookBundle } from "../fixtures/hook_bundle.ts";

/** A private Slurm whose power saving goes through our hooks to a simulated EC2, which boots real slurmd's. */
export interface Cluster {
  readonly rig: Rig;
  /** Prefix of the installed hooks: `bin/`, `etc/`, `state/`. */
  readonly site: string;
  readonly log: string;
  /** Requests that EC2 and SSM received, by action. */
  calls(): Promise<Readonly<Record<string, number>>>;
  /** Those of them that were refused, oldest first. */
  refusals(): Promise<readonly RefusedCall[]>;
  /** Everything that EC2 remembers. */
  instances(): Promise<readonly SimulatedInstance[]>;
  /** Speaks to one of the simulator's own endpoints, e.g. `faults`. */
  tell(endpoint: string, body: unknown): Promise<void>;
  /** Runs one of the program's commands, as SlurmUser would manually. */
  command(...argv: readonly string[]): Promise<Ran>;
  close(): Promise<void>;
}

/** What the simulator says of an instance. */
export interface SimulatedInstance {
  readonly instanceId: string;
  readonly state: string;
  readonly amiLaunchIndex: number;
  readonly instanceType: string;
  readonly capacityType: "on-demand" | "spot";
  /** Milliseconds since 1970 UTC. */
  readonly launchTime: number;
  /** Every time for which EC2 charges, oldest first. */
  readonly charged: readonly ChargedTime[];
  /** Why it is in its state, where it is not running. */
  readonly stateReasonCode?: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** Whether an instance costs nothing any more. */
export function isTerminated({ state }: SimulatedInstance): boolean {
  return state === "terminated" || state === "shutting-down";
}

/** What a cluster may differ in. */
export interface ClusterOptions extends Omit<RigOptions, "hooks" | "slurmUser"> {
  readonly slurmUser: "root" | "slurm";
  /** Node groups; one of every node, c, unless given. */
  readonly groups?: readonly GroupOptions[] | ((rig: Rig) => readonly GroupOptions[]);
  /** What the configuration's `limits` say, besides an expected boot of 3 s and no look at births. */
  readonly limits?: Readonly<Record<string, unknown>>;
  /** Seconds; given, instances run deploy/node/guard with this limit. */
  readonly orphanLimit?: number;
  /** Further lines of the configuration. */
  readonly extraConfig?: (place: RigPlace) => string;
  /** What an instance starts, as a shell script; deploy/node/boot unless given. */
  readonly bootScript?: (place: RigPlace) => string;
  /** What the hooks run: the bundle of `deploy/hooks/prepare`, or what `install` makes of the one built file. */
  readonly program?: "bundle" | "built file";
  /** With `built file`: another one than that of this checkout. */
  readonly file?: string;
  /** False: slurmctld calls programs that do nothing, and the test calls the hooks. */
  readonly slurmctldCallsHooks?: boolean;
  /** Further lines of hooks.env. */
  readonly hooksEnv?: (site: string) => readonly string[];
  /** True: jobs wait in deploy/hooks/ready, which slurm.conf names as PrologSlurmctld. */
  readonly ready?: boolean;
}

/** A node group of the cluster's configuration. */
export interface GroupOptions {
  readonly name: string;
  readonly nodes: string;
  readonly instanceType: string;
  /** Further keys of the group. */
  readonly more?: Readonly<Record<string, unknown>>;
}

const HOOKS = new URL("../../deploy/hooks/", import.meta.url).pathname;

/** Starts everything; ends what it started if it can't start all. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const bundle = await hookBundle();
  const rig = await startRig({
    ...options,
    hooks: (place) => installHooks(place, bundle, options),
    ...(options.ready && { extraConf: (place) => withReady(place, options) }),
  });
  try {
    return await withSimulator(rig, bundle, options);
  } catch (error) {
    await rig.close();
    throw error;
  }
}

async function withSimulator(rig: Rig, bundle: string, options: ClusterOptions): Promise<Cluster> {
  const site = siteOf(rig);
  const simulator = await startSimulator(rig, bundle, options);
  const talk = options.network === "own" ? fromWithin(rig, simulator.url) : fromOutside(simulator.url);
  const cluster: Cluster = {
    rig: { ...rig },
    site,
    log: `${rig.logDir}/slurm-ec2.log`,
    calls: async () => JSON.parse(await talk("calls")) as Record<string, number>,
    refusals: async () => JSON.parse(await talk("refusals")) as RefusedCall[],
    instances: async () => JSON.parse(await talk("instances")) as SimulatedInstance[],
    tell: async (endpoint, body) => void await talk(endpoint, JSON.stringify(body)),
    command: (...argv) =>
      rig.run(
        [INSIDE.deno, "run", "-A", "--no-config", "--no-lock", `${bundle}/main.js`, ...argv],
        {
          user: options.slurmUser,
          env: { SLURM_EC2_CONFIG: `${site}/etc/slurm-ec2.yaml`, DENO_DIR: `${site}/state/deno` },
        },
      ),
    async close() {
      await rig.close();
      await simulator.ended;
    },
  };
  await Deno.writeTextFile(`${site}/etc/slurm-ec2.yaml`, configText(rig, simulator.url, options));
  return cluster;
}

/** Asks one of the simulator's own endpoints, or with a body tells it something. */
type Talk = (endpoint: string, body?: string) => Promise<string>;

function fromOutside(url: string): Talk {
  return async (endpoint, body) => {
    const answer = await fetch(`${url}/_sim/${endpoint}`, body === undefined ? {} : { method: "POST", body });
    if (!answer.ok) throw new Error(`Simulator refused ${endpoint}: ${await answer.text()}`);
    return await answer.text();
  };
}

/** A room with a network of its own is reached from within only. */
function fromWithin(rig: Rig, url: string): Talk {
  return async (endpoint, body) => {
    const data = body === undefined ? [] : ["--data", body];
    const { code, stdout } = await rig.run([
      "curl",
      "-sS",
      "--fail-with-body",
      ...data,
      `${url}/_sim/${endpoint}`,
    ]);
    if (code !== 0) throw new Error(`Simulator refused ${endpoint}: ${stdout}`);
    return stdout;
  };
}

function siteOf({ dir }: RigPlace): string {
  return `${dir}/site`;
}

/** The hooks as a site has them, under the names of the legacy plugin too. */
async function installHooks(
  place: RigPlace,
  bundle: string,
  options: ClusterOptions,
): Promise<Hooks> {
  const { slurmUser, program = "bundle", file, slurmctldCallsHooks = true, hooksEnv = () => [] } = options;
  const site = siteOf(place);
  if (program === "built file") await installBuilt(file ?? await builtFile(), site);
  else await linkHooks(site);
  if (options.ready) await installReady(site, place.slurmConf);
  await Deno.mkdir(`${site}/state`);
  // Which user this is, is the machine's business: the numbers are the same in every folder.
  const uid = slurmUser === "root" ? 0 : SLURM_UID;
  await Deno.chown(`${site}/state`, uid, uid);
  const settings = [
    ...(program === "bundle" ? [`SLURM_EC2_MAIN=${bundle}/main.js`, `SLURM_EC2_DENO=${INSIDE.deno}`] : []),
    "AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    ...hooksEnv(site),
  ];
  await Deno.writeTextFile(`${site}/etc/hooks.env`, settings.join("\n"));
  if (!slurmctldCallsHooks) return { resume: "/bin/true", suspend: "/bin/true", resumeFail: "/bin/true" };
  return { resume: `${site}/bin/resume`, suspend: `${site}/bin/stop`, resumeFail: `${site}/bin/resume-fail` };
}

/** The line that names ready, with what the test has for slurm.conf besides. */
function withReady(place: RigPlace, { extraConf = "" }: ClusterOptions): string {
  const own = typeof extraConf === "function" ? extraConf(place) : extraConf;
  return `PrologSlurmctld=${siteOf(place)}/bin/ready\n${own}`;
}

async function installReady(site: string, slurmConf: string): Promise<void> {
  await Deno.copyFile(`${HOOKS}ready`, `${site}/bin/ready`);
  await Deno.writeTextFile(
    `${site}/etc/ready.conf`,
    `SLURM_CONF=${slurmConf}\nSTATE_DIR=${site}/state\nPREFIXES=c\n`,
  );
}

async function linkHooks(site: string): Promise<void> {
  for (const name of ["bin", "etc"]) await Deno.mkdir(`${site}/${name}`, { recursive: true });
  await Deno.copyFile(`${HOOKS}hook`, `${site}/bin/hook`);
  for (const { name, isSymlink } of Deno.readDirSync(HOOKS)) {
    if (isSymlink) await Deno.symlink("hook", `${site}/bin/${name}`);
  }
}

/** Debian's packages make the slurm user with this number. */
const SLURM_UID = 64030;

function configText(rig: Rig, url: string, options: ClusterOptions): string {
  const { nodes, limits } = options;
  const every = nodes === 1 ? "c0" : `c[0-${nodes - 1}]`;
  const given = typeof options.groups === "function" ? options.groups(rig) : options.groups;
  const groups = given ?? [{ name: "c", nodes: every, instanceType: "c7i.xlarge" }];
  return `cluster: rig
region: ${WORLD.region}
aws:
  endpoints: { ec2: "${url}", ssm: "${url}" }
slurm:
  confDir: ${rig.dir}/etc
stateDir: ${siteOf(rig)}/state
logFile: ${rig.logDir}/slurm-ec2.log
defaults:
  os: { distribution: Rocky, version: "9" }
  userData: { SLURM_CONF: ${rig.slurmConf} }
${options.extraConfig?.(rig) ?? ""}nodeGroups:
${groups.map(groupText).join("")}limits: ${
    JSON.stringify({ expectedBootSeconds: 3, launchCheckSeconds: 0, ...limits })
  }
`;
}

function groupText({ name, nodes, instanceType, more = {} }: GroupOptions): string {
  const keys = { name, nodes, instanceTypes: [instanceType], subnets: [WORLD.subnetIds[0]], ...more };
  return `  - ${JSON.stringify(keys)}\n`;
}

/** SSM parameters that a cluster of this configuration reads. */
const PARAMETERS = {
  [`/rig/SlurmNodeAmi/Rocky/9/x86_64/${WORLD.region}`]: WORLD.imageIds.x86_64,
  [`/rig/SlurmNodeEc2KeyPairs/${WORLD.region}`]: WORLD.keyName,
  [`/rig/SlurmNodeSecurityGroups/${WORLD.region}`]: WORLD.securityGroupId,
};

/** An instance's start: everything of the boot script that would change the machine is switched off. */
function bootScript(rig: Rig, orphanLimit: number | undefined): string {
  const node = `${INSIDE.checkout}/deploy/node`;
  return `#!/bin/sh
export SLURM_EC2_HOSTNAME=keep SLURM_EC2_MUNGE=keep SLURM_EC2_RUN_DIR=${rig.dir}/run/$INSTANCE_ID
export SLURM_EC2_GUARD_INTERVAL=1 SLURM_EC2_NOTICE_INTERVAL=1 SLURM_EC2_GUARD_PID=$$ SLURM_EC2_POWEROFF="kill -9 $$"
# /run is empty after a boot, also of an instance that was stopped.
rm -rf "$SLURM_EC2_RUN_DIR"; mkdir "$SLURM_EC2_RUN_DIR"
${
    orphanLimit === undefined
      ? ""
      : `SLURM_EC2_ORPHAN_LIMIT=${orphanLimit} ${node}/guard >"$SLURM_EC2_RUN_DIR/console" 2>&1 &`
  }
# No machine boots within a second: slurmctld 22.05 may take that for a boot from before its request.
sleep 1.1
exec ${node}/boot
`;
}

async function startSimulator(
  rig: Rig,
  bundle: string,
  options: ClusterOptions,
): Promise<{ readonly url: string; readonly ended: Promise<unknown> }> {
  const boot = `${rig.dir}/boot`;
  const script = options.bootScript?.(rig) ?? bootScript(rig, options.orphanLimit);
  await Deno.writeTextFile(boot, script, { mode: 0o755 });
  // Of a network of its own any address is at home.
  const address = options.network === "own" ? [] : ["--instance-address", "127.0.0.1"];
  // deno-fmt-ignore
  const child = rig.room.spawn([
    INSIDE.deno, "run", "-A", "--no-config", "--no-lock", `${bundle}/main.js`,
    "simulate", "--port", "0", "--boot-command", boot, ...address,
    ...Object.entries(PARAMETERS).flatMap(([name, value]) => ["--parameter", `${name}=${value}`]),
  ], { env: { SLURM_CONF: rig.slurmConf, DENO_DIR: `${rig.dir}/deno` } });
  const said = keepText(child.stderr);
  const first = await firstLine(child.stdout);
  if (first === "") throw new Error(`The simulator ended before it was ready: ${await said}`);
  const ended = Promise.allSettled([child.status, said, child.stdout.cancel()]);
  return { url: (JSON.parse(first) as { url: string }).url, ended };
}

async function keepText(stream: ReadableStream<Uint8Array>): Promise<string> {
  return await new Response(stream).text();
}
