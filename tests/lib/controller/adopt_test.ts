import { assertEquals } from "@std/assert";
import { ec2Instance, Scene, slurmNode } from "./scene.ts";

const pure = { permissions: "none" } as const;

/** An instance of c0 that a listing shows, launched `age` seconds ago, and what slurmctld then says of c0. */
function found(age: number, view: string, bootedAgo?: number): Scene {
  const scene = new Scene();
  scene.listed(ec2Instance("c0", { launchTime: scene.wall - age * 1_000 }));
  assertEquals([scene.ends, scene.actions("ask-slurm").length], [[], 1]);
  scene.clock += 1_000;
  scene.slurm(
    slurmNode("c0", view, bootedAgo === undefined ? {} : { bootTime: scene.wall - bootedAgo * 1_000 }),
  );
  return scene;
}

for (
  const [what, age, view, bootedAgo, kept] of [
    ["keeps the instance of a node that is up", 9_999, "ALLOCATED", 9_000, true],
    ["keeps the instance that an awaited node is booting", 30, "ALLOCATED+POWERING_UP", undefined, true],
    ["replaces one that is older than a boot takes", 200, "ALLOCATED+POWERING_UP", undefined, false],
    ["replaces one that has registered before this power-up", 30, "ALLOCATED+POWERING_UP", 10, false],
    ["ends the instance of a node that is off", 30, "IDLE+POWERED_DOWN", undefined, false],
    ["ends the instance of a node that goes down", 30, "IDLE+POWERING_DOWN", undefined, false],
    ["keeps the instance of a node that slurmctld has no word on", 30, "UNKNOWN", undefined, true],
  ] as const
) {
  Deno.test(`adopt() ${what}`, pure, () => {
    const scene = found(age, view, bootedAgo);
    assertEquals(scene.ends, kept ? [] : ["terminate i-c0"]);
    assertEquals(scene.state.launches.size, 0);
  });
}

Deno.test("adopt() takes a node back that had been given up when it has registered after all", pure, () => {
  const scene = new Scene();
  scene.ask("resume", ["c0"]);
  scene.feed({
    kind: "launch-refused",
    token: "token-1",
    refusal: { code: "EndpointUnreachable", message: "no" },
    unanswered: true,
  });
  scene.wait(421);
  assertEquals(scene.node("c0").refusal?.code, "EndpointUnreachable");
  scene.feed({
    kind: "token-looked-up",
    token: "token-1",
    began: scene.clock,
    instances: [ec2Instance("c0")],
  });
  scene.clock += 1_000;
  scene.slurm(slurmNode("c0", "ALLOCATED", { nodeAddr: "10.0.0.0" }));
  assertEquals([scene.node("c0").refusal, scene.ends, scene.states], [undefined, [], []]);
});
