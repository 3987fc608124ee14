import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Fault } from "../../../lib/sim/faults.ts";
import { WORLD } from "../../../lib/sim/fresh_world.ts";
import { expandHostlist } from "../../../lib/slurm/hostlist.ts";
import { makeRig } from "../../fixtures/rig.ts";

const ACTIONS = [
  "RunInstances",
  "DescribeInstances",
  "TerminateInstances",
  "GetParameters",
  "StartInstances",
  "StopInstances",
];
const CODES = [
  "InsufficientInstanceCapacity",
  "InsufficientFreeAddressesInSubnet",
  "VcpuLimitExceeded",
  "UnauthorizedOperation",
  "RequestLimitExceeded",
  "InternalError",
  "ExpiredTokenException",
  "InvalidAMIID.NotFound",
  "ACodeThatNobodyKnows",
];

const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({
    kind: fc.constant("throttle" as const),
    action: fc.constantFrom(...ACTIONS),
    times: fc.integer({ min: 1, max: 6 }),
  }),
  fc.record({
    kind: fc.constant("error" as const),
    action: fc.constantFrom(...ACTIONS),
    times: fc.integer({ min: 1, max: 4 }),
    code: fc.constantFrom(...CODES),
  }),
  fc.record({
    kind: fc.constant("lost-answer" as const),
    action: fc.constantFrom(...ACTIONS),
    times: fc.integer({ min: 1, max: 4 }),
  }),
);

const world = fc.record({
  faults: fc.array(fault, { maxLength: 4 }),
  laterFaults: fc.array(fault, { maxLength: 3 }),
  capacity: fc.option(fc.integer({ min: 0, max: 12 }), { nil: undefined }),
  nodes: fc.constantFrom("c[0-9]", "c[0-2],w[0-3]", "s[0-4],c7", "c[0-1],elsewhere[1-2]"),
  jobs: fc.constantFrom([], [{ jobId: 7, nodes: ["w0", "w1", "w2", "w3"] }], [{
    jobId: 8,
    nodes: ["c0", "c1"],
  }]),
  launchBatch: fc.constantFrom(2, 3, 500),
});

Deno.test("powerUp() gives every node one verdict and leaves no instance without its node, whatever EC2 answers", async () => {
  await fc.assert(
    fc.asyncProperty(world, async ({ faults, laterFaults, capacity, nodes, jobs, launchBatch }) => {
      await using rig = await makeRig();
      const { limits } = rig.config;
      Object.assign(rig.config, { limits: { ...limits, launchBatch } });
      rig.aws.simulator.setCapacity(`c7i.large:${WORLD.region}a`, capacity);
      for (const one of faults) rig.aws.simulator.addFault(one);
      const names = expandHostlist(nodes);

      const up = await rig.resume(nodes, jobs);
      assertEquals([...up.nodes.keys()].sort(), [...new Set(names)].sort());
      const assigned = new Map(
        [...up.nodes].flatMap(([node, verdict]) =>
          verdict.kind === "assigned" ? [[node, verdict.instanceId] as const] : []
        ),
      );
      const openIntents = [...Deno.readDirSync(`${rig.stateDir}/intents`)].length;
      for (const { instanceId, node } of rig.live()) {
        const told = assigned.get(node) === instanceId ||
          up.troubles.some((trouble) => trouble.includes("still run"));
        assert(told || openIntents > 0, `instance ${instanceId} of ${node} runs, and nothing of ours knows`);
      }
      for (const [node, { kind }] of up.nodes) {
        if (kind === "down") assertEquals(rig.scontrol.nodes.get(node)!.base, "DOWN", node);
        if (kind === "powered-down") assert(rig.scontrol.nodes.get(node)!.flags.has("POWER_DOWN"), node);
      }

      rig.clock.now += 1_000_000;
      for (const one of laterFaults) rig.aws.simulator.addFault(one);
      const managed = names.filter((name) => rig.scontrol.nodes.has(name)).join(",");
      await rig.stop(managed);
      rig.aws.simulator.clearFaults();
      rig.clock.now += 1_000_000;
      await rig.stop(managed);
      const cost = rig.aws.simulator.instances().filter(({ state }) =>
        state === "pending" || state === "running"
      );
      assertEquals(cost.map(({ instanceId }) => instanceId), []);
      assertEquals([...Deno.readDirSync(`${rig.stateDir}/intents`)].length, 0);
    }),
    { numRuns: 150, seed: 20261123 },
  );
});
