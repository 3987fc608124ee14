import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import {
  COST_KEYS,
  type CostFacts,
  costOf as reckoned,
  NOT_ATTRIBUTED,
} from "../../../../lib/see/cost/cost.ts";
import { costCsv } from "../../../../lib/see/cost/csv.ts";
import { PHASES } from "../../../../lib/see/cost/slices.ts";
import type { JobUse } from "../../../../lib/slurm/sacct.ts";
import type { Lifetime } from "../../../../lib/store/lifetime.ts";

const pure = { permissions: "none" } as const;
const H = 3_600_000;
const T0 = Date.UTC(2026, 10, 1);

function lifetime(change: Partial<Lifetime> = {}): Lifetime {
  return {
    instanceId: "i-0",
    node: "c0",
    nodeGroup: "c",
    instanceType: "c7i.large",
    availabilityZone: "us-east-1a",
    capacityType: "on-demand",
    imageId: "ami-1",
    began: T0,
    up: T0 + H,
    ended: T0 + 10 * H,
    ...change,
  };
}

function job(jobId: string, start: number, end: number | undefined, change: Partial<JobUse> = {}): JobUse {
  const times = { start: T0 + start * H, ...(end !== undefined && { end: T0 + end * H }) };
  return {
    jobId,
    user: `u${jobId}`,
    account: "a",
    partition: "p",
    nodes: ["c0"],
    cpus: 2,
    ...times,
    ...change,
  };
}

interface Given extends CostFacts {
  readonly lifetimes: readonly Lifetime[];
}

const costOf = (given: Given, by: Parameters<typeof reckoned>[2]) => reckoned(given.lifetimes, given, by);

function facts(change: Partial<Given> = {}): Given {
  return {
    lifetimes: [lifetime()],
    window: { from: T0, to: T0 + 100 * H },
    now: T0 + 100 * H,
    running: new Set(),
    priceOf: () => 1,
    jobs: [],
    partitionsOf: () => "cloud",
    ...change,
  };
}

const usdByName = (given: Given, by: Parameters<typeof costOf>[1]) =>
  Object.fromEntries(costOf(given, by).rows.map(({ name, cents }) => [name, cents / 100]));

Deno.test("costOf() tells boot, jobs and idle apart", pure, () => {
  const { total } = costOf(facts({ jobs: [job("1", 0, 3), job("2", 5, undefined)] }), "group");
  const { boot, job: used, idle, up } = total.phases;
  assertEquals([total.cents, boot.cents, used.cents, idle.cents, up.cents], [1000, 100, 700, 200, 0]);
});

Deno.test("costOf() gives jobs that share a node their part by CPUs, the rest to nobody", pure, () => {
  const jobs = [
    job("1", 1, 5),
    job("2", 1, 5, { cpus: 6, nodes: ["c0"] }),
    job("3", 2, 3, { nodes: ["c9"] }),
  ];
  assertEquals(usdByName(facts({ jobs }), "job"), { "1": 1, "2": 3, [NOT_ATTRIBUTED]: 6 });
  assertEquals(usdByName(facts({ jobs }), "account"), { a: 4, [NOT_ATTRIBUTED]: 6 });
  // A job on two nodes is charged for each.
  const two = [lifetime(), lifetime({ instanceId: "i-1", node: "c1" })];
  const both = [job("1", 1, 10, { nodes: ["c0", "c1"] })];
  assertEquals(usdByName(facts({ lifetimes: two, jobs: both }), "user"), { u1: 18, [NOT_ATTRIBUTED]: 2 });
});

Deno.test("costOf() attributes nothing where accounting does not answer", pure, () => {
  const silent = facts({ jobs: undefined });
  assertEquals(usdByName(silent, "user"), { [NOT_ATTRIBUTED]: 10 });
  assertEquals(costOf(silent, "user").total.phases.up.cents, 900);
});

Deno.test("costOf() cuts at the window and at UTC midnight", pure, () => {
  const long = lifetime({ began: T0 - 5 * H, ended: T0 + 30 * H });
  assertEquals(usdByName(facts({ lifetimes: [long], window: { from: T0, to: T0 + 26 * H } }), "day"), {
    "2026-11-01": 24,
    "2026-11-02": 2,
  });
});

Deno.test("costOf() counts what runs until now, and names what ended unseen", pure, () => {
  const { ended: _, ...open } = lifetime();
  const lifetimes = [open, { ...open, instanceId: "i-lost" }];
  const { rows, endUnknown } = costOf(
    facts({ lifetimes, running: new Set(["i-0"]), now: T0 + 4 * H }),
    "node",
  );
  assertEquals([rows[0]!.cents, endUnknown], [500, ["i-lost"]]);
});

Deno.test("costOf() shows hours without a price, and charges nothing for them", pure, () => {
  const lifetimes = [lifetime(), lifetime({ instanceId: "i-1", instanceType: "zz.large" })];
  const priceOf = ({ instanceType }: Lifetime) => instanceType === "zz.large" ? undefined : 1;
  const { total, unpriced } = costOf(facts({ lifetimes, priceOf }), "type");
  assertEquals([total.cents, total.hours, total.unpricedHours, unpriced], [1000, 20, 10, ["zz.large"]]);
});

Deno.test("costOf() never reckons a negative time, whatever the clocks said", pure, () => {
  const odd = [
    lifetime({ ended: T0 - H }),
    lifetime({ up: T0 - 9 * H }),
    lifetime({ up: T0 + 50 * H }),
    lifetime({ began: T0 + 500 * H, ended: T0 + 600 * H }),
  ];
  const { total } = costOf(facts({ lifetimes: odd, jobs: [job("1", 4, 2), job("2", -9, 900)] }), "day");
  assertEquals([total.cents, total.phases.boot.cents, total.phases.job.cents], [2000, 1000, 1000]);
});

Deno.test(
  "costOf() gives a job all of its time when accounting has it in one try or goes on in the next",
  pure,
  () => {
    // slurmctld was restarted at T0 + 5 h: the job ran on in the first case, and was begun again in the second.
    const one = costOf(facts({ jobs: [job("1", 2, 8)] }), "job");
    const two = costOf(facts({ jobs: [job("1", 2, 5), job("1", 5, 8)] }), "job");
    for (const { rows } of [one, two]) {
      assertEquals(rows.map(({ name, cents }) => [name, cents]), [["1", 600], [NOT_ATTRIBUTED, 400]]);
    }
  },
);

Deno.test("costOf() counts no hour twice when the history has an instance's times an hour off", pure, () => {
  // The clock was set back an hour while the first run went on, and forward again before the second.
  const lifetimes = [
    lifetime({ began: T0, up: T0 - H, ended: T0 }),
    lifetime({ began: T0 + 2 * H, up: T0 + 2 * H, ended: T0 + 3 * H }),
    lifetime({ instanceId: "i-1", began: T0 + 3 * H, up: T0 + 2 * H, ended: T0 + 2 * H }),
  ];
  const { total, rows, runs } = costOf(facts({ lifetimes, jobs: [job("1", 1, 9)] }), "day");
  assertEquals([total.hours, total.cents, runs], [1, 100, 1]);
  assertEquals(rows.map(({ hours }) => hours), [1]);
});

/** Hours by which the clock was wrong when a time was noted. */
const jump = fc.constantFrom(-1, 0, 0, 0, 1);

const moment = fc.integer({ min: -50, max: 150 });
const anyLifetime = fc.record({
  id: fc.nat(5),
  began: moment,
  boot: fc.option(fc.double({ min: 0, max: 9, noNaN: true }), { nil: undefined }),
  hours: fc.option(fc.double({ min: 0, max: 99, noNaN: true }), { nil: undefined }),
  jumps: fc.tuple(jump, jump, jump),
  type: fc.constantFrom("a.large", "b.large", "unpriced"),
}).map(({ id, began, boot, hours, type, jumps: [first, second, third] }): Lifetime => ({
  instanceId: `i-${id}`,
  node: `c${id}`,
  nodeGroup: `g${id % 2}`,
  instanceType: type,
  availabilityZone: "z",
  capacityType: "on-demand",
  imageId: "ami",
  began: T0 + (began + first) * H,
  ...(boot !== undefined && { up: T0 + Math.round((began + boot + second) * H) }),
  ...(hours !== undefined && { ended: T0 + Math.round((began + hours + third) * H) }),
}));
const anyJob = fc.record({
  id: fc.nat(9),
  start: moment,
  hours: fc.nat(60),
  cpus: fc.nat(8),
  nodes: fc.array(fc.nat(5)),
})
  .map(({ id, start, hours, cpus, nodes }) =>
    job(String(id), start, start + hours, { cpus, nodes: nodes.map((n) => `c${n}`) })
  );

Deno.test("costOf() by any key has parts that sum to the instances' cost to the cent", pure, () => {
  const arbitrary = fc.record({
    lifetimes: fc.array(anyLifetime, { maxLength: 30 }),
    jobs: fc.option(fc.array(anyJob, { maxLength: 30 }), { nil: undefined }),
  });
  fc.assert(fc.property(arbitrary, ({ lifetimes, jobs }) => {
    const prices: Readonly<Record<string, number>> = { "a.large": 0.0333, "b.large": 12.3456 };
    const given = facts({
      lifetimes,
      jobs,
      priceOf: ({ instanceType }) => prices[instanceType],
      running: new Set(["i-1"]),
    });
    const totals = COST_KEYS.map((key) => {
      const { rows, total } = costOf(given, key);
      assertEquals(rows.reduce((sum, { cents }) => sum + cents, 0), total.cents, key);
      for (const part of [...rows, total]) {
        assertEquals(PHASES.reduce((sum, phase) => sum + part.phases[phase].cents, 0), part.cents, key);
        assert(PHASES.every((phase) => part.phases[phase].cents >= 0 && part.phases[phase].hours >= 0));
      }
      return total.cents;
    });
    // Hours times price is one number, however it is broken down.
    for (const cents of totals) assert(Math.abs(cents - totals[0]!) <= 1);
  }));
});

Deno.test("costCsv() quotes what a spreadsheet would run, and shows control characters", pure, () => {
  const jobs = [job("1", 1, 5, { user: '=HYPERLINK("x")' }), job("2", 5, 6, { user: "a,\x1b\nb" })];
  const text = costCsv(costOf(facts({ jobs }), "user"));
  assertStringIncludes(text, `"'=HYPERLINK(""x"")",4.0000,4.00,`);
  assertStringIncludes(text, `"a,␛␊b",1.0000,1.00,`);
  assertEquals(
    text.split("\r\n").at(-2),
    "total,10.0000,10.00,0.0000,1.0000,1.00,5.0000,5.00,4.0000,4.00,0.0000,0.00",
  );
});
