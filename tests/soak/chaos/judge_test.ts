import { assertEquals } from "@std/assert";
import { randomFrom } from "../../lib/slurm_conf/fuzz.ts";
import {
  faultsIn,
  type InstanceSeen,
  neverLaunched,
  type NodeSeen,
  problemsAtRest,
  problemsAtWork,
  unfinishedJobs,
} from "./judge.ts";
import { MISHAPS, planMishaps } from "./plan.ts";

const pure = { permissions: "none" } as const;
const node = (name: string, state = "IDLE+CLOUD+POWERED_DOWN"): NodeSeen => ({ name, state, reason: "" });
const instance = (id: string, node: string | undefined, state = "running"): InstanceSeen => ({
  id,
  node,
  state,
});

Deno.test("unfinishedJobs() names jobs that are not over, or that say so without having run", pure, () => {
  const job = (id: string, state: string) => ({ id, state, reason: "None", restarts: 0 });
  const jobs = [job("1", "COMPLETED"), job("2", "PENDING"), job("3", "COMPLETED"), job("4", "FAILED")];
  const texts = unfinishedJobs({ jobs, ended: new Set(["1", "4"]) }).map(({ text }) => text.slice(0, 12));
  assertEquals(texts, ["job 2 is PEN", "job 3 is COM", "job 4 is FAI"]);
});

Deno.test("neverLaunched() names jobs that run on a node which answers, and have not begun", pure, () => {
  const job = (id: string, node: string, state = "RUNNING") => ({
    id,
    state,
    reason: "None",
    restarts: 0,
    node,
  });
  const jobs = [job("1", "c0"), job("2", "c0"), job("3", "c1"), job("4", "c0", "CONFIGURING")];
  const nodes = [node("c0", "MIXED+CLOUD"), node("c1", "MIXED+CLOUD+NOT_RESPONDING")];
  assertEquals(neverLaunched({ jobs, nodes }, new Set(["1"])), ["2"]);
});

const AT_WORK: readonly (readonly [string, readonly InstanceSeen[], readonly string[]])[] = [
  [
    "one instance each",
    [instance("i-0", "c0"), instance("i-1", "c1"), instance("i-2", "c1", "terminated")],
    [],
  ],
  ["two of a node", [instance("i-0", "c0"), instance("i-1", "c1"), instance("i-2", "c1", "pending")], [
    "duplicate",
  ]],
  ["none of a node", [instance("i-0", "c0"), instance("i-1", "c1", "stopped")], ["without-instance"]],
  ["one of no node", [instance("i-0", "c0"), instance("i-1", "c1"), instance("i-2", undefined)], ["orphan"]],
];
for (const [what, instances, kinds] of AT_WORK) {
  Deno.test(`problemsAtWork() judges ${what}`, pure, () => {
    const found = problemsAtWork({ nodes: [node("c0", "ALLOCATED"), node("c1", "ALLOCATED")], instances });
    assertEquals(found.map(({ kind }) => kind), kinds);
  });
}

for (
  const [state, isStuck] of [
    ["IDLE+CLOUD+POWERED_DOWN", false],
    ["DOWN+CLOUD+POWERED_DOWN", true],
    ["IDLE+CLOUD+DRAIN+POWERED_DOWN", true],
    ["IDLE+CLOUD+POWERING_DOWN", true],
    ["IDLE+CLOUD", true],
  ] as const
) {
  Deno.test(`problemsAtRest() judges ${state}`, pure, () => {
    const found = problemsAtRest({ nodes: [node("c0", state)], instances: [], stops: new Set() });
    assertEquals(found.map(({ kind }) => kind), isStuck ? ["node"] : []);
  });
}

Deno.test("problemsAtRest() allows one stopped instance of a node whose instances are stopped", pure, () => {
  const instances = [
    instance("i-0", "c0", "stopped"),
    instance("i-1", "c0", "stopped"),
    instance("i-2", "c1", "stopped"),
    instance("i-3", "c0"),
    instance("i-4", undefined, "pending"),
    instance("i-5", "c1", "terminated"),
  ];
  const found = problemsAtRest({ nodes: [], instances, stops: new Set(["c0"]) });
  assertEquals(found.map(({ text }) => text.slice(0, 3)), ["i-1", "i-2", "i-3", "i-4"]);
});

Deno.test(
  "planMishaps() plans the same for the same seed, and every kind in a run of ten minutes",
  pure,
  () => {
    const plan = planMishaps(randomFrom(3), 360);
    assertEquals(plan, planMishaps(randomFrom(3), 360));
    const kinds = new Set(
      [1, 2, 3].flatMap((seed) => planMishaps(randomFrom(seed), 360).map(({ kind }) => kind)),
    );
    assertEquals([...kinds].sort(), Object.keys(MISHAPS).sort());
  },
);

Deno.test("faultsIn() finds what the product says of itself, not the refusals of others", pure, () => {
  const log = `2026-11-30T21:59:39.019Z WARN resume-fail: terminated       1  c10
2026-11-30T21:59:39.019Z WARN TerminateInstances of i-1 failed: InternalError: An internal error has occurred
2026-11-30T21:59:39.019Z ERROR worker failed: x is not a function
TypeError: x is not a function
    at Loop.run (file:///lib/main.js:1:1)`;
  assertEquals(faultsIn(log).map(({ text }) => text.trim().slice(0, 12)), [
    "2026-11-30T2",
    "TypeError: x",
    "at Loop.run ",
  ]);
});
