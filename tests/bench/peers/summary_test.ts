import { assertEquals } from "@std/assert";
import type { PowerRun, Results, Samples } from "./results.ts";
import { comparisons, median, minimum } from "./summary.ts";

const pure = { permissions: "none" } as const;

Deno.test("minimum() and median() are figures that were measured", pure, () => {
  assertEquals(minimum([3, 1, 2]), 1);
  assertEquals(median([3, 1, 2]), 2);
  assertEquals(median([4, 1, 3, 2]), 3);
  assertEquals(minimum([]), NaN);
  assertEquals(median([]), NaN);
});

Deno.test("comparisons() leaves out programs without a figure", pure, () => {
  const results = makeResults([
    run("bundle", { wall: [0.2], first: [0.1] }),
    run("boto3", { wall: [0.4], first: [] }),
  ], []);
  const [first] = comparisons(results);
  assertEquals(first, { title: "start to first request", unit: "s", values: new Map([["bundle", 0.1]]) });
});

function run(program: string, { wall, first }: Pick<Samples, "wall" | "first">): PowerRun {
  const samples = { wall, first, cpu: [0.1], peakMiB: [70], requests: [3], scontrol: [1] };
  return { program, operation: "resume", nodes: 1, latencyMs: 0, samples, actions: { RunInstances: 1 } };
}

function makeResults(powerRuns: readonly PowerRun[], lintRuns: Results["lintRuns"]): Results {
  return {
    date: "2026-01-01T00:00:00.000Z",
    command: "deno task bench:peers",
    machine: {
      processor: "one",
      processors: 1,
      memoryMiB: 1024,
      system: "Linux",
      kernel: "6",
      load: [0, 0],
      versions: {},
    },
    plan: {
      warmUps: 0,
      rounds: 2,
      faultRounds: 1,
      sizes: [1],
      latencies: [0],
      wanted: 2,
      available: 1,
      throttles: 1,
    },
    programs: [
      { id: "bundle", name: "ours", kind: "ours" },
      { id: "boto3", name: "boto3 alone", kind: "floor" },
    ],
    absent: [],
    powerRuns,
    faultRuns: [],
    lintRuns,
  };
}
