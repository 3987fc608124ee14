import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { Durations } from "../../../../lib/see/report/percentiles.ts";
import { proposalsOf } from "../../../../lib/see/report/proposals.ts";
import { redacted } from "../../../../lib/see/report/redact.ts";
import { reportText } from "../../../../lib/see/report/text.ts";
import { made, NIGHT, T0 } from "./sample_report.ts";

const pure = { permissions: "none" } as const;

Deno.test("reportOf() counts what was asked, launched, refused and failed, where it happened", pure, () => {
  const { timeline, step, pools, reasons, launches, throttled, requests } = made(NIGHT);
  assertEquals(step, 3600);
  assertEquals(timeline.length, 24);
  assertEquals(timeline[0], { from: T0, asked: 10, launched: 5, refused: 2, failed: 5 });
  assertEquals(timeline[1]!.failed, 1);
  assertEquals([launches, throttled], [2, 1]);
  assertEquals(pools.map(({ refusedBy }) => refusedBy.slice(0, 2)), [[1, 0], [1, 0]]);
  assertEquals(pools.map(({ refusedBy: _, ...pool }) => pool), [
    { pool: "?", launched: 0, refused: { RequestLimitExceeded: 1 } },
    { pool: "c7i.large spot subnet-0a", launched: 5, refused: { InsufficientInstanceCapacity: 1 } },
  ]);
  assertEquals(reasons.map(({ class: name, code, nodes }) => `${name} ${code} ${nodes}`), [
    "CAPACITY InsufficientInstanceCapacity 5",
    "QUOTA VcpuLimitExceeded 1",
  ]);
  assertEquals(requests.resume, { count: 1, p50: 180, p90: 180, p99: 180, most: 180 });
});

Deno.test("reportOf() counts a launch once for each code when it is refused again and again", pure, () => {
  const launch = {
    ...{ kind: "launch", nodes: "c0", nodeGroup: "compute", instanceType: "c7i.large" } as const,
    ...{ subnetId: "subnet-0a", capacityType: "on-demand", imageId: "ami-1", clientToken: "t" },
  };
  const refused = (code: string) => ({
    ...{ kind: "refused", clientToken: "t", message: "no", milliseconds: 9 } as const,
    code,
  });
  const { pools, timeline } = made([
    [0, launch],
    [1, refused("InternalError")],
    [2, refused("Unavailable")],
    [61, refused("InternalError")],
  ]);
  assertEquals(pools.map(({ refused }) => refused), [{ InternalError: 1, Unavailable: 1 }]);
  assertEquals(timeline.slice(0, 2).map(({ refused }) => refused), [2, 0]);
});

Deno.test("reportOf() tells where the time of boots went, and what AWS was asked", pure, () => {
  const booted = (id: number, steps: string) => ({
    ...{ kind: "booted", node: `c${id}`, instanceId: `i-${id}`, nodeGroup: "compute" } as const,
    steps,
  });
  const { boots, calls } = made([
    [1, booted(1, "imds 4, mounts 5.5, slurmd 45.5")],
    [1, booted(2, "imds 6, mounts 6.5, slurmd 16.5")],
    [2, booted(3, '<img src="x">')],
    [3, { kind: "calls", calls: { DescribeInstances: 7, RunInstances: 2 }, throttled: {} }],
    [9, { kind: "calls", calls: { RunInstances: 3 }, throttled: { RunInstances: 2 } }],
  ]);
  assertEquals(boots.steps.map(({ name, seconds }) => [name, seconds.count, seconds.p50, seconds.most]), [
    ["kernel", 2, 4, 6],
    ["imds", 2, 0.5, 1.5],
    ["mounts", 2, 10, 40],
  ]);
  assertEquals(calls, [
    { operation: "DescribeInstances", calls: 7, throttled: 0 },
    { operation: "RunInstances", calls: 5, throttled: 2 },
  ]);
});

Deno.test("reportOf() tells how boots went, and what failed to come up", pure, () => {
  const { boots, cost } = made(NIGHT);
  assertEquals(boots.all, {
    name: "all",
    failed: 1,
    seconds: { count: 4, p50: 40, p90: 60, p99: 60, most: 60 },
  });
  assertEquals(boots.byType.map(({ name }) => name), ["c7i.large spot"]);
  assertEquals([cost.total.hours, cost.total.cents], [5, 250]);
});

Deno.test("reportOf() has no boot of less than no time when a node's clock is behind EC2's", pure, () => {
  const boot = {
    ...{ kind: "lifetime", instanceId: "i-0", node: "c0", nodeGroup: "compute", instanceType: "t" } as const,
    ...{ availabilityZone: "z", capacityType: "spot", imageId: "ami-1", began: T0, up: T0 - 900 },
  };
  const { seconds } = made([[1, boot]]).boots.all;
  assertEquals(seconds, { count: 1, p50: 0, p90: 0, p99: 0, most: 0 });
});

Deno.test(
  "reportOf() does not count a boot as failed when its node was powered down before it was seen up",
  pure,
  () => {
    const lifetime = (id: number) => ({
      ...{
        kind: "lifetime",
        instanceId: `i-${id}`,
        node: "c0",
        nodeGroup: "compute",
        instanceType: "t",
      } as const,
      ...{ availabilityZone: "z", capacityType: "spot", imageId: "ami-1" },
      ...{ began: T0 + 60_000, ended: T0 + 120_000 },
    });
    const booted = (id: number) => ({
      ...{ kind: "booted", node: "c0", instanceId: `i-${id}`, nodeGroup: "compute" } as const,
      steps: "imds 4, slurmd 45.5",
    });
    // The first says so after its end, the second never, and the third said so of an earlier run only.
    const { boots } = made([
      [0, booted(3)],
      [1, lifetime(1)],
      [1, lifetime(2)],
      [1, lifetime(3)],
      [3, booted(1)],
    ]);
    assertEquals(boots.all, { name: "all", failed: 2 });
  },
);

Deno.test("reportOf() of nothing is a report, and of events outside the window as well", pure, () => {
  const late = NIGHT.map(([minute, body]) => [minute + 100_000, body] as const).filter(([, { kind }]) =>
    kind !== "lifetime"
  );
  for (const empty of [made([]), made(late)]) {
    assertEquals(empty.timeline.reduce((sum, { asked, failed }) => sum + asked + failed, 0), 0);
    assertStringIncludes(reportText(empty, 80), "0 boots are too few to propose anything");
  }
});

Deno.test("reportText() shows bars, and nothing that steers a terminal", pure, () => {
  const text = reportText(made(NIGHT), 100);
  assertStringIncludes(text, "10 nodes were asked for, 5 instances launched in 2 calls");
  assertStringIncludes(text, "█");
  assert(!text.includes("\x1b"));
});

Deno.test("redacted() leaves out every name of the site, and keeps the figures", pure, () => {
  const report = made(NIGHT);
  const text = JSON.stringify(redacted(report));
  for (const name of ["zeta9", "subnet-0a", "ami-1", "p.yaml", "<b>us", "words"]) {
    assert(!text.includes(name), name);
  }
  assertStringIncludes(text, "c7i.large spot subnet-1");
  assertEquals(redacted(report).timeline, report.timeline);
});

/** The nearest rank among all durations, the slow way. */
function slowly(seconds: readonly number[]) {
  const sorted = seconds.map((one) => Math.round(Math.max(0, one) * 10) / 10).sort((a, b) => a - b);
  const rank = (part: number) => sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)]!;
  return { count: sorted.length, p50: rank(0.5), p90: rank(0.9), p99: rank(0.99), most: rank(1) };
}

Deno.test("Durations.spread() is the nearest rank, to a tenth of a second", pure, () => {
  assertEquals(new Durations().spread(), undefined);
  const seconds = fc.array(fc.double({ min: -5, max: 900, noNaN: true }), { minLength: 1, maxLength: 200 });
  fc.assert(fc.property(seconds, (given) => {
    const durations = new Durations();
    for (const one of given) durations.add(one);
    assertEquals(durations.spread(), slowly(given));
  }));
});

for (
  const [what, row, expected] of [
    ["few boots", { failed: 3, seconds: { count: 19, p50: 1, p90: 1, p99: 1, most: 1 } }, { boots: 22 }],
    [
      "fast boots",
      { failed: 0, seconds: { count: 100, p50: 20, p90: 31, p99: 45, most: 50 } },
      { boots: 100, resumeTimeout: 120, expectedBootSeconds: 40, failureRate: 0, failuresInARow: 2 },
    ],
    [
      "slow boots that fail",
      { failed: 25, seconds: { count: 75, p50: 200, p90: 290, p99: 400, most: 500 } },
      { boots: 100, resumeTimeout: 600, expectedBootSeconds: 290, failureRate: 0.25, failuresInARow: 7 },
    ],
  ] as const
) {
  Deno.test(`proposalsOf() of ${what} is what was measured, with room`, pure, () => {
    assertEquals(proposalsOf({ name: "all", ...row }), { ...expected, breakerLimit: 5 });
  });
}

/** What a history may hold after a clock that jumped, a disk that was full and a file that was cut: any part of a night. */
const anyNight = fc.array(
  fc.record({
    event: fc.nat(NIGHT.length - 1),
    minute: fc.integer({ min: -120, max: 26 * 60 }),
    jump: fc.constantFrom(-60, 0, 0, 60),
  }),
  { maxLength: 60 },
).map((picked) => picked.map(({ event, minute, jump }) => [minute + jump, NIGHT[event]![1]] as const));

Deno.test(
  "reportOf() has no negative number and parts that sum up, whatever is missing or out of order",
  pure,
  () => {
    fc.assert(fc.property(anyNight, (events) => {
      const report = made(events);
      const { cost, pools, timeline } = report;
      assertEquals(cost.rows.reduce((sum, { cents }) => sum + cents, 0), cost.total.cents);
      const sum = (counts: readonly number[]) => counts.reduce((a, b) => a + b, 0);
      assertEquals(sum(pools.map(({ launched }) => launched)), sum(timeline.map(({ launched }) => launched)));
      assertEquals(
        sum(pools.flatMap(({ refused }) => Object.values(refused))),
        sum(timeline.map(({ refused }) => refused)),
      );
      assertEquals(
        sum(pools.flatMap(({ refusedBy }) => refusedBy)),
        sum(timeline.map(({ refused }) => refused)),
      );
      // Nothing of it is below zero, not even a percentile.
      const negative = JSON.stringify(report).match(/:-\d/);
      assertEquals(negative, null);
    }));
  },
);
