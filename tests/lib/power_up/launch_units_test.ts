import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { launchUnits } from "../../../lib/power_up/launch_units.ts";

const pure = { permissions: "none" } as const;
const job = (jobId: number, ...nodes: string[]) => ({ jobId, nodes });

Deno.test("launchUnits() keeps all nodes together under best-effort, whatever the jobs", pure, () => {
  assertEquals(launchUnits(["c0", "c1", "c2"], "best-effort", [job(1, "c0", "c1")]), [
    { nodes: ["c0", "c1", "c2"], whole: false },
  ]);
});

Deno.test("launchUnits() makes a unit of each job of several nodes under all-or-nothing", pure, () => {
  assertEquals(
    launchUnits(["c0", "c1", "c2", "c3", "c4", "c5"], "all-or-nothing", [
      job(1, "c0", "c1"),
      job(2, "c2"),
      job(3, "c3", "c4"),
    ]),
    [{ nodes: ["c0", "c1"], whole: true }, { nodes: ["c3", "c4"], whole: true }, {
      nodes: ["c2", "c5"],
      whole: false,
    }],
  );
});

Deno.test("launchUnits() gives a node of several jobs to the first", pure, () => {
  assertEquals(
    launchUnits(["c0", "c1", "c2"], "all-or-nothing", [job(1, "c0", "c1"), job(2, "c1", "c2")]),
    [{ nodes: ["c0", "c1"], whole: true }, { nodes: ["c2"], whole: false }],
  );
});

Deno.test("launchUnits() takes of a job only the nodes that are asked for", pure, () => {
  assertEquals(
    launchUnits(["c1", "c2"], "all-or-nothing", [job(1, "running0", "c1", "c2"), job(2, "w0", "w1")]),
    [{ nodes: ["c1", "c2"], whole: true }],
  );
});

Deno.test("launchUnits() counts a node once that a job names twice", pure, () => {
  assertEquals(launchUnits(["c0", "c1"], "all-or-nothing", [job(1, "c0", "c0")]), [
    { nodes: ["c0", "c1"], whole: false },
  ]);
});

Deno.test("launchUnits() of no nodes are none", pure, () => {
  assertEquals(launchUnits([], "all-or-nothing", [job(1, "c0", "c1")]), []);
  assertEquals(launchUnits([], "best-effort", []), []);
});

Deno.test("launchUnits() has every node in exactly one unit, and no empty unit", pure, () => {
  const node = fc.nat(15).map((i) => `c${i}`);
  const jobs = fc.array(fc.record({ jobId: fc.nat(), nodes: fc.array(node) }), { maxLength: 6 });
  const strategy = fc.constantFrom("all-or-nothing" as const, "best-effort" as const);
  fc.assert(fc.property(fc.uniqueArray(node), strategy, jobs, (nodes, how, waiting) => {
    const units = launchUnits(nodes, how, waiting);
    assertEquals(units.flatMap((unit) => unit.nodes).sort(), [...nodes].sort());
    assertEquals(units.filter((unit) => unit.nodes.length === 0), []);
    assertEquals(units.filter((unit) => unit.whole && unit.nodes.length < 2), []);
  }));
});
