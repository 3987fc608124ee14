import { assertEquals } from "@std/assert";
import type { Config } from "../../../lib/config/model.ts";
import { Scene, sceneConfig, slurmNode } from "./scene.ts";

const pure = { permissions: "none" } as const;
const AWAITED = "ALLOCATED+POWERING_UP";

function limited(limits: Partial<Config["limits"]>): Scene {
  const config = sceneConfig();
  const scene = new Scene({ ...config, limits: { ...config.limits, ...limits } });
  scene.prices = new Map([["c7i.large", { onDemand: 1 }]]);
  return scene;
}

/** Nodes that are down for their limit, as slurmctld shows them. */
function down(scene: Scene, ...names: readonly string[]): void {
  const { reason } = scene.node(names[0]!).verdict!;
  scene.slurm(...names.map((name) => slurmNode(name, "DOWN+POWERING_UP", { reason })));
}

/** c8 and c9 run, and a job that asks for nodes of c is held by limits.maxNodes. */
function held(names: readonly string[], maxNodes = 2): Scene {
  const scene = limited({ maxNodes });
  scene.up("c8");
  scene.up("c9");
  scene.ask("resume", names, [{ jobId: 5, nodes: names }]);
  scene.slurm(...names.map((name) => slurmNode(name, AWAITED)));
  scene.shown();
  down(scene, ...names);
  return scene;
}

Deno.test("planHolds() has the worker look each minute while a limit holds a node", pure, () => {
  const scene = held(["c0"]);
  scene.wait(10);
  assertEquals(scene.last.dueAt! - scene.clock <= 60_000, true);
  assertEquals(scene.states, []);
});

Deno.test("planHolds() gives a node back as soon as there is room", pure, () => {
  const scene = held(["c0"]);
  scene.ask("stop", ["c8"]);
  assertEquals(scene.states, []);
  scene.feed({ kind: "end-accepted", ids: ["i-c8"] });
  assertEquals(scene.states, ["c0 give-back power_down_force"]);
});

Deno.test(
  "planHolds() gives back as many nodes as there is room for, and waits for those to be used",
  pure,
  () => {
    const scene = held(["c0", "c1", "c2"]);
    scene.config = { ...scene.config, limits: { ...scene.config.limits, maxNodes: 4 } };
    down(scene, "c0", "c1", "c2");
    assertEquals(scene.states, ["c0 give-back power_down_force", "c1 give-back power_down_force"]);
    scene.wait(30);
    assertEquals(scene.states.includes("c2 give-back power_down_force"), false);
  },
);

Deno.test("planHolds() lifts what a limit held that is gone from the file", pure, () => {
  const scene = held(["c0", "c1"]);
  const { maxNodes: _, ...limits } = scene.config.limits;
  scene.config = { ...scene.config, limits };
  down(scene, "c0", "c1");
  assertEquals(scene.states, ["c0 give-back power_down_force", "c1 give-back power_down_force"]);
});

Deno.test("planHolds() lifts nothing that a person or EC2 holds", pure, () => {
  const scene = held(["c0"]);
  scene.config = { ...scene.config, limits: { ...scene.config.limits, maxNodes: 9 } };
  scene.slurm(
    slurmNode("c0", "DOWN", { reason: "bad memory" }),
    slurmNode("c5", "DOWN", {
      reason: "InsufficientInstanceCapacity: none [slurm-ec2 until=2026-01-01T02:53:00Z]",
    }),
  );
  assertEquals(scene.states, []);
});

Deno.test(
  "planHolds() forgets a hold at the time that its reason says, and one from the future",
  pure,
  () => {
    const scene = held(["c0"]);
    assertEquals(scene.state.holds?.length, 1);
    scene.wait(601);
    assertEquals(scene.state.holds, undefined);
    const far = held(["c0"]);
    far.state = { ...far.state, holds: [{ ...far.state.holds![0]!, until: far.clock + 1e12 }] };
    far.wait(1);
    assertEquals(far.state.holds, undefined);
  },
);

Deno.test("planHolds() forgets what waits for a group that has left the file", pure, () => {
  const scene = held(["c0"]);
  scene.config = { ...scene.config, nodeGroups: scene.config.nodeGroups.filter(({ name }) => name === "s") };
  scene.wait(1);
  assertEquals(scene.state.holds, undefined);
});

Deno.test(
  "planHolds() keeps no group out of scheduling any more once it has lifted some of its nodes",
  pure,
  () => {
    const scene = held(["c0"]);
    const reason = scene.node("c0").verdict!.reason;
    const siblings = (state: string) =>
      ["c1", "c2"].map((name) => slurmNode(name, state, state.startsWith("DOWN") ? { reason } : {}));
    scene.slurm(...siblings("DOWN+POWERED_DOWN"));
    scene.ask("stop", ["c8"]);
    scene.feed({ kind: "end-accepted", ids: ["i-c8"] });
    assertEquals(scene.states, ["c1 give-back idle"]);
    scene.shown();
    scene.clock += 5_000;
    down(scene, "c0");
    scene.slurm(slurmNode("c1", "IDLE+POWERED_DOWN"), slurmNode("c2", "DOWN+POWERED_DOWN", { reason }));
    assertEquals(scene.states, []);
  },
);
