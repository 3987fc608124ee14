/**
 * Measures where a start goes, from the one built file as it is installed, and writes docs/start-up.md.
 *
 *     deno task bench:start [--runs N]
 *
 * No threshold is checked: machines differ, and other work on the machine counts. Minima are what to compare.
 */
import { parseArgs } from "@std/cli/parse-args";
import { bundleProgram } from "../../deploy/build/portable/bundle.ts";
import { snapshotInstanceTypes } from "../../lib/aws/instance_type_snapshot.ts";
import { serveAws } from "../../lib/sim/wire/server.ts";
import { builtFile, installBuilt } from "../fixtures/built_file.ts";
import { BENCH_ENV, BENCH_PARAMETERS, BENCH_SCONTROL, benchConfig } from "./hook_bench.ts";
import { measuredTree } from "./measured_tree.ts";
import { hookV8Flags } from "./v8_flags.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const flags = parseArgs(Deno.args, { string: ["runs"] });
const runs = Number(flags.runs ?? 15);

/** What the steps of tests/bench/start_stages.ts are, in their order. */
const STEPS = [
  "Deno, an entry of a few kilobytes",
  "the command and what it imports",
  "configuration read and checked (yaml, valibot)",
  "permissions worked out",
  "parts of Node that the SDK imports (https, crypto, fs, …)",
  "the SDK's clients for EC2 and SSM",
  "clients made",
  "scontrol show config, show partition",
  "first request, to SSM, and its answer",
  "second request, to EC2, and its answer",
];

/** A program to measure: its arguments for one run. */
interface Measured {
  readonly name: string;
  readonly argv: readonly string[];
  readonly env: Record<string, string>;
}

interface Result {
  readonly wall: number;
  readonly cpu: number;
  readonly peakMiB: number;
  /** Seconds until its first request; absent where it makes none. */
  readonly first?: number;
}

const directory = await Deno.makeTempDir({ prefix: "slurm-ec2-start-" });
const aws = serveAws({ parameters: BENCH_PARAMETERS, instanceTypes: await snapshotInstanceTypes() });
async function prepare(): Promise<readonly Measured[]> {
  const prefix = `${directory}/prefix`;
  await installBuilt(await builtFile(), prefix);
  await Deno.mkdir(`${directory}/state`);
  await Deno.writeTextFile(`${directory}/scontrol`, BENCH_SCONTROL, { mode: 0o755 });
  const config = `${prefix}/etc/slurm-ec2.yaml`;
  await Deno.writeTextFile(config, benchConfig(directory, aws.url));
  await Deno.writeTextFile(
    `${directory}/slurm.conf`,
    "ClusterName=c\nNodeName=c0 State=CLOUD\nPartitionName=p Nodes=ALL\n",
  );
  await Deno.writeTextFile(`${directory}/empty.js`, "");
  await bundleProgram(`${directory}/stages`, { program: `${ROOT}tests/bench/start_stages.ts` });
  const deno = `${prefix}/lib/slurm-ec2/deno`;
  const env = { ...BENCH_ENV, HOME: directory, DENO_DIR: `${directory}/deno`, SLURM_EC2_LOGGER: "/bin/true" };
  const quiet = [
    "run",
    "-A",
    "--quiet",
    "--cached-only",
    "--no-config",
    "--no-lock",
    hookV8Flags(),
  ];
  const boto3 = hasBoto3();
  return [
    { name: "Deno, empty program", argv: [deno, ...quiet, `${directory}/empty.js`], env },
    ...STEPS.map((name, index) => ({
      name,
      argv: [deno, ...quiet, `${directory}/stages/start_stages.js`, String(index), config],
      env,
    })),
    { name: "`slurm-ec2 version`", argv: [`${prefix}/bin/slurm-ec2`, "version"], env },
    {
      name: "`slurm-ec2 config lint`",
      argv: [`${prefix}/bin/slurm-ec2`, "config", "lint", `${directory}/slurm.conf`],
      env,
    },
    {
      name: "the hook's script alone",
      argv: [`${prefix}/bin/resume`, "c0"],
      env: { ...env, SLURM_EC2_DENO: "/bin/true" },
    },
    { name: "`resume` of one node", argv: [`${prefix}/bin/resume`, "c0"], env },
    ...(boto3 === undefined
      ? []
      : [{ name: "boto3: the same three calls", argv: [boto3, "-c", BOTO3, aws.url], env }]),
  ];
}

/** What a hook asks for one node, with the AWS SDK for Python and nothing else. */
const BOTO3 = `import boto3, sys
how = dict(region_name="us-east-1", endpoint_url=sys.argv[1])
ssm, ec2 = boto3.client("ssm", **how), boto3.client("ec2", **how)
ssm.get_parameters(Names=["/none"])
ec2.describe_instances(Filters=[dict(Name="instance-state-name", Values=["running"])])
try:
    ec2.run_instances(ImageId="ami-0", InstanceType="c7i.large", MinCount=1, MaxCount=1)
except Exception:
    pass
`;

function hasBoto3(): string | undefined {
  try {
    const { success } = new Deno.Command("python3", { args: ["-c", "import boto3"], stderr: "null" })
      .outputSync();
    return success ? "python3" : undefined;
  } catch {
    return undefined;
  }
}

/** Interleaved, so that what else the machine does hits all alike. */
async function measureAll(programs: readonly Measured[]): Promise<ReadonlyMap<string, readonly Result[]>> {
  const results = new Map<string, Result[]>(programs.map(({ name }) => [name, []]));
  for (let run = -2; run < runs; run++) {
    for (const program of programs) {
      const result = await measure(program);
      if (run >= 0) results.get(program.name)!.push(result);
    }
  }
  return results;
}

async function measure({ argv, env }: Measured): Promise<Result> {
  // A node that nothing is known of, as the first job of a day has it.
  await Deno.remove(`${directory}/state/hints.json`).catch(() => {});
  const started = performance.now();
  let first: number | undefined;
  const unlisten = aws.simulator.onChange(() => first ??= (performance.now() - started) / 1000);
  const { wall, cpu, peakMiB } = await measuredTree(argv, env);
  unlisten();
  return { wall, cpu, peakMiB, ...(first !== undefined && { first }) };
}

const least = (results: readonly Result[], of: (result: Result) => number | undefined) =>
  Math.min(...results.map((result) => of(result) ?? Infinity));
const milliseconds = (seconds: number) => Number.isFinite(seconds) ? (seconds * 1000).toFixed(0) : "–";

function page(programs: readonly Measured[], results: ReadonlyMap<string, readonly Result[]>): string {
  const row = (name: string, before: string | undefined) => {
    const own = results.get(name)!;
    const cpu = least(own, ({ cpu }) => cpu);
    const more = before === undefined
      ? ""
      : milliseconds(cpu - least(results.get(before)!, ({ cpu }) => cpu));
    const sorted = own.map(({ wall }) => wall).sort((a, b) => a - b);
    return [
      name,
      milliseconds(sorted[0]!),
      milliseconds(sorted[Math.floor(sorted.length / 2)]!),
      milliseconds(least(own, ({ first }) => first)),
      milliseconds(cpu),
      more,
      least(own, ({ peakMiB }) => peakMiB).toFixed(0),
    ];
  };
  const names = programs.map(({ name }) => name);
  const whole = names.slice(STEPS.length + 1);
  const steps = names.slice(0, STEPS.length + 1);
  return TEXT
    .replace("@MACHINE@", machine())
    .replace(
      "@WHOLE@",
      table(whole.map((name) => row(name, undefined).toSpliced(5, 1)), HEADINGS.toSpliced(5, 1)),
    )
    .replace(
      "@STEPS@",
      table(
        steps.map((name, index) => row(name, index === 0 ? undefined : steps[index - 1])).map((cells) =>
          cells.toSpliced(3, 1)
        ),
        HEADINGS.toSpliced(3, 1),
      ),
    );
}

const HEADINGS = ["", "wall ms, least", "median", "first request", "CPU ms", "this step", "peak MiB"];

function table(rows: readonly (readonly string[])[], headings: readonly string[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(headings), line(headings.map((_, index) => index === 0 ? "---" : "--:")), ...rows.map(line)]
    .join("\n");
}

function machine(): string {
  const cpu = /model name\s*:\s*(.*)/.exec(Deno.readTextFileSync("/proc/cpuinfo"))?.[1] ?? Deno.build.arch;
  const load = Deno.loadavg().map((value) => value.toFixed(1)).join(", ");
  return `${navigator.hardwareConcurrency} processors (${cpu}), Deno ${Deno.version.deno}, load average ${load} at the end, ` +
    `${runs} runs a row after 2 to warm up, interleaved`;
}

const TEXT = `# Start-up

Written by \`deno task bench:start\`; no number here is typed manually. @MACHINE@. The AWS is simulated, on loopback,
without TLS and without latency. Least values are what to compare: other work on the machine only adds.

## Whole processes, from the one built file as \`install\` leaves it

@WHOLE@

## Where a launch's start goes

Each row does what the rows above do and one thing more, in processes of its own: differences of a few milliseconds are
noise.

@STEPS@

## What was cut

- The program is bundled in parts that are loaded when they are needed: what reads files only never loads the SDK. Nor
  does Deno read them before: it would read each file that it sees an \`import()\` of, the whole program for \`--version\`.
- It is bundled twice. EC2's seven hundred operations are one module whose descriptions a bundler must keep as they are
  written; with their keys written out (\`deploy/build/portable/light_chunk.ts\`) it keeps the ten that are used. Packages'
  own modules are taken rather than their CommonJS, so that HTTP/2, which no request uses, is not loaded.
- Node's module system is not loaded: what CommonJS packages require of Node comes from Node directly.
- Compiled code is kept in a \`DENO_DIR\` that the user owns, all of it: V8 compiles everything at once, since
  what it compiles later is never kept.
- slurmctld is asked while the SDK loads, and SSM and EC2 at the same time.

## The floor

What is left is Deno's own start, the parts of Node that the SDK's HTTP client, signatures and files are made of (Deno
loads them from its executable and compiles them at each start), and the SDK's own code. Less than that takes another
way to speak to AWS than its SDK, and signing requests is not our business.
`;

try {
  const programs = await prepare();
  const results = await measureAll(programs);
  await Deno.mkdir(`${ROOT}docs`, { recursive: true });
  const text = page(programs, results);
  await Deno.writeTextFile(`${ROOT}docs/start-up.md`, text);
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", "docs/start-up.md"], cwd: ROOT })
    .output();
  console.log(text);
} finally {
  await aws.close();
  await Deno.remove(directory, { recursive: true });
}
