import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Instance } from "../../../lib/aws/instance.ts";
import type { NodeGroup } from "../../../lib/config/model.ts";
import type { InMemoryOptions } from "../../../lib/sim/in_memory.ts";
import { WORLD } from "../../../lib/sim/fresh_world.ts";
import { kinds } from "../../fixtures/kinds.ts";
import { makeRig, replacing, type Rig, type Served } from "../../fixtures/rig.ts";
import { testConfig } from "../../fixtures/test_config.ts";

/** A cluster whose group `c` is another, in a world of its own, which allows everything. */
async function rigWith(group: Partial<NodeGroup>, aws: InMemoryOptions = {}): Promise<Rig> {
  const nodeGroups = testConfig().nodeGroups.map((one) => one.name === "c" ? { ...one, ...group } : one);
  return await makeRig({ config: { nodeGroups }, aws: { policies: undefined, ...aws } });
}

/** How many nodes of a request got an instance, and how they were bought and where. */
function placed({ aws }: Rig): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { state, instanceType, capacityType, availabilityZone } of aws.simulator.instances()) {
    if (state !== "pending" && state !== "running") continue;
    const where = `${capacityType} ${instanceType} ${availabilityZone}`;
    counts[where] = (counts[where] ?? 0) + 1;
  }
  return counts;
}

function assigned({ nodes }: Served): number {
  return [...nodes.values()].filter(({ kind }) => kind === "assigned").length;
}

const launches = ({ aws }: Rig) => aws.simulator.calls().RunInstances ?? 0;
const [A, B, C] = WORLD.subnetIds;

// Cases of other projects' own suites (Karpenter, SkyPilot, ParallelCluster), in our words.

Deno.test("a full subnet leaves its zone usable through another subnet", async () => {
  const more = { availabilityZone: "us-east-1a", cidrBlock: "10.0.96.0/24" };
  const probe = await rigWith({}, { subnets: [more] });
  const second = [...probe.aws.simulator.world.network.subnets.keys()].at(-1)!;
  await using rig = await rigWith({ subnets: [A, second] }, { subnets: [more], addresses: { [A]: 0 } });
  assertEquals(assigned(await rig.resume("c[0-1]")), 2);
  assertEquals(placed(rig), { "on-demand c7i.large us-east-1a": 2 });
  assertEquals(launches(rig), 1, "DescribeSubnets has shown that the other one is full");
  // Without that answer in hand it is asked, and refuses.
  assertEquals(assigned(await rig.resume("c[2-3]")), 2);
  const before = launches(rig);
  assertEquals(assigned(await rig.resume("c[4-5]")), 2);
  assertEquals(launches(rig) - before, 1, "the full subnet is not asked again");
});

Deno.test("a throttle does not mark a reservation, its exhaustion does, and on-demand follows", async () => {
  await using rig = await rigWith({ capacityReservation: WORLD.capacityReservationId }, {
    capacity: { [WORLD.capacityReservationId]: 2 },
    faults: [{ kind: "throttle", action: "RunInstances", times: 2 }],
  });
  assertEquals(assigned(await rig.resume("c[0-1]")), 2);
  const reserved = () =>
    rig.aws.simulator.instances().filter(({ capacityReservationId }) => capacityReservationId !== undefined);
  assertEquals(reserved().length, 2);
  assertEquals(assigned(await rig.resume("c[2-3]")), 2);
  assertEquals(reserved().length, 2);
  const before = launches(rig);
  assertEquals(assigned(await rig.resume("c4")), 1);
  assertEquals(launches(rig) - before, 1, "the full reservation is not asked again");
});

Deno.test("without the service-linked role all of spot is out after one call, and on-demand is used", async () => {
  await using rig = await rigWith({
    capacityType: "spot-then-on-demand",
    instanceTypes: ["c7i.large", "c6i.large"],
    subnets: [A, B, C],
  }, { lacksSpotRole: true });
  assertEquals(assigned(await rig.resume("c[0-1]")), 2);
  assertEquals(placed(rig), { "on-demand c7i.large us-east-1a": 2 });
  assertEquals(launches(rig), 2);
});

Deno.test("a miss in a placement group leaves the type and zone usable without it", async () => {
  const groups = testConfig().nodeGroups.map((one) =>
    one.name === "c"
      ? { ...one, placementGroup: WORLD.placementGroupName }
      : { ...one, subnets: [A], instanceTypes: ["c7i.large"] }
  );
  await using rig = await makeRig({
    config: { nodeGroups: groups },
    aws: { policies: undefined, capacity: { [`c7i.large:us-east-1a@${WORLD.placementGroupName}`]: 0 } },
  });
  assertEquals(assigned(await rig.resume("c0")), 0);
  assertEquals(assigned(await rig.resume("w[0-1]")), 2);
});

Deno.test("of five that ask where there is room for three, three get one each", async () => {
  await using rig = await rigWith({}, { capacity: { "c7i.large:us-east-1a": 3 } });
  const served = [];
  for (let i = 0; i < 5; i++) served.push(await rig.resume(`c${i}`));
  assertEquals(served.map(assigned).reduce((sum, one) => sum + one), 3);
  assertEquals(new Set(rig.live().map(({ node }) => node)).size, 3);
  assertEquals(rig.live().length, 3);
  assert(launches(rig) <= 4, `${launches(rig)} calls`);
});

Deno.test("expired credentials stop everything after one or two calls, whatever else there is to ask for", async () => {
  await using rig = await rigWith({ instanceTypes: ["c7i.large", "c6i.large"], subnets: [A, B] }, {
    faults: [{ kind: "error", action: "RunInstances", times: 99, code: "RequestExpired" }],
  });
  assertEquals(assigned(await rig.resume("c[0-3]")), 0);
  assert(launches(rig) <= 2, `${launches(rig)} calls`);
});

Deno.test("one throttle among answers of no capacity never makes a pool with room one without", async () => {
  await using rig = await rigWith({ instanceTypes: ["c7i.large", "c6i.large"] }, {
    capacity: { "c7i.large:us-east-1a": 0 },
    faults: [{ kind: "throttle", action: "RunInstances", times: 1 }],
  });
  assertEquals(assigned(await rig.resume("c[0-3]")), 4);
  assertEquals(placed(rig), { "on-demand c6i.large us-east-1a": 4 });
});

Deno.test("a quota is no lack of capacity: other types of its families are not walked through", async () => {
  await using rig = await rigWith({
    instanceTypes: ["c7i.large", "c6i.large", "m5.large"],
    subnets: [A, B, C],
  }, {
    quotas: { "L-1216C47A": 0 },
  });
  assertEquals(assigned(await rig.resume("c0")), 0);
  assertEquals(launches(rig), 1);
});

Deno.test("an instance that never shows an address is tried a bounded number of times and not leaked, the rest join", async () => {
  await using rig = await rigWith({});
  const ports = rig.ports();
  const silent = new Set<string>();
  const without = (instances: readonly Instance[]) =>
    instances.map(({ privateIpAddress, ...rest }) =>
      silent.has(rest.instanceId) ? rest : { ...rest, privateIpAddress }
    );
  const silenced = {
    ...ports,
    ec2: replacing(ports.ec2, {
      async runInstances(input, options) {
        const instances = await ports.ec2.runInstances(input, options);
        const third = instances.find(({ amiLaunchIndex }) => amiLaunchIndex === 2);
        if (third !== undefined) silent.add(third.instanceId);
        return without(instances);
      },
      async describeInstances(input, options) {
        const { items, ...page } = await ports.ec2.describeInstances(input, options);
        return { items: without(items), ...page };
      },
    }),
  };
  assertEquals(kinds((await rig.resume("c[0-3]", [], silenced)).nodes), { assigned: 3, down: 1 });
  assertEquals(silent.size, 1);
  const known = rig.scontrol.nodes.get("c2")!;
  assertEquals([known.base, known.nodeAddr], ["DOWN", "c2"]);
  assertStringIncludes(known.reason, "InstanceWithoutAddress");
  // The instance itself is ended, though nobody can reach it.
  assertEquals(rig.live().map(({ node }) => node).sort(), ["c0", "c1", "c3"]);
  const { RunInstances, TerminateInstances, DescribeInstances = 0 } = rig.calls();
  assertEquals([RunInstances, TerminateInstances], [1, 1]);
  assert(DescribeInstances <= 3, `${DescribeInstances} calls`);
});

Deno.test("a failed job's instances serve the next job that waits for their nodes, the others end in one call", async () => {
  await using rig = await rigWith({ strategy: "all-or-nothing" }, {
    capacity: { "m7i.large:us-east-1c": 2 },
  });
  const { nodes } = await rig.resume("c[0-3],w[0-2]", [
    { jobId: 1, nodes: ["c0", "c1", "c2", "c3", "w0", "w1", "w2"] },
    { jobId: 2, nodes: ["c2", "c3"] },
  ]);
  const up = [...nodes].flatMap(([name, { kind }]) => kind === "assigned" ? [name] : []);
  assertEquals(up.sort(), ["c2", "c3"]);
  assertEquals(rig.live().map(({ node }) => node).sort(), up);
  assertEquals(rig.calls().TerminateInstances, 1);
});

Deno.test("capacity that a large job can't use goes to the next one of its group", async () => {
  await using rig = await rigWith({}, { capacity: { "m7i.large:us-east-1c": 4 } });
  const { nodes } = await rig.resume("w[0-8]", [
    { jobId: 1, nodes: ["w0", "w1", "w2", "w3", "w4", "w5"] },
    { jobId: 2, nodes: ["w6", "w7", "w8"] },
  ]);
  assertEquals(kinds(nodes), { assigned: 3, down: 6 });
  assertEquals(rig.live().map(({ node }) => node).sort(), ["w6", "w7", "w8"]);
  assertEquals([launches(rig), rig.calls().TerminateInstances], [2, undefined]);
});
