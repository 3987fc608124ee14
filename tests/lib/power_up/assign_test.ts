import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Instance } from "../../../lib/aws/instance.ts";
import { assign } from "../../../lib/power_up/assign.ts";
import { type LaunchPlan, planLaunches } from "../../../lib/power_up/launch_plan.ts";
import type { Outcome, Refusal } from "../../../lib/power_up/outcome.ts";
import { testConfig } from "../../fixtures/test_config.ts";
import { makeInstance } from "../../fixtures/make_instance.ts";
import { testGroup } from "../../fixtures/test_group.ts";

const pure = { permissions: "none" } as const;

function planOf(nodes: readonly string[]): LaunchPlan {
  const [plan] = planLaunches(testConfig(), {
    group: testGroup(),
    offering: { instanceType: "c7i.large", subnetId: "subnet-0a000000000000001", capacityType: "on-demand" },
    settings: { imageId: "ami-08664000000000001", securityGroupIds: [] },
    whole: false,
    nodes,
  });
  return plan!;
}

const launched = (nodes: readonly string[], instances: readonly Instance[]): Outcome => ({
  kind: "launched",
  plan: planOf(nodes),
  clientToken: "token",
  instances,
});

function refused(nodes: readonly string[], refusal: Refusal): Outcome {
  return { kind: "refused", plan: planOf(nodes), clientToken: "token", refusal };
}

const at = (instanceId: string, amiLaunchIndex: number, changes: Partial<Instance> = {}) =>
  makeInstance({ instanceId, amiLaunchIndex, ...changes });

/** Instance id by node, nodes without one, ids that are no node. */
function summary(outcomes: readonly Outcome[]) {
  const { assignments, shortfall, surplus } = assign(outcomes);
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
    ["indices that are not the first so many", [at("i-a", 2), at("i-b", 1)], {
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
  Deno.test(`assign() when EC2 answers ${what}`, pure, () => {
    assertEquals<unknown>(summary([launched(NODES, instances)]), expected);
  });
}

Deno.test("assign() takes nodes of a refused call as short for the refusal's own reason", pure, () => {
  const refusal = { code: "VcpuLimitExceeded", message: "too many", requestId: "r-1" };
  const { shortfall } = assign([refused(["c0", "c1"], refusal)]);
  assertEquals(shortfall, [{ nodeName: "c0", refusal }, { nodeName: "c1", refusal }]);
});

Deno.test("assign() says that the pool has no more when EC2 launched fewer without an error", pure, () => {
  const { shortfall } = assign([launched(["c0"], [])]);
  assertEquals(shortfall.map(({ refusal }) => refusal.code), ["InsufficientInstanceCapacity"]);
});

Deno.test("assign() keeps indices of different calls apart", pure, () => {
  assertEquals(
    summary([launched(["c0", "c1"], [at("i-a", 1)]), launched(["c5", "c6"], [at("i-b", 0)])]),
    { assigned: { c1: "i-a", c5: "i-b" }, short: ["c0", "c6"], surplus: [] },
  );
});

Deno.test(
  "assign() has every node in assigned or short and every instance in assigned or surplus, once",
  pure,
  () => {
    const answer = fc.array(
      fc.record({
        index: fc.oneof(fc.integer({ min: -2, max: 8 }), fc.constantFrom(0.5, NaN, Infinity, -0, 2 ** 32)),
        addressed: fc.boolean(),
      }),
      { maxLength: 10 },
    );
    const call = fc.record({ size: fc.integer({ min: 1, max: 6 }), answer: fc.option(answer) });
    fc.assert(fc.property(fc.array(call, { maxLength: 5 }), (calls) => {
      const outcomes = calls.map(({ size, answer }, c) => {
        const nodes = Array.from({ length: size }, (_, i) => `r${c}n${i}`);
        if (answer === null) return refused(nodes, { code: "InternalError", message: "" });
        const instances = answer.map(({ index, addressed }, i) =>
          at(`i-${c}-${i}`, index, addressed ? {} : { privateIpAddress: undefined })
        );
        return launched(nodes, instances);
      });
      const { assigned, short, surplus } = summary(outcomes);
      assertEquals(
        [...Object.keys(assigned), ...short].sort(),
        outcomes.flatMap(({ plan }) => plan.nodes).sort(),
      );
      const instances = outcomes.flatMap((outcome) => outcome.kind === "launched" ? outcome.instances : []);
      assertEquals(
        [...Object.values(assigned), ...surplus].sort(),
        instances.map(({ instanceId }) => instanceId).sort(),
      );
      const byId = new Map(instances.map((instance) => [instance.instanceId, instance]));
      for (const [node, id] of Object.entries(assigned)) {
        const [, call, index] = /^r(\d+)n(\d+)$/.exec(node)!;
        assertEquals([id.split("-")[1], byId.get(id)!.amiLaunchIndex + 0], [call!, Number(index)]);
      }
    }));
  },
);
