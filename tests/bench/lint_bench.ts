/**
 * Measures `config lint` as whole processes, from source and from the bundle as it is installed: a small file, and 10,000
 * nodes with 200 partitions in 50 included files.
 *
 *     deno run -A tests/bench/lint_bench.ts [RUNS]
 *
 * No threshold is checked: machines differ. Minima are what to compare between runs on one machine.
 */
import { bundleProgram } from "../../deploy/build/portable/bundle.ts";
import { textTable } from "../../lib/base/text_table.ts";
import { hookV8Flags } from "./v8_flags.ts";

const INCLUDES = 50;
const NODES_PER_INCLUDE = 200;
const PARTITIONS_PER_INCLUDE = 4;

const runs = Number(Deno.args[0] ?? 9);
const checkout = new URL("../../", import.meta.url).pathname;
const dir = await Deno.makeTempDir({ prefix: "slurm-ec2-lint-bench-" });
try {
  const small = `${dir}/small.conf`;
  await Deno.writeTextFile(
    small,
    `${head()}NodeName=c[0-9] CPUs=4 RealMemory=15000 State=CLOUD\nPartitionName=p Nodes=ALL\n`,
  );
  const large = await writeLarge();
  const bundle = await bundled();
  const rows: string[][] = [];
  for (const [program, main] of [["source", `${checkout}main.ts`], ["bundle", bundle]] as const) {
    for (const [size, file] of [["small file", small], ["10,000 nodes, 50 includes", large]] as const) {
      rows.push([`${size}, ${program}`, ...await measure(main, file)]);
    }
  }
  console.log(textTable(["config lint", "wall s (minimum)", "wall s (median)"], rows));
} finally {
  await Deno.remove(dir, { recursive: true });
}

function head(): string {
  return [
    "ClusterName=bench",
    "SlurmctldHost=ctl",
    "SelectType=select/cons_tres",
    "SlurmctldParameters=idle_on_node_suspend",
    "ResumeProgram=/opt/slurm/resume",
    "SuspendProgram=/opt/slurm/stop",
    "ResumeFailProgram=/opt/slurm/resume-fail",
    "ResumeRate=0",
    "SuspendRate=0",
    "ResumeTimeout=600",
    "SuspendTimeout=120",
    "",
  ].join("\n");
}

async function writeLarge(): Promise<string> {
  const main: string[] = [head()];
  for (let file = 0; file < INCLUDES; file++) {
    const lines: string[] = [];
    for (let node = 0; node < NODES_PER_INCLUDE; node++) {
      lines.push(
        `NodeName=n${file}-${node} CPUs=4 Boards=1 SocketsPerBoard=1 CoresPerSocket=2 ThreadsPerCore=2 ` +
          `RealMemory=15000 Weight=${node} Feature=cloud,f${node} State=CLOUD`,
      );
    }
    for (let partition = 0; partition < PARTITIONS_PER_INCLUDE; partition++) {
      lines.push(
        `PartitionName=p${file}-${partition} Nodes=n${file}-[0-${NODES_PER_INCLUDE - 1}] SuspendTime=300`,
      );
    }
    await Deno.writeTextFile(`${dir}/nodes${file}.conf`, `${lines.join("\n")}\n`);
    main.push(`Include ${dir}/nodes${file}.conf\n`);
  }
  await Deno.writeTextFile(`${dir}/slurm.conf`, main.join(""));
  return `${dir}/slurm.conf`;
}

async function bundled(): Promise<string> {
  await bundleProgram(`${dir}/bundle`);
  return `${dir}/bundle/main.js`;
}

async function measure(main: string, file: string): Promise<string[]> {
  const seconds: number[] = [];
  for (let run = 0; run < runs + 2; run++) {
    const start = performance.now();
    const { code } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--no-prompt",
        "--cached-only",
        ...(main.endsWith(".js") ? ["--no-config", "--no-lock", hookV8Flags()] : []),
        `--allow-read=${dir}`,
        main,
        "config",
        "lint",
        file,
      ],
      stdout: "null",
      stderr: "inherit",
    }).output();
    if (code !== 0 && code !== 3) throw new Error(`config lint ended with ${code}`);
    // The first two fill the caches of the system and of Deno.
    if (run >= 2) seconds.push((performance.now() - start) / 1000);
  }
  seconds.sort((a, b) => a - b);
  return [seconds[0]!, seconds[seconds.length >> 1]!].map((value) => value.toFixed(3));
}
