import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Config } from "../../../lib/config/model.ts";
import { ec2Instance, Scene, sceneConfig, slurmNode } from "./scene.ts";
import { World } from "./world.ts";

const pure = { permissions: "none" } as const;
const AWAITED = "ALLOCATED+POWERING_UP";
const PRICES = new Map([["c7i.large", { onDemand: 1, spot: 0.4 }]]);

function limited(
  limits: Partial<Config["limits"]>,
  groups: Partial<Config["nodeGroups"][number]> = {},
): Scene {
  const config = sceneConfig();
  const scene = new Scene({
    ...config,
    nodeGroups: config.nodeGroups.map((group) => ({ ...group, ...groups })),
    limits: { ...config.limits, ...limits },
  });
  scene.prices = PRICES;
  return scene;
}

const launched = (scene: Scene) => [...scene.state.launches.values()].flatMap(({ nodes }) => nodes);
const refusedNodes = (scene: Scene) =>
  [...scene.state.nodes.values()].filter(({ refusal }) => refusal?.code.startsWith("Limit"))
    .map(({ name }) => name).sort();

Deno.test("refuseBeyondLimits() launches up to limits.maxNodes and refuses the others", pure, () => {
  const scene = limited({ maxNodes: 2 });
  scene.ask("resume", ["c0", "c1", "c2"]);
  assertEquals([launched(scene), refusedNodes(scene)], [["c0", "c1"], ["c2"]]);
  assertStringIncludes(scene.node("c2").refusal!.message, "held by limits.maxNodes: 2 of 2 nodes");
});

Deno.test("refuseBeyondLimits() counts what runs, is pending and is asked for by others", pure, () => {
  const scene = limited({ maxNodes: 3 });
  scene.up("c0");
  scene.ask("resume", ["c1"]);
  scene.launched("c1");
  scene.ask("resume", ["c2"]);
  scene.ask("resume", ["c3"]);
  assertEquals([launched(scene), refusedNodes(scene)], [["c2"], ["c3"]]);
});

Deno.test("refuseBeyondLimits() counts a launch in doubt until nothing of it can come any more", pure, () => {
  const scene = limited({ maxNodes: 1 });
  scene.ask("resume", ["c0"]);
  const [token] = scene.state.launches.keys();
  const lost = { code: "EndpointUnreachable", message: "no answer" };
  for (let i = 0; i < 3; i++) {
    scene.feed({ kind: "launch-refused", token: token!, refusal: lost, unanswered: true });
  }
  scene.ask("resume", ["c1"]);
  assertEquals(refusedNodes(scene), ["c1"]);
  scene.clock += 121_000;
  scene.feed({ kind: "token-looked-up", token: token!, began: scene.clock, instances: [] });
  scene.ask("resume", ["c2"]);
  assertEquals(launched(scene), ["c2"]);
});

Deno.test("refuseBeyondLimits() counts what an open launch has brought once", pure, () => {
  const scene = limited({ maxNodes: 3 });
  scene.ask("resume", ["c0", "c1"]);
  const [token] = scene.state.launches.keys();
  scene.listed(...["c0", "c1"].map((name) => ec2Instance(name, { clientToken: token! })));
  assertEquals([scene.state.launches.size, scene.state.instances.size], [1, 2]);
  scene.ask("resume", ["c2"]);
  assertEquals(refusedNodes(scene), []);
});

Deno.test("refuseBeyondLimits() counts a stopped instance as a node and not as a cost", pure, () => {
  const scene = limited({ maxNodes: 1, maxHourlyCost: 1 });
  scene.up("s0");
  scene.ask("stop", ["s0"]);
  scene.feed({ kind: "end-accepted", ids: ["i-s0"] });
  scene.listed(ec2Instance("s0", { state: "stopped", clientToken: "token-1" }));
  scene.ask("resume", ["c0"]);
  assertStringIncludes(scene.node("c0").refusal!.message, "limits.maxNodes");
  scene.clock += 1_000;
  scene.ask("resume", ["s0"]);
  scene.slurm(slurmNode("s0", AWAITED));
  assertEquals(scene.actions("start").map(({ ids }) => ids), [["i-s0"]]);
});

Deno.test(
  "refuseBeyondLimits() holds the cost of spot by its own price, else by the on-demand price",
  pure,
  () => {
    const spot = limited({ maxHourlyCost: 1 }, { capacityType: "spot" });
    spot.ask("resume", ["c0", "c1", "c2"]);
    assertEquals(launched(spot), ["c0", "c1"]);
    const bound = limited({ maxHourlyCost: 1 }, { capacityType: "spot" });
    bound.prices = new Map([["c7i.large", { onDemand: 1 }]]);
    bound.ask("resume", ["c0", "c1", "c2"]);
    assertEquals(launched(bound), ["c0"]);
  },
);

Deno.test(
  "refuseBeyondLimits() launches nothing under a cost limit while a price is not known, and says which",
  pure,
  () => {
    const scene = limited({ maxHourlyCost: 1000 });
    scene.prices = new Map();
    scene.ask("resume", ["c0"]);
    assertEquals(launched(scene), []);
    assertStringIncludes(scene.node("c0").refusal!.message, "no price is known for c7i.large");
    const free = limited({ maxNodes: 5 });
    free.prices = new Map();
    free.ask("resume", ["c0"]);
    assertEquals(launched(free), ["c0"]);
  },
);

Deno.test("refuseBeyondLimits() keeps a job whole over its node groups, and reports to it", pure, () => {
  const scene = limited({ maxNodes: 3 }, { strategy: "all-or-nothing" });
  const jobs = [{ jobId: 8, nodes: ["c0", "s0", "s1", "s2"] }, { jobId: 9, nodes: ["c1"] }];
  scene.ask("resume", ["c0", "c1", "s0", "s1", "s2"], jobs);
  assertEquals([launched(scene), refusedNodes(scene)], [[], ["c0", "c1", "s0", "s1", "s2"]]);
  const told = new Map(
    scene.actions("comment").flatMap(({ jobIds, text }) => jobIds.map((id) => [id, text])),
  );
  assertStringIncludes(told.get(8)!, "job 8 needs 4 and never fits");
  assertStringIncludes(told.get(9)!, "waits behind job 8 of its node group");
});

Deno.test("refuseBeyondLimits() goes by priority where the resume file has it", pure, () => {
  const scene = limited({ maxNodes: 1 });
  const jobs = [{ jobId: 1, nodes: ["c0"], priority: 10 }, { jobId: 2, nodes: ["c1"], priority: 20 }];
  scene.ask("resume", ["c0", "c1"], jobs);
  assertEquals([launched(scene), refusedNodes(scene)], [["c1"], ["c0"]]);
});

Deno.test("refuseBeyondLimits() lets no later and smaller job into a group that is held", pure, () => {
  const scene = limited({ maxNodes: 3 }, { strategy: "all-or-nothing" });
  scene.up("s0");
  scene.up("s1");
  scene.ask("resume", ["c0", "c1"], [{ jobId: 5, nodes: ["c0", "c1"] }]);
  scene.clock += 1_000;
  scene.ask("resume", ["c5"], [{ jobId: 6, nodes: ["c5"] }]);
  assertEquals([launched(scene), refusedNodes(scene)], [[], ["c0", "c1", "c5"]]);
  scene.clock += 1_000;
  scene.ask("resume", ["s5"], [{ jobId: 7, nodes: ["s5"] }]);
  assertEquals(launched(scene), ["s5"]);
});

Deno.test("refuseBeyondLimits() does not hold a job behind what was remembered of itself", pure, () => {
  const scene = limited({ maxNodes: 1 });
  scene.up("c9");
  scene.ask("resume", ["c0"], [{ jobId: 5, nodes: ["c0"] }]);
  assertEquals(scene.state.holds?.map(({ jobId }) => jobId), [5]);
  scene.clock += 1_000;
  scene.ask("stop", ["c9"]);
  scene.feed({ kind: "end-accepted", ids: ["i-c9"] });
  scene.ask("resume", ["c1"], [{ jobId: 5, nodes: ["c1"] }]);
  assertEquals([launched(scene), scene.state.holds], [["c1"], undefined]);
});

Deno.test("heldLaunches() does not send again what a lowered limit has no room for", pure, () => {
  const scene = limited({ maxNodes: 5 });
  scene.ask("resume", ["c0", "c1", "c2"]);
  const [token] = scene.state.launches.keys();
  const refusal = { code: "InternalError", message: "an internal error has occurred" };
  scene.feed({ kind: "launch-refused", token: token!, refusal, unanswered: false });
  assertEquals(scene.actions("run-instances").length, 1);
  scene.config = { ...scene.config, limits: { ...scene.config.limits, maxNodes: 2 } };
  scene.wait(1);
  assertEquals([scene.actions("run-instances").length, refusedNodes(scene)], [0, ["c0", "c1", "c2"]]);
  assertEquals(scene.actions("look-up-token").length, 1);
});

Deno.test("heldLaunches() waits for the answer of what may be on its way", pure, () => {
  const scene = limited({ maxNodes: 5 });
  scene.ask("resume", ["c0", "c1", "c2"]);
  scene.config = { ...scene.config, limits: { ...scene.config.limits, maxNodes: 2 } };
  scene.wait(1);
  assertEquals([scene.actions("run-instances").length, refusedNodes(scene)], [0, []]);
  const [token] = scene.state.launches.keys();
  const instances = ["c0", "c1", "c2"].map((name, amiLaunchIndex) =>
    ec2Instance(name, { amiLaunchIndex, clientToken: token! })
  );
  scene.feed({ kind: "launched", token: token!, instances });
  assertEquals([refusedNodes(scene), scene.ends], [[], []]);
});

Deno.test("heldLaunches() gives up what was never sent although it was due", pure, () => {
  const scene = limited({ maxNodes: 5 });
  scene.ask("resume", ["c0", "c1", "c2"]);
  scene.config = { ...scene.config, limits: { ...scene.config.limits, maxNodes: 2 } };
  scene.wait(1);
  scene.wait(71);
  assertEquals(refusedNodes(scene), ["c0", "c1", "c2"]);
});

Deno.test("startable() does not start what a risen price has no room for", pure, () => {
  const scene = limited({ maxHourlyCost: 1 });
  scene.up("s0");
  scene.ask("stop", ["s0"]);
  scene.feed({ kind: "end-accepted", ids: ["i-s0"] });
  scene.listed(ec2Instance("s0", { state: "stopped" }));
  scene.clock += 1_000;
  scene.ask("resume", ["s0"]);
  scene.slurm(slurmNode("s0", AWAITED));
  assertEquals(scene.actions("start").length, 1);
  scene.prices = new Map([["c7i.large", { onDemand: 2 }]]);
  scene.wait(1);
  assertEquals([scene.actions("start").length, refusedNodes(scene)], [0, ["s0"]]);
});

Deno.test("a lowered limit ends nothing that runs", pure, () => {
  const scene = limited({ maxNodes: 5 });
  for (const name of ["c0", "c1", "c2"]) scene.up(name);
  scene.config = { ...scene.config, limits: { ...scene.config.limits, maxNodes: 1, maxHourlyCost: 0.5 } };
  scene.wait(120);
  assertEquals(scene.ends, []);
});

for (const limits of [{ maxNodes: 7 }, { maxHourlyCost: 0.75 }]) {
  Deno.test(`twenty hooks at once stay within ${JSON.stringify(limits)}`, pure, () => {
    const names = Array.from({ length: 60 }, (_, i) => `c${i}`);
    const world = new World(names, { limits, prices: new Map([["c7i.large", { onDemand: 0.1 }]]) });
    world.start();
    world.run(2_500);
    for (let hook = 0; hook < 20; hook++) {
      world.powerUp(names.slice(3 * hook, 3 * hook + 3), [
        { jobId: hook + 1, nodes: names.slice(3 * hook, 3 * hook + 3) },
      ]);
      world.run(20);
    }
    world.run(30_000);
    const up = names.filter((name) => world.machinesOf(name).length > 0);
    assertEquals([world.wrong, up.length], [[], 7]);
    const reasons = names.map((name) => world.slurmctld.nodes.get(name)!.reason).filter(Boolean);
    assert(reasons.length === 53 && reasons.every((reason) => reason.startsWith("LimitMax")), reasons[0]);
    world.run(900_000);
    assertEquals(world.wrong, []);
  });
}
