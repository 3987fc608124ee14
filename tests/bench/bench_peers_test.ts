import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { testWhere } from "../test_where.ts";
import { findPython } from "./peers/python_packages.ts";
import type { PowerRun, Results } from "./peers/results.ts";

const python = await findPython({ install: false, say: () => {} });
const missing = Object.entries(python?.versions ?? { python: null }).filter(([, version]) =>
  version === null
);
const why = missing.length === 0
  ? undefined
  : `no ${missing.map(([name]) => name).join(", ")} for a python3 in PATH (.ci/run installs it)`;

testWhere(why, "bench_peers.ts --quick measures every program and writes what it found", async () => {
  const dir = await Deno.makeTempDir({ prefix: "slurm-ec2-bench-test-" });
  try {
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--frozen", BENCH, "--quick", "--offline", "--out", `${dir}/found.md`],
      stdout: "null",
      stderr: "piped",
    }).output();
    assert(success, new TextDecoder().decode(stderr));
    const results: Results = JSON.parse(await Deno.readTextFile(`${dir}/found.json`));
    checkRequests(results);
    checkFaults(results);
    assertEquals(results.crowdRuns?.map(({ samples }) => samples.wall.length), results.programs.map(() => 1));
    const text = await Deno.readTextFile(`${dir}/found.md`);
    for (const { name } of results.programs) assertStringIncludes(text, name);
    for (const word of ["| Resume of 10 nodes", "| BatchWriteItem", "`config lint`"]) {
      assertStringIncludes(text, word);
    }
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

const BENCH = new URL("./bench_peers.ts", import.meta.url).pathname;

function checkRequests({ powerRuns, programs }: Results): void {
  const actions = (program: string, operation: PowerRun["operation"]) =>
    powerRuns.find((run) => run.program === program && run.operation === operation && run.nodes === 10)
      ?.actions;
  assertEquals(programs.map(({ id }) => id), ["cold", "warm", "pc-ri", "pc-cf", "boto3"]);
  assertEquals(actions("boto3", "resume"), { RunInstances: 1 });
  assertEquals(actions("boto3", "suspend"), { TerminateInstances: 1 });
  assertEquals(actions("pc-ri", "resume"), { RunInstances: 1, BatchWriteItem: 1 });
  assertEquals(actions("pc-cf", "resume"), { CreateFleet: 1, DescribeInstances: 1, BatchWriteItem: 1 });
  assertEquals(actions("pc-ri", "suspend"), {
    DescribeInstances: 1,
    DescribeInstanceStatus: 3,
    TerminateInstances: 1,
  });
  for (const ours of ["cold", "warm"]) {
    assertEquals(actions(ours, "resume")?.RunInstances, 1);
    assertEquals(actions(ours, "suspend")?.TerminateInstances, 1);
  }
  for (const { samples, program, operation } of powerRuns) {
    const passOfDaemon = program.startsWith("pc-") && operation === "suspend";
    assertEquals(samples.wall.length, 1);
    assertEquals(samples.first.length, passOfDaemon ? 0 : 1);
    assert(samples.wall[0]! > 0 && samples.cpu[0]! > 0 && samples.peakMiB[0]! > 1, `${program} ${operation}`);
  }
}

function checkFaults({ faultRuns, programs }: Results): void {
  const outcome = (program: string, fault: string) => {
    const run = faultRuns.find((one) => one.program === program && one.fault === fault)!;
    return [run.launched, run.addressed, run.told.reduce((sum, { nodes }) => sum + nodes, 0)];
  };
  for (const { id } of programs) assertEquals(outcome(id, "throttled"), [10, 10, 0], id);
  for (const id of ["cold", "warm", "pc-ri", "pc-cf"]) {
    assertEquals(outcome(id, "half capacity, one job"), [0, 0, 10], id);
    assertEquals(outcome(id, "half capacity, a job a node"), [5, 5, 5], id);
  }
  assertEquals(outcome("boto3", "half capacity, one job"), [5, 5, 0]);
}
