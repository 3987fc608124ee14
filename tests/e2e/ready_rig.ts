import { type Rig, type RigOptions, type RigPlace, type SlurmVersion, startRig } from "./rig.ts";

/** A private Slurm whose jobs wait in deploy/hooks/ready; the test plays EC2: nodes come up when it says so. */
export interface ReadyRig extends Rig {
  /** Where ready keeps its files of waiting jobs. */
  readonly waiting: string;
  /** Submits a batch job that writes one line; its id. */
  sbatch(...options: readonly string[]): Promise<string>;
  /** Waits until slurmctld has asked for these nodes. */
  asked(...nodes: readonly string[]): Promise<void>;
  /** Starts their slurmd's, as booting machines would. */
  boot(...nodes: readonly string[]): Promise<void>;
  /** Waits until a job has written its line. */
  ran(job: string): Promise<void>;
  /** Waits until that number of jobs waits in ready. */
  waiters(count: number): Promise<void>;
  /** What slurmctld has logged so far. */
  slurmctldLog(): string;
  /** How often a job wrote its line. */
  starts(job: string): Promise<number>;
}

/** What a rig may differ in. */
export interface ReadyOptions extends Partial<RigOptions> {
  readonly version: SlurmVersion;
  /** Lines of ready.conf, besides those that the rig needs. */
  readonly settings?: readonly string[];
  /** Whether slurmctld's configuration names ready at all. */
  readonly withReady?: boolean;
  /** A PrologSlurmctld of the site's own, as a shell script. */
  readonly ownProlog?: (place: RigPlace) => string;
}

/** Makes one; ends with {@link Rig.close}. */
export async function startReadyRig(options: ReadyOptions): Promise<ReadyRig> {
  const { withReady = true, settings = [], extraConf, ownProlog } = options;
  const rig = await startRig({
    nodes: 4,
    slurmUser: "slurm",
    suspendTime: 600,
    resumeTimeout: 120,
    ...options,
    hooks: (place) => installScripts(place, settings, ownProlog?.(place)),
    extraConf: (place) =>
      [
        ...(withReady ? [`PrologSlurmctld=${place.dir}/bin/ready`] : []),
        ...(ownProlog ? [`PrologSlurmctld=${place.dir}/bin/own`] : []),
        typeof extraConf === "function" ? extraConf(place) : extraConf ?? "",
      ].join("\n"),
  });
  const waiting = `${rig.dir}/ready/ready.rig`;
  return { ...rig, waiting, ...jobs(rig), ...nodes(rig), waiters: (count) => waiters(rig, waiting, count) };
}

async function installScripts(place: RigPlace, settings: readonly string[], ownProlog: string | undefined) {
  const { dir, slurmConf } = place;
  for (const name of ["bin", "etc", "ready"]) await Deno.mkdir(`${dir}/${name}`, { recursive: true });
  await Deno.chown(`${dir}/ready`, SLURM_UID, SLURM_UID);
  await Deno.copyFile(new URL("../../deploy/hooks/ready", import.meta.url), `${dir}/bin/ready`);
  await Deno.writeTextFile(
    `${dir}/etc/ready.conf`,
    [`SLURM_CONF=${slurmConf}`, `STATE_DIR=${dir}/ready`, "PREFIXES=c", ...settings, ""].join("\n"),
  );
  const script = async (name: string, body: string) => {
    await Deno.writeTextFile(`${dir}/bin/${name}`, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
    return `${dir}/bin/${name}`;
  };
  if (ownProlog !== undefined) await script("own", ownProlog);
  return {
    resume: await script("resume", `echo "$1" >>${dir}/run/asked`),
    suspend: await script("suspend", `echo "$1" >>${dir}/run/suspended`),
    resumeFail: await script("resume-fail", `echo "$1" >>${dir}/run/failed`),
  };
}

/** Debian's packages make the slurm user with this number. */
const SLURM_UID = 64030;

function jobs(rig: Rig) {
  const output = (job: string) => `${rig.dir}/run/job-${job}`;
  const starts = async (job: string) => {
    try {
      return (await Deno.readTextFile(output(job))).split("\n").filter((line) => line === "first line")
        .length;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return 0;
      throw error;
    }
  };
  return {
    starts,
    async sbatch(...options: readonly string[]) {
      const script = `echo first line >>${rig.dir}/run/job-$SLURM_JOB_ID`;
      // deno-fmt-ignore
      const argv = ["sbatch", "--parsable", "--output=/dev/null", ...options, "--wrap", script];
      const { code, stdout, stderr } = await rig.run(argv);
      if (code !== 0) throw new Error(`${argv.join(" ")}: ${stderr}`);
      return stdout.trim();
    },
    ran: (job: string) => rig.until(`job ${job} runs`, 120, async () => (await starts(job)) > 0),
    slurmctldLog: () => Deno.readTextFileSync(`${rig.logDir}/slurmctld.log`),
  };
}

function nodes(rig: Rig) {
  async function asked(...wanted: readonly string[]) {
    await rig.until(`slurmctld asks for ${wanted}`, 60, async () => {
      const lists = await readLines(`${rig.dir}/run/asked`);
      const named = await rig.run(["scontrol", "show", "hostnames", lists.join(",")]);
      const names = new Set(lists.length === 0 ? [] : named.stdout.split("\n"));
      return wanted.every((name) => names.has(name));
    });
  }
  return {
    asked,
    async boot(...some: readonly string[]) {
      // A boot from before the request does not count: slurmctld ignores its registration. It counts in whole seconds, and
      // slurmd -b may say that it has been up for one.
      await asked(...some);
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      for (const node of some) {
        const { code, stderr } = await rig.run(["slurmd", "-b", "-N", node, "-f", rig.slurmConf]);
        if (code !== 0) throw new Error(`slurmd of ${node}: ${stderr}`);
      }
    },
  };
}

async function waiters(rig: Rig, waiting: string, count: number): Promise<void> {
  await rig.until(`${count} jobs wait in ready`, 60, () => countWaiting(waiting) === count);
}

function countWaiting(waiting: string): number {
  try {
    return [...Deno.readDirSync(waiting)].filter(({ name }) => name.endsWith(".wait")).length;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}

async function readLines(path: string): Promise<string[]> {
  try {
    return (await Deno.readTextFile(path)).split("\n").filter((line) => line !== "");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
