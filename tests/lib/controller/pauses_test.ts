import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ec2Instance, Scene, slurmNode } from "./scene.ts";

const pure = { permissions: "none" } as const;
const AWAITED = "ALLOCATED+POWERING_UP";

function turn(scene: Scene, kind: "pause" | "unpause", nodeGroup = "*"): void {
  scene.feed({ kind, id: `${kind}.x`, nodeGroup });
}

const launched = (scene: Scene) => [...scene.state.launches.values()].flatMap(({ nodes }) => nodes);

/** c0 was asked for while launches are paused, and slurmctld shows its verdict. */
function held(nodeGroup = "*"): Scene {
  const scene = new Scene();
  turn(scene, "pause", nodeGroup);
  scene.ask("resume", ["c0"], [{ jobId: 5, nodes: ["c0"] }]);
  scene.slurm(slurmNode("c0", AWAITED));
  scene.shown();
  down(scene);
  return scene;
}

function down(scene: Scene): void {
  const { reason } = scene.node("c0").verdict!;
  scene.slurm(slurmNode("c0", "DOWN+POWERING_UP", { reason }));
}

Deno.test("unpaused() launches nothing while all node groups are paused, and says how to go on", pure, () => {
  const scene = new Scene();
  turn(scene, "pause");
  scene.ask("resume", ["c0", "s0"], [{ jobId: 5, nodes: ["c0"] }]);
  assertEquals(launched(scene), []);
  assertEquals(scene.node("s0").refusal?.code, "LaunchingPaused");
  const [told] = scene.actions("comment");
  assertStringIncludes(told!.text, "launches of all node groups are paused since 2026-01-01T");
  assertStringIncludes(told!.text, ": slurm-ec2 unpause [");
});

Deno.test("unpaused() holds only the node group that is paused", pure, () => {
  const scene = new Scene();
  turn(scene, "pause", "c");
  scene.ask("resume", ["c0", "s0"]);
  assertEquals(launched(scene), ["s0"]);
  assertStringIncludes(scene.node("c0").refusal!.message, "slurm-ec2 unpause c");
});

Deno.test("a pause is stored, and ends no instance", pure, () => {
  const scene = new Scene();
  scene.up("c1");
  turn(scene, "pause");
  const { memory: _, ...stored } = scene.state;
  assertEquals(stored.pauses, { "*": scene.wall });
  scene.state = stored;
  scene.feed({ kind: "started" });
  scene.wait(1);
  scene.ask("resume", ["c0"]);
  assertEquals([launched(scene), scene.ends], [[], []]);
});

Deno.test(
  "heldLaunches() does not send a launch again that EC2 had failed to answer before the pause",
  pure,
  () => {
    const scene = new Scene();
    scene.ask("resume", ["c0"]);
    const [token] = scene.state.launches.keys();
    const refusal = { code: "InternalError", message: "try again" };
    scene.feed({ kind: "launch-refused", token: token!, refusal, unanswered: false });
    assertEquals(scene.actions("run-instances").length, 1);
    turn(scene, "pause");
    assertEquals([scene.actions("run-instances").length, scene.node("c0").refusal?.code], [
      0,
      "LaunchingPaused",
    ]);
  },
);

Deno.test("heldLaunches() keeps what a call on its way brings although a pause began meanwhile", pure, () => {
  const scene = new Scene();
  scene.ask("resume", ["c0"]);
  turn(scene, "pause");
  assertEquals([scene.actions("run-instances").length, scene.node("c0").refusal], [0, undefined]);
  const [token] = scene.state.launches.keys();
  scene.feed({ kind: "launched", token: token!, instances: [ec2Instance("c0", { clientToken: token! })] });
  assertEquals([scene.node("c0").refusal, scene.ends], [undefined, []]);
});

Deno.test("startable() starts no stopped instance while its node group is paused", pure, () => {
  const scene = new Scene();
  scene.up("s0");
  scene.ask("stop", ["s0"]);
  scene.feed({ kind: "end-accepted", ids: ["i-s0"] });
  scene.listed(ec2Instance("s0", { state: "stopped" }));
  scene.clock += 1_000;
  scene.ask("resume", ["s0"]);
  scene.slurm(slurmNode("s0", AWAITED));
  assertEquals(scene.actions("start").length, 1);
  turn(scene, "pause", "s");
  assertEquals([scene.actions("start").length, scene.node("s0").refusal?.code], [0, "LaunchingPaused"]);
});

Deno.test("planPauses() gives nodes back as soon as the pause is over", pure, () => {
  const scene = held("c");
  assertEquals(scene.states, []);
  turn(scene, "unpause", "c");
  assertEquals(scene.states, ["c0 give-back power_down_force"]);
});

Deno.test("planPauses() keeps a node of a paused group beyond the time that its reason says", pure, () => {
  const scene = held();
  const { verdict: before } = scene.node("c0");
  assert(before?.kind === "down");
  scene.clock += 590_000;
  down(scene);
  scene.wait(11);
  down(scene);
  assertEquals(scene.states, ["c0 verdict down"]);
  const { verdict: after } = scene.node("c0");
  assert(after?.kind === "down" && after.until > before.until + 500_000);
  scene.shown();
  scene.clock += 20_000;
  down(scene);
  assertEquals(scene.states, []);
  turn(scene, "unpause");
  assertEquals(scene.states, ["c0 give-back power_down_force"]);
});

Deno.test("planPauses() keeps a node that was not tried beyond the time that its reason says", pure, () => {
  const scene = new Scene();
  turn(scene, "pause");
  const past = new Date(scene.wall - 60_000).toISOString().replace(/\.\d+Z$/, "Z");
  scene.slurm(slurmNode("c5", "DOWN+POWERED_DOWN", {
    reason: `LaunchingPaused: node group c is refused [slurm-ec2 until=${past}]`,
  }));
  assertEquals(scene.states, []);
  turn(scene, "unpause");
  assertEquals(scene.states, ["c5 give-back idle"]);
});

Deno.test("planPauses() leaves the end of a cooldown alone that EC2 is the cause of", pure, () => {
  const scene = new Scene();
  turn(scene, "pause");
  const past = new Date(scene.wall - 60_000).toISOString().replace(/\.\d+Z$/, "Z");
  scene.slurm(slurmNode("c5", "DOWN", {
    reason: `InsufficientInstanceCapacity: none [slurm-ec2 until=${past}]`,
  }));
  assertEquals(scene.states, ["c5 give-back power_down_force"]);
});

Deno.test("planPauses() has the worker look each minute while a pause holds a node", pure, () => {
  const scene = held();
  scene.wait(1);
  assert(scene.last.dueAt! - scene.clock <= 60_000);
});

Deno.test("unpause of all node groups ends the pauses of single ones", pure, () => {
  const scene = new Scene();
  turn(scene, "pause", "c");
  turn(scene, "pause");
  turn(scene, "unpause");
  assertEquals(scene.state.pauses, undefined);
});
