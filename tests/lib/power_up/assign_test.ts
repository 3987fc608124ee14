import { assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import type { Instance } from "../../../lib/aws/instance.ts";
import { assignInstances } from "../../../lib/power_up/assign.ts";
import { makeInstance } from "../../fixtures/make_instance.ts";

const pure = { permissions: "none" } as const;

const at = (instanceId: string, amiLaunchIndex: number, changes: Partial<Instance> = {}) =>
  makeInstance({ instanceId, amiLaunchIndex, ...changes });

/** Instance id by node, nodes without one, ids that are not nodes. */
function summary(nodes: readonly string[], instances: readonly Instance[]) {
  const { assignments, shortfall, surplus } = assignInstances(nodes, instances);
  return {
    assigned: Object.fromEntries(
      assignments.map(({ nodeName, instance }) => [nodeName, instance.instanceId]),
    ),
    short: shortfall.map(({ nodeName }) => nodeName),
    surplus: surplus.map(({ instanceId }) => instanceId),
  };
}

const NODES = ["c0", "c1", "c2"];

for (
  const [what, instances, expected] of [
    ["all indices, in any order", [at("i-a", 2), at("i-b", 0), at("i-c", 1)], {
      assigned: { c0: "i-b", c1: "i-c", c2: "i-a" },
      short: [],
      surplus: [],
    }],
    ["indices that are not the first ones", [at("i-a", 2), at("i-b", 1)], {
      assigned: { c1: "i-b", c2: "i-a" },
      short: ["c0"],
      surplus: [],
    }],
    ["an index twice: the lowest id keeps it", [at("i-b", 0), at("i-a", 0), at("i-c", 0)], {
      assigned: { c0: "i-a" },
      short: ["c1", "c2"],
      surplus: ["i-b", "i-c"],
    }],
    ["indices out of range or unknown", [
      at("i-a", 3),
      at("i-b", -1),
      at("i-c", 0.5),
      at("i-d", NaN),
      at("i-e", 1),
    ], {
      assigned: { c1: "i-e" },
      short: ["c0", "c2"],
      surplus: ["i-a", "i-b", "i-c", "i-d"],
    }],
    ["no address", [at("i-a", 0, { privateIpAddress: undefined }), at("i-b", 1)], {
      assigned: { c1: "i-b" },
      short: ["c0", "c2"],
      surplus: ["i-a"],
    }],
    ["no address where another instance of the index has one", [
      at("i-a", 0, { privateIpAddress: undefined }),
      at("i-b", 0),
    ], { assigned: { c0: "i-b" }, short: ["c1", "c2"], surplus: ["i-a"] }],
    ["nothing at all", [], { assigned: {}, short: NODES, surplus: [] }],
  ] as const
) {
  Deno.test(`assignInstances() when EC2 answers ${what}`, pure, () => {
    assertEquals<unknown>(summary(NODES, instances), expected);
  });
}

Deno.test("assignInstances() says which instance came without an address", pure, () => {
  const silent = at("i-a", 1, { privateIpAddress: undefined, subnetId: "subnet-1" });
  const { shortfall } = assignInstances(NODES, [at("i-b", 0), silent]);
  assertEquals(shortfall.map(({ nodeName, refusal }) => [nodeName, refusal.code]), [
    ["c1", "InstanceWithoutAddress"],
    ["c2", "InsufficientInstanceCapacity"],
  ]);
  assertStringIncludes(shortfall[0]!.refusal.message, "instance i-a without a private address");
  assertStringIncludes(shortfall[0]!.refusal.message, "subnet-1");
});

Deno.test(
  "assignInstances() says that the pool has no more when EC2 launched fewer without an error",
  pure,
  () => {
    const { shortfall } = assignInstances(["c0"], []);
    assertEquals(shortfall.map(({ refusal }) => refusal.code), ["InsufficientInstanceCapacity"]);
  },
);

Deno.test(
  "assignInstances() has every node in assigned or short and every instance in assigned or surplus, once",
  pure,
  () => {
    const answer = fc.array(
      fc.record({
        index: fc.oneof(fc.integer({ min: -2, max: 8 }), fc.constantFrom(0.5, NaN, Infinity, -0, 2 ** 32)),
        addressed: fc.boolean(),
      }),
      { maxLength: 10 },
    );
    fc.assert(fc.property(fc.integer({ min: 1, max: 6 }), answer, (size, answer) => {
      const nodes = Array.from({ length: size }, (_, i) => `n${i}`);
      const instances = answer.map(({ index, addressed }, i) =>
        at(`i-${i}`, index, addressed ? {} : { privateIpAddress: undefined })
      );
      const { assigned, short, surplus } = summary(nodes, instances);
      assertEquals([...Object.keys(assigned), ...short].sort(), nodes.toSorted());
      assertEquals(
        [...Object.values(assigned), ...surplus].sort(),
        instances.map(({ instanceId }) => instanceId).sort(),
      );
      const byId = new Map(instances.map((instance) => [instance.instanceId, instance]));
      for (const [node, id] of Object.entries(assigned)) {
        assertEquals(byId.get(id)!.amiLaunchIndex + 0, Number(node.slice(1)));
      }
    }));
  },
);
