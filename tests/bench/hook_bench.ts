import { snapshotInstanceTypes } from "../../lib/aws/instance_type_snapshot.ts";
import { WORLD } from "../../lib/sim/fresh_world.ts";
import { serveAws } from "../../lib/sim/wire/server.ts";
import { type MeasuredRun, measuredRun } from "./measured_run.ts";
import { hookV8Flags } from "./v8_flags.ts";

/** What a run of a hook is to do. */
export interface HookRun {
  readonly hook?: string;
  readonly nodes: string;
  /** Milliseconds a call. */
  readonly latency: number;
  /** Instances that run already and are known by hint. */
  readonly running?: number;
}

/** A place to measure hooks in: a simulated AWS, a scontrol that answers at once, a state directory. */
export interface Bench {
  readonly description: string;
  readonly programs: readonly { readonly name: string; readonly argv: readonly string[] }[];
  /** Runs one hook in a world made for it; `first` is when its first request came, seconds after its start. */
  run(
    argv: readonly string[],
    what: HookRun,
  ): Promise<MeasuredRun & { readonly first: number; readonly requests: number }>;
  /** Requests of the last run by action. */
  calls(): Readonly<Record<string, number>>;
  close(): Promise<void>;
}

const CHECKOUT = new URL("../../", import.meta.url).pathname;

/** Starts the simulator in this process and bundles the program as the hooks run it. */
export async function startBench(): Promise<Bench> {
  const directory = await Deno.makeTempDir({ prefix: "slurm-ec2-bench-" });
  await bundle(`${directory}/bundle`);
  await Deno.writeTextFile(`${directory}/scontrol`, BENCH_SCONTROL, { mode: 0o755 });
  const instanceTypes = await snapshotInstanceTypes();
  const deno = Deno.execPath();
  let last: Readonly<Record<string, number>> = {};

  const run: Bench["run"] = async (argv, what) => {
    const aws = serveAws({ instanceTypes, latencyMs: 0, parameters: BENCH_PARAMETERS });
    const config = `${directory}/slurm-ec2.yaml`;
    await Deno.writeTextFile(config, benchConfig(directory, aws.url));
    await Deno.remove(`${directory}/state`, { recursive: true }).catch(() => {});
    try {
      if (what.running !== undefined) {
        const all = `c[1-${what.running / 2}],d[1-${what.running / 2}]`;
        await succeed(measuredRun([...argv, "resume", "--config", config, all], BENCH_ENV));
        await post(`${aws.url}/_sim/reset_calls`, {});
      }
      await post(`${aws.url}/_sim/settings`, { latencyMs: what.latency });
      const started = performance.now();
      let first = 0;
      const unlisten = aws.simulator.onChange(() => first ||= performance.now() - started);
      const result = await succeed(
        measuredRun([...argv, what.hook ?? "resume", "--config", config, what.nodes], BENCH_ENV),
      );
      unlisten();
      last = aws.simulator.calls();
      const requests = Object.values(last).reduce((sum, count) => sum + count, 0);
      return { ...result, first: (first - what.latency / 2) / 1000, requests };
    } finally {
      await aws.close();
    }
  };
  return {
    description:
      `slurm-ec2 against a simulated AWS on loopback (no TLS), Deno ${Deno.version.deno}, ${navigator.hardwareConcurrency} processors`,
    programs: [
      { name: "from source", argv: [deno, "run", "-A", "--cached-only", `${CHECKOUT}main.ts`] },
      {
        name: "bundle",
        argv: [
          deno,
          "run",
          "-A",
          "--cached-only",
          "--no-config",
          "--no-lock",
          hookV8Flags(),
          `${directory}/bundle/main.js`,
        ],
      },
    ],
    run,
    calls: () => last,
    close: () => Deno.remove(directory, { recursive: true }),
  };
}

async function post(url: string, body: unknown): Promise<void> {
  const answer = await fetch(url, { method: "POST", body: JSON.stringify(body) });
  await answer.body?.cancel();
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
}

async function bundle(directory: string): Promise<void> {
  const { code, stderr } = await new Deno.Command(`${CHECKOUT}deploy/hooks/prepare`, { args: [directory] })
    .output();
  if (code !== 0) throw new Error(`deploy/hooks/prepare failed: ${new TextDecoder().decode(stderr)}`);
}

async function succeed(run: Promise<MeasuredRun>): Promise<MeasuredRun> {
  const result = await run;
  if (result.code !== 0) throw new Error(`The measured process exited with ${result.code}`);
  return result;
}

/** Keys that the simulator takes. */
export const BENCH_ENV = { AWS_ACCESS_KEY_ID: "simulated", AWS_SECRET_ACCESS_KEY: "simulated" };

/** A scontrol that costs what a process costs and knows the timeouts. */
export const BENCH_SCONTROL = `#!/bin/sh
case "$*" in *"show config"*) echo "ResumeTimeout           = 600 sec"; echo "SuspendTimeout          = 60 sec";; esac
`;

/** SSM parameters of {@link benchConfig}. */
export const BENCH_PARAMETERS = {
  [`/bench/SlurmNodeAmi/Rocky/9/x86_64/${WORLD.region}`]: WORLD.imageIds.x86_64,
  [`/bench/SlurmNodeEc2KeyPairs/${WORLD.region}`]: WORLD.keyName,
  [`/bench/SlurmNodeSecurityGroups/${WORLD.region}`]: WORLD.securityGroupId,
};

/** A configuration. Births are not watched: that wait is idle, and the launch is over before it. */
export function benchConfig(directory: string, url: string): string {
  return `cluster: bench
region: ${WORLD.region}
aws: { endpoints: { ec2: "${url}", ssm: "${url}" } }
slurm: { binDir: ${directory} }
stateDir: ${directory}/state
logFile: ${directory}/log
defaults: { os: { distribution: Rocky, version: "9" } }
nodeGroups:
  - { name: c, nodes: "c[0-5999]", instanceTypes: [c7i.large], subnets: [${WORLD.subnetIds[0]}] }
  - { name: d, nodes: "d[0-5999]", instanceTypes: [c7i.large], subnets: [${WORLD.subnetIds[1]}] }
limits: { launchCheckSeconds: 0 }
`;
}
