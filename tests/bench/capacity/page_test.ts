import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { capacitySection, capacityTargets } from "./page.ts";
import { type CapacityResults, type ClockedCase, parseCapacity, type RealCase } from "./results.ts";

const clocked = (bound: number, changes: Partial<ClockedCase> = {}): ClockedCase => ({
  nodes: bound,
  bound,
  launched: bound,
  calls: 19,
  throttled: 0,
  perType: { a: 1, b: 2 },
  seconds: 400,
  realSeconds: 1,
  worst: bound,
  ...changes,
});
const real = (walls: number[], changes: Partial<RealCase> = {}): RealCase => ({
  walls,
  actions: { RunInstances: 3 },
  launched: 10,
  addressed: 10,
  nodes: 10,
  ...changes,
});
const EXAMPLE: CapacityResults = {
  date: "2026-12-01T10:00:00.000Z",
  commit: "abcdef1",
  other: "9139880",
  machine: { processor: "x", processors: 2, memoryMiB: 1_000, system: "Debian", kernel: "6", load: [0.1, 2] },
  clocked: {
    "2,000 nodes, full bucket": {
      abcdef1: clocked(1_840, { launched: 1_800 }),
      9139880: clocked(1_840, { launched: 1_500, calls: 317 }),
    },
    "2,000 nodes, bucket found nearly empty": { abcdef1: clocked(940, { launched: 700 }) },
    "10,000 nodes, long ResumeTimeout": { abcdef1: clocked(10_000, { seconds: 4_725 }) },
    "1,000 nodes, half in a second pool": { abcdef1: clocked(1_000) },
    "10 nodes, eight throttles in a row": {
      abcdef1: clocked(10, { seconds: 7 }),
      9139880: clocked(10, { seconds: 14 }),
    },
  },
  real: {
    "1,000 nodes, half in a second pool": {
      ours: real([3, 4]),
      former: real([2]),
      fleet: real([10, 9], { actions: { CreateFleet: 4 } }),
    },
    "10 nodes, eight throttles in a row": { ours: real([8, 9, 7]), former: real([12]), fleet: real([15]) },
  },
};

Deno.test("parseCapacity() takes what the bench writes, and nothing that lacks a figure or has another", () => {
  assertEquals(parseCapacity(JSON.stringify(EXAMPLE)), EXAMPLE);
  const { real: _, ...without } = EXAMPLE;
  for (const wrong of [{}, without, { ...EXAMPLE, typed: 1 }, { ...EXAMPLE, real: { a: { b: real([]) } } }]) {
    assertThrows(() => parseCapacity(JSON.stringify(wrong)), Error, undefined, JSON.stringify(wrong));
  }
});

Deno.test("capacityTargets() holds each figure against its target", () => {
  assertEquals(capacityTargets(EXAMPLE).map(({ measured, met }) => [measured, met]), [
    ["0.978", true],
    ["19", true],
    ["0", true],
    ["0.745", false],
    ["4725 s", true],
    ["2", true],
    ["10", true],
    ["3.00 s, 9.00 s: 0.33 ×", true],
    ["7.00 s, 14.00 s: 0.50 ×", true],
    ["10", true],
    ["8.00 s, 12.00 s: 0.67 ×", false],
  ]);
  assertThrows(() => capacityTargets({ ...EXAMPLE, commit: "other" }), Error, "no figures");
});

Deno.test("capacitySection() shows all programs, and says when the machine was not quiet", () => {
  const section = capacitySection(EXAMPLE);
  assertMatch(
    section,
    /\| 2,000 nodes, full bucket \| slurm-ec2, abcdef1 \| 1800 of 1840 \| 19 \| 0 \| 400 s \|/,
  );
  assertMatch(section, /\| 2,000 nodes, full bucket \| 9139880 \| 1500 of 1840 \| 317 \|/);
  assertMatch(section, /\| fleet \| 10 of 10 \| 9\.000 \/ 10\.0 \| 4 \|/);
  assert(!/not quiet/.test(section), section);
  const loaded = { ...EXAMPLE, machine: { ...EXAMPLE.machine, load: [3, 3] as [number, number] } };
  assertMatch(capacitySection(loaded), /load average 3 before, 3 after: \*\*not quiet\*\*/);
});
