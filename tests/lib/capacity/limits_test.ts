import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { admit, type Ceilings, type Demand } from "../../../lib/capacity/limits.ts";
import { NOTHING, type Reckoning } from "../../../lib/capacity/reckoning.ts";

const pure = { permissions: "none" } as const;

/** `5:2w@c` is job 5 with two nodes of group c, all or none; `:1@c` a node of no job; `5!9:…` job 5 with priority 9. */
function demand(text: string, usd = 1, unpriced: readonly string[] = []): Demand {
  const [, job, priority, count, whole, group] = /^(\d*)(?:!(\d+))?:(\d+)(w?)@(\w+)$/.exec(text)!;
  const nodes = Array.from({ length: Number(count) }, (_, i) => ({
    name: `${group}-${job}-${i}`,
    nodeGroup: group!,
    instances: 1 as const,
    price: { usdPerHour: usd, unpriced },
  }));
  return {
    nodes,
    whole: whole === "w",
    ...(job !== "" && { jobId: Number(job) }),
    ...(priority !== undefined && { priority: Number(priority) }),
  };
}

function use(nodes: number, usdPerHour = nodes, today = 0): Reckoning {
  return { ...NOTHING, nodes, usdPerHour, today: { usd: today, unpriced: new Set() } };
}

for (
  const [what, ceilings, used, asked, admitted] of [
    ["all without a ceiling", {}, 7, ["5:3w@c", ":2@d"], "c-5-0 c-5-1 c-5-2 d--0 d--1"],
    ["up to the last node", { maxNodes: 4 }, 1, ["5:3w@c"], "c-5-0 c-5-1 c-5-2"],
    ["no part of a job that can't start on fewer", { maxNodes: 4 }, 2, ["5:3w@c"], ""],
    ["what there is room for of a job that can", { maxNodes: 4 }, 2, ["5:3@c"], "c-5-0 c-5-1"],
    ["the older job first", { maxNodes: 2 }, 0, ["6:2w@c", "5:2w@c"], "c-5-0 c-5-1"],
    ["the higher priority first", { maxNodes: 2 }, 0, ["5!1:2w@c", "6!2:2w@c"], "c-6-0 c-6-1"],
    ["jobs before nodes of none", { maxNodes: 1 }, 0, [":1@c", "9:1@c"], "c-9-0"],
    ["no smaller job past one that waits in its group", { maxNodes: 3 }, 0, ["5:4w@c", "6:1@c"], ""],
    ["a smaller job in another group", { maxNodes: 3 }, 0, ["5:4w@c", "6:1@d"], "d-6-0"],
    ["nothing where a lowered limit is exceeded", { maxNodes: 3 }, 9, [":1@c"], ""],
    ["up to the last cent", { maxHourlyCost: 4 }, 1, ["5:3w@c"], "c-5-0 c-5-1 c-5-2"],
    ["nothing beyond the cost", { maxHourlyCost: 3.999 }, 1, ["5:3w@c"], ""],
    ["by the narrower of two limits", { maxNodes: 9, maxHourlyCost: 2 }, 1, ["5:3@c"], "c-5-0"],
    [
      "while the day's money lasts for the first minute",
      { maxDailyCost: 0.05 },
      0,
      ["5:5@c"],
      "c-5-0 c-5-1 c-5-2",
    ],
    ["by an absurd limit", { maxHourlyCost: 1e-300 }, 0, [":1@c"], ""],
  ] as const satisfies readonly (readonly [string, Ceilings, number, readonly string[], string])[]
) {
  Deno.test(`admit() lets in ${what}`, pure, () => {
    const names = admit(ceilings, use(used), asked.map((text) => demand(text))).admitted;
    assertEquals([...names].sort().join(" "), admitted);
  });
}

for (
  const [what, ceilings, used, asked, message] of [
    [
      "a cost",
      { maxHourlyCost: 100 },
      use(9, 97.2),
      [demand("5:4w@c", 1.5)],
      "LimitMaxHourlyCost held by limits.maxHourlyCost: 97.20 of 100.00 USD/h; job 5 needs 6.00 USD/h more",
    ],
    [
      "a small cost",
      { maxHourlyCost: 0.01 },
      use(0),
      [demand(":1@c", 0.0085), demand(":1@c", 0.0085)],
      "LimitMaxHourlyCost held by limits.maxHourlyCost: 0.0085 of 0.0100 USD/h; a node needs 0.0085 USD/h more",
    ],
    [
      "a number of nodes",
      { maxNodes: 4 },
      use(2),
      [demand("5:3@c")],
      "LimitMaxNodes held by limits.maxNodes: 4 of 4 nodes; a node of job 5 needs 1 more",
    ],
    [
      "what never fits",
      { maxNodes: 4 },
      use(2),
      [demand("5:6w@c")],
      "LimitMaxNodes held by limits.maxNodes: 2 of 4 nodes; job 5 needs 6 and never fits: raise the limit or scancel 5",
    ],
    [
      "what a day may cost",
      { maxDailyCost: 480 },
      use(9, 97.2, 480.1),
      [demand("5:4w@c", 1.5)],
      "LimitMaxDailyCost held by limits.maxDailyCost: 480.10 of 480.00 USD since 00:00 UTC",
    ],
    [
      "a day whose cost is not known",
      { maxDailyCost: 480 },
      { ...use(0), today: { usd: 0, unpriced: new Set(["m7i.large"]) } },
      [demand("5:1@c")],
      "LimitMaxDailyCost held by limits.maxDailyCost: no price is known for m7i.large; see slurm-ec2 config prices",
    ],
    [
      "an unknown price",
      { maxHourlyCost: 100 },
      use(0),
      [demand("5:1@c", 0, ["c7i.large"])],
      "LimitMaxHourlyCost held by limits.maxHourlyCost: no price is known for c7i.large; see slurm-ec2 config prices",
    ],
    [
      "an unknown price of what runs",
      { maxHourlyCost: 100 },
      { ...use(1), unpriced: new Set(["m7i.large"]) },
      [demand("5:1@c")],
      "LimitMaxHourlyCost held by limits.maxHourlyCost: no price is known for m7i.large; see slurm-ec2 config prices",
    ],
  ] as const satisfies readonly (readonly [string, Ceilings, Reckoning, readonly Demand[], string])[]
) {
  Deno.test(`admit() says what holds: ${what}`, pure, () => {
    const { held } = admit(ceilings, used, asked);
    assertEquals(held.map(({ refusal }) => `${refusal.code} ${refusal.message}`), [message]);
  });
}

Deno.test("admit() says behind whom a job waits", pure, () => {
  const { held } = admit({ maxNodes: 2 }, use(0), [demand("5:3w@c"), demand("6:1@c")]);
  assertEquals(held[1]!.behind, true);
  assertEquals(
    held[1]!.refusal.message,
    "held by limits.maxNodes: 0 of 2 nodes; waits behind job 5 of its node group",
  );
});

Deno.test("admit() needs no price where only nodes are limited", pure, () => {
  assertEquals(admit({ maxNodes: 2 }, NOTHING, [demand("5:1@c", 0, ["c7i.large"])]).held, []);
});

const aDemand = fc.record({
  job: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
  priority: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
  count: fc.integer({ min: 1, max: 5 }),
  whole: fc.boolean(),
  group: fc.constantFrom("c", "d"),
  usd: fc.double({ min: 0, max: 3, noNaN: true }),
}).map(({ job, priority, count, whole, group, usd }) =>
  demand(
    `${job ?? ""}${priority === undefined ? "" : `!${priority}`}:${count}${whole ? "w" : ""}@${group}`,
    usd,
  )
);

Deno.test("admit() never lets in more than a limit allows, and no part of a whole job", pure, () => {
  fc.assert(fc.property(
    fc.record({
      maxNodes: fc.integer({ min: 1, max: 12 }),
      maxHourlyCost: fc.double({ min: 0.1, max: 20, noNaN: true }),
    }, { requiredKeys: [] }),
    fc.integer({ min: 0, max: 12 }),
    fc.array(aDemand, { maxLength: 12 }),
    (ceilings, used, list) => {
      const demands = list.map((one, i) => ({
        ...one,
        nodes: one.nodes.map((node) => ({ ...node, name: `${i}${node.name}` })),
      }));
      const { admitted, held, after } = admit(ceilings, use(used), demands);
      const usd = demands.flatMap(({ nodes }) => nodes).filter(({ name }) => admitted.has(name))
        .reduce((sum, { price }) => sum + price.usdPerHour, used);
      if (admitted.size > 0) {
        assert(used + admitted.size <= (ceilings.maxNodes ?? Infinity));
        if (usd > used) assert(usd <= (ceilings.maxHourlyCost ?? Infinity) + 1e-5);
      }
      assert(Math.abs(after.usdPerHour - usd) < 1e-6 && after.nodes === used + admitted.size);
      for (const { nodes, whole } of demands) {
        const count = nodes.filter(({ name }) => admitted.has(name)).length;
        assert(!whole || count === 0 || count === nodes.length);
      }
      const refused = held.flatMap(({ nodes }) => nodes);
      assertEquals(refused.length + admitted.size, demands.flatMap(({ nodes }) => nodes).length);
    },
  ));
});
