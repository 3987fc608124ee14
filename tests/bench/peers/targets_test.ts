import { assertEquals } from "@std/assert";
import type { PowerRun, Program, Results, Samples } from "./results.ts";
import { targets } from "./targets.ts";

const pure = { permissions: "none" } as const;

Deno.test("targets() compares best runs with what others take", pure, () => {
  const results = makeResults([
    run("cold", { wall: [0.3, 0.2], first: [0.14, 0.131], cpu: [0.2, 0.17] }),
    run("former", { wall: [0.3], first: [0.1], cpu: [0.3, 0.2] }),
    run("boto3", { wall: [0.5, 0.4], first: [0.3], cpu: [0.4] }),
  ], [{ program: "cold", wall: [0.061, 0.06] }]);
  assertEquals(targets(results).map(({ measured, limit, met }) => [measured, limit, met]), [
    ["0.131 s", "≤ 0.13 s", false],
    ["0.500 × boto3 alone", "≤ 0.5 × boto3 alone", true],
    ["0.850 × former", "≤ 0.85 × former", true],
    ["0.060 s", "≤ 0.06 s", true],
  ]);
});

Deno.test("targets() leaves out what was not measured", pure, () => {
  const results = makeResults([run("cold", { wall: [0.2], first: [0.1], cpu: [0.1] })], []);
  assertEquals(targets(results).map(({ title }) => title), ["start to first request"]);
});

function run(program: string, columns: Pick<Samples, "wall" | "first" | "cpu">): PowerRun {
  const samples = { peakMiB: [70], requests: [3], scontrol: [1], ...columns };
  return { program, operation: "resume", nodes: 1, latencyMs: 0, samples, actions: { RunInstances: 1 } };
}

const PROGRAMS: readonly Program[] = [
  { id: "cold", name: "ours", kind: "ours" },
  { id: "former", name: "former", kind: "former" },
  { id: "boto3", name: "boto3 alone", kind: "floor" },
];

function makeResults(
  powerRuns: readonly PowerRun[],
  lintRuns: Results["lintRuns"],
): Pick<Results, "programs" | "powerRuns" | "lintRuns"> {
  return { programs: PROGRAMS, powerRuns, lintRuns };
}
