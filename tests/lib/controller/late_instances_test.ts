import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Fact } from "../../../lib/controller/fact.ts";
import { ec2Instance, Scene, slurmNode } from "./scene.ts";

const pure = { permissions: "none" } as const;
const AWAITED = slurmNode("c0", "ALLOCATED+POWERING_UP");
const LOST: Fact = {
  kind: "launch-refused",
  token: "token-1",
  refusal: { code: "EndpointUnreachable", message: "no answer" },
  unanswered: true,
};

/** A launch whose answer was lost three times, so that its node is given up. */
function lost(): Scene {
  const scene = new Scene();
  scene.ask("resume", ["c0"]);
  for (let i = 0; i < 3; i++) scene.feed(LOST);
  assertEquals(scene.node("c0").refusal?.code, "EndpointUnreachable");
  return scene;
}

const own = (scene: Scene) => ec2Instance("c0", { launchTime: scene.wall, clientToken: "token-1" });
const lookUp = (scene: Scene, ...instances: readonly ReturnType<typeof own>[]): Fact => ({
  kind: "token-looked-up",
  token: "token-1",
  began: scene.clock,
  instances,
});

for (
  const [how, turnUp] of [
    ["a look-up", (scene: Scene) => lookUp(scene, own(scene))],
    ["a listing", (scene: Scene): Fact => ({
      kind: "listed",
      began: scene.clock,
      instances: [own(scene)],
    })],
    ["a late answer", (scene: Scene): Fact => ({
      kind: "launched",
      token: "token-1",
      instances: [own(scene)],
    })],
  ] as const
) {
  Deno.test(`serveAfterAll() withdraws the refusal of a node whose instance ${how} shows`, pure, () => {
    const scene = lost();
    scene.clock += 1_000;
    scene.feed(turnUp(scene));
    scene.slurm(AWAITED);
    const { refusal, verdict } = scene.node("c0");
    assertEquals([refusal, verdict, scene.states, scene.ends], [undefined, undefined, [], []]);
    assertEquals(scene.actions("report-addresses")[0]?.addresses[0]?.instanceId, "i-c0");
  });
}

Deno.test("serveAfterAll() leaves a verdict that slurmctld shows, and ends what turns up", pure, () => {
  const scene = lost();
  scene.feed(lookUp(scene));
  scene.slurm(AWAITED);
  assertEquals(scene.states, ["c0 verdict down"]);
  scene.shown();
  scene.clock += 5_000;
  scene.feed(lookUp(scene, own(scene)));
  scene.slurm(slurmNode("c0", "DOWN+POWERING_UP", { reason: scene.node("c0").verdict!.reason }));
  assertEquals(scene.ends, ["terminate i-c0"]);
});

Deno.test("serveAfterAll() leaves the next power-up's refusal", pure, () => {
  const scene = lost();
  scene.ask("stop", ["c0"]);
  scene.clock += 10_000;
  scene.ask("resume", ["c0"]);
  scene.slurm(AWAITED);
  const { generation } = scene.node("c0");
  scene.feed(lookUp(scene, own(scene)));
  assertEquals(scene.node("c0").generation, generation);
  assertEquals(scene.state.instances.get("i-c0")?.generation === generation, false);
});

Deno.test("awaitsLookUp() holds a verdict until EC2 was asked after the last try", pure, () => {
  const scene = lost();
  scene.slurm(AWAITED);
  assertEquals([scene.states, scene.actions("look-up-token").length], [[], 1]);
  scene.feed(lookUp(scene));
  assertEquals(scene.states, ["c0 verdict down"]);
});

Deno.test("awaitsLookUp() does not wait for an EC2 that does not answer", pure, () => {
  const scene = lost();
  scene.slurm(AWAITED);
  const refusal = { code: "EndpointUnreachable", message: "no answer" };
  scene.feed({ kind: "reading-refused", began: scene.clock, refusal });
  assertEquals([scene.states, scene.last.dueAt], [[], scene.clock + 10_000]);
  scene.clock += 10_000;
  scene.slurm(AWAITED);
  assertEquals(scene.states, ["c0 verdict down"]);
});

Deno.test(
  "no order of answers gives a verdict on a node whose instance was shown before, or ends that",
  pure,
  () => {
    const answers = ["look-up", "listing", "awaited", "wait", "lost", "up"] as const;
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...answers), { minLength: 1, maxLength: 14 }), (order) => {
        const scene = lost();
        let isShown = false;
        let isReported = false;
        for (const answer of order) {
          scene.clock += 400;
          if (answer === "look-up") scene.feed(lookUp(scene, own(scene)));
          else if (answer === "listing") scene.listed(own(scene));
          else if (answer === "awaited") scene.slurm(AWAITED);
          else if (answer === "up") scene.slurm(slurmNode("c0", "ALLOCATED", { nodeAddr: "10.0.0.0" }));
          else if (answer === "lost") scene.feed(LOST);
          else scene.wait(1);
          isShown ||= answer === "look-up" || answer === "listing";
          isReported ||= scene.states.length > 0;
          // A verdict that was sent before may stand by now: then the instance goes.
          if (isShown && !isReported) assertEquals(scene.ends, [], order.join());
          if (isShown) assertEquals(scene.states, [], order.join());
          if (answer === "up") assertEquals(scene.ends, [], order.join());
        }
      }),
    );
  },
);
