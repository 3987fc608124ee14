import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Instance, InstanceState } from "../../../lib/aws/instance.ts";
import { planPowerDown } from "../../../lib/power_down/plan.ts";
import { makeInstance } from "../../fixtures/make_instance.ts";
import { testGroup } from "../../fixtures/test_group.ts";

const pure = { permissions: "none" } as const;
const DECIDED = 1_000_000;

/** What is planned for node c0 with these instances. */
function planned(powerDownAction: "terminate" | "stop", instances: readonly Partial<Instance>[]) {
  const owned = instances.map((changes, i) => ({
    instance: makeInstance({ instanceId: `i-${i}`, ...changes }),
    nodeGroup: "c",
    nodeName: "c0",
  }));
  const groups = [{ group: testGroup({ powerDownAction }), nodes: ["c0"] }];
  const { terminate, stop, stopped, without } = planPowerDown(groups, new Map([["c0", owned]]), DECIDED);
  return [
    ...terminate.map(({ nodeName, instance }) => `terminate ${nodeName} ${instance.instanceId}`),
    ...stop.map(({ nodeName, instance }) => `stop ${nodeName} ${instance.instanceId}`),
    ...stopped.map(({ nodeName, instance }) => `leave ${nodeName} ${instance.instanceId}`),
    ...without.map((nodeName) => `nothing for ${nodeName}`),
  ];
}

for (
  const [action, state, capacityType, expected] of [
    ["terminate", "running", "on-demand", ["terminate c0 i-0"]],
    ["terminate", "pending", "on-demand", ["terminate c0 i-0"]],
    ["terminate", "stopped", "on-demand", ["terminate c0 i-0"]],
    ["terminate", "stopping", "spot", ["terminate c0 i-0"]],
    ["terminate", "shutting-down", "on-demand", ["nothing for c0"]],
    ["terminate", "terminated", "on-demand", ["nothing for c0"]],
    ["stop", "running", "on-demand", ["stop c0 i-0"]],
    ["stop", "running", "spot", ["terminate c0 i-0"]],
    ["stop", "pending", "on-demand", ["terminate c0 i-0"]],
    ["stop", "stopping", "on-demand", ["leave c0 i-0"]],
    ["stop", "stopped", "on-demand", ["leave c0 i-0"]],
    ["stop", "shutting-down", "on-demand", ["nothing for c0"]],
  ] as const
) {
  Deno.test(
    `planPowerDown() of a ${state} ${capacityType} instance in a ${action} group: ${expected.join()}`,
    pure,
    () => {
      assertEquals<readonly string[]>(planned(action, [{ state, capacityType }]), expected);
    },
  );
}

Deno.test("planPowerDown() leaves alone what was launched after Slurm decided", pure, () => {
  assertEquals(planned("terminate", [{ launchTime: DECIDED }, { launchTime: DECIDED + 1 }]), [
    "terminate c0 i-0",
  ]);
  assertEquals(planned("terminate", [{ launchTime: DECIDED + 1 }]), ["nothing for c0"]);
});

Deno.test("planPowerDown() ends every instance that a node has", pure, () => {
  assertEquals(planned("stop", [{}, { state: "pending" }, { state: "stopped" }]), [
    "terminate c0 i-1",
    "stop c0 i-0",
    "leave c0 i-2",
  ]);
});

Deno.test("planPowerDown() has nothing to end for nodes that have nothing", pure, () => {
  const groups = [{ group: testGroup(), nodes: ["c0", "c1"] }];
  assertEquals(planPowerDown(groups, new Map(), DECIDED), {
    terminate: [],
    stop: [],
    stopped: [],
    without: ["c0", "c1"],
  });
});

Deno.test("planPowerDown() has something to say of every node", pure, () => {
  const state = fc.constantFrom(
    "running" as const,
    "stopping" as const,
    "stopped" as const,
    "terminated" as const,
  );
  fc.assert(
    fc.property(fc.constantFrom("terminate" as const, "stop" as const), fc.array(state), (action, states) => {
      assert(planned(action, states.map((state) => ({ state }))).length > 0);
    }),
  );
});

Deno.test("planPowerDown() never leaves an instance running that was there when Slurm decided", pure, () => {
  const states: readonly InstanceState[] = [
    "pending",
    "running",
    "shutting-down",
    "terminated",
    "stopping",
    "stopped",
  ];
  const instance = fc.record({
    state: fc.constantFrom(...states),
    capacityType: fc.constantFrom("on-demand" as const, "spot" as const),
    launchTime: fc.constantFrom(0, DECIDED, DECIDED + 1),
  });
  fc.assert(
    fc.property(fc.constantFrom("terminate" as const, "stop" as const), fc.array(instance), (action, own) => {
      const ended = planned(action, own).filter((line) => /^(terminate|stop) /.test(line)).map((line) =>
        line.split(" ")[2]
      );
      const costs = own.flatMap(({ state, launchTime }, i) =>
        (state === "running" || state === "pending") && launchTime <= DECIDED ? [`i-${i}`] : []
      );
      assertEquals(costs.filter((id) => !ended.includes(id)), []);
      assertEquals(new Set(ended).size, ended.length);
    }),
  );
});
