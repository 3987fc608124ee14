import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { NODES_TAG_CHARACTERS_MAX } from "../../../lib/identity/tags.ts";
import { USER_DATA_BYTES_MAX } from "../../../lib/identity/user_data.ts";
import { type LaunchPlan, type LaunchRequest, planLaunches } from "../../../lib/power_up/launch_plan.ts";
import { expandHostlist } from "../../../lib/slurm/hostlist.ts";
import { testConfig } from "../../fixtures/test_config.ts";
import { testGroup } from "../../fixtures/test_group.ts";

const pure = { permissions: "none" } as const;
const CONFIG = testConfig();
const REQUEST: Omit<LaunchRequest, "nodes"> = {
  group: testGroup(),
  offering: { instanceType: "c7i.large", subnetId: "subnet-0a000000000000001", capacityType: "on-demand" },
  settings: { imageId: "ami-08664000000000001", securityGroupIds: [] },
  whole: false,
};

function configWith(launchBatch: number) {
  return { ...CONFIG, limits: { ...CONFIG.limits, launchBatch } };
}

const names = (count: number, name = (i: number) => `c${i}`) =>
  Array.from({ length: count }, (_, i) => name(i));

/** What every plan must hold to: its nodes by launch index, and EC2's limits. */
function assertSound(plan: LaunchPlan): void {
  assertEquals(expandHostlist(plan.hostlist), [...plan.nodes]);
  assert(plan.hostlist.length <= NODES_TAG_CHARACTERS_MAX, `${plan.hostlist.length} characters of tags`);
  const bytes = new TextEncoder().encode(plan.userData).length;
  assert(bytes <= USER_DATA_BYTES_MAX, `${bytes} bytes of user data`);
  assert(plan.userData.includes(`\nNODES=${plan.hostlist}\n`));
}

const sizes = (plans: readonly LaunchPlan[]) => plans.map(({ nodes }) => nodes.length);

Deno.test("planLaunches() splits evenly into as few calls as the batch allows", pure, () => {
  const plan = (count: number) => sizes(planLaunches(configWith(500), { ...REQUEST, nodes: names(count) }));
  assertEquals(plan(0), []);
  assertEquals(plan(1), [1]);
  assertEquals(plan(500), [500]);
  assertEquals(plan(501), [251, 250]);
  assertEquals(plan(1000), [500, 500]);
  assertEquals(plan(1001), [334, 334, 333]);
});

Deno.test(
  "planLaunches() orders nodes by how their hostlist expands, not by how they were asked for",
  pure,
  () => {
    const [plan] = planLaunches(CONFIG, { ...REQUEST, nodes: ["c10", "c2", "c1", "c01"] });
    assertSound(plan!);
    assertEquals([...plan!.nodes].sort(), ["c01", "c1", "c10", "c2"]);
  },
);

Deno.test("planLaunches() makes one call of a whole request, beyond the batch too", pure, () => {
  const plans = planLaunches(configWith(10), { ...REQUEST, nodes: names(100), whole: true });
  assertEquals(plans.map(({ nodes, whole }) => [nodes.length, whole]), [[100, true]]);
});

Deno.test("planLaunches() gives up on wholeness beyond the 1000 that EC2 launches in one call", pure, () => {
  const plans = planLaunches(configWith(500), { ...REQUEST, nodes: names(1001), whole: true });
  assertEquals(plans.map(({ nodes, whole }) => [nodes.length, whole]), [[334, false], [334, false], [
    333,
    false,
  ]]);
});

Deno.test("planLaunches() splits a batch whose hostlist 30 tags can't hold", pure, () => {
  const nodes = names(500, (i) => `a-long-name-${i}-x`);
  assert(nodes.join().length > NODES_TAG_CHARACTERS_MAX);
  const plans = planLaunches(configWith(500), { ...REQUEST, nodes });
  plans.forEach(assertSound);
  assertEquals(sizes(plans), [250, 250]);
});

Deno.test("planLaunches() splits a batch whose hostlist fits the tags but not the user data", pure, () => {
  const group = testGroup({ userData: { NOTE: "ä".repeat(4800) } });
  const nodes = names(600, (i) => `node${i}-x`);
  assert(nodes.join().length < NODES_TAG_CHARACTERS_MAX);
  const plans = planLaunches(configWith(1000), { ...REQUEST, group, nodes });
  assert(plans.length > 1);
  plans.forEach(assertSound);
});

Deno.test("planLaunches() splits a batch whose hostlist does not fit besides what nodes mount", pure, () => {
  const fileSystems = Array.from({ length: 90 }, (_, i) => ({
    source: `nas${i}.example.com:/export/${"x".repeat(40)}`,
    mount: `/data/${"y".repeat(20)}${i}`,
    type: "nfs4",
  }));
  const nodes = names(700, (i) => `c-${i * 2}-n`);
  const config = { ...configWith(1000), fileSystems };
  const plans = planLaunches(config, { ...REQUEST, nodes });
  assert(planLaunches(configWith(1000), { ...REQUEST, nodes }).length < plans.length);
  plans.forEach(assertSound);
  for (const { userData } of plans) assert(userData.includes(`\nMOUNT_90=${fileSystems[89]!.source} /data/`));
});

Deno.test("planLaunches() hands on the offering, the settings and the cores", pure, () => {
  const [plan] = planLaunches(CONFIG, { ...REQUEST, nodes: ["c0"], cores: 4 });
  assertEquals([plan!.offering, plan!.settings, plan!.cores], [REQUEST.offering, REQUEST.settings, 4]);
  const [without] = planLaunches(CONFIG, { ...REQUEST, nodes: ["c0"] });
  assert(!("cores" in without!));
});

Deno.test("planLaunches() covers every node exactly once within every limit", pure, () => {
  const name = fc.oneof(
    fc.nat(3000).map((i) => `c${i}`),
    fc.nat(300).map((i) => `c${String(i).padStart(4, "0")}`),
    fc.tuple(fc.nat(9), fc.nat(20)).map(([rack, i]) => `r${rack}n${i}`),
    fc.tuple(fc.constantFrom("a-", "a1-", "really-long-node-group-name-"), fc.nat(99)).map(([p, i]) => p + i),
    fc.constantFrom("login", "gpu-a", "gpu-b"),
  );
  const nodes = fc.uniqueArray(name, { maxLength: 400, size: "max" });
  fc.assert(
    fc.property(nodes, fc.integer({ min: 1, max: 120 }), fc.boolean(), (all, launchBatch, whole) => {
      const plans = planLaunches(configWith(launchBatch), { ...REQUEST, nodes: all, whole });
      plans.forEach(assertSound);
      assertEquals(plans.flatMap((plan) => [...plan.nodes]).sort(), [...all].sort());
      assertEquals(plans.filter((plan) => plan.nodes.length === 0), []);
      if (!whole) assert(plans.every((plan) => plan.nodes.length <= launchBatch));
    }),
    { numRuns: 60 },
  );
});
