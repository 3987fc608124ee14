import { assertEquals } from "@std/assert";
import { Scene, slurmNode } from "./scene.ts";

const pure = { permissions: "none" } as const;
const IGNORED = "IDLE+CLOUD+POWERED_DOWN+NOT_RESPONDING";

Deno.test(
  "planOffers() makes a node available that is off and did not answer, once in ten minutes",
  pure,
  () => {
    const scene = new Scene();
    scene.slurm(slurmNode("c0", IGNORED), slurmNode("c1", "IDLE+CLOUD+POWERED_DOWN"));
    assertEquals(scene.states, ["c0 offer idle"]);
    assertEquals(scene.actions("set-state")[0]?.reason, undefined, "what slurmctld has as its reason stays");
    scene.slurm(slurmNode("c0", IGNORED));
    scene.shown();
    assertEquals([scene.states, scene.last.settled], [[], true]);
    scene.wait(590);
    scene.slurm(slurmNode("c0", IGNORED));
    assertEquals(scene.states, []);
    scene.wait(11);
    scene.slurm(slurmNode("c0", IGNORED));
    assertEquals(scene.states, ["c0 offer idle"]);
  },
);

for (
  const [what, state] of [
    ["a person has drained it", "IDLE+CLOUD+DRAIN+POWERED_DOWN+NOT_RESPONDING"],
    ["a person reserves it", "IDLE+CLOUD+RESERVED+POWERED_DOWN+NOT_RESPONDING"],
    ["it is down", "DOWN+CLOUD+POWERED_DOWN+NOT_RESPONDING"],
    ["it has a job", "MIXED+CLOUD+NOT_RESPONDING+POWERING_UP"],
    ["it is up", "IDLE+CLOUD+NOT_RESPONDING"],
    ["it is going down", "IDLE+CLOUD+POWERING_DOWN+NOT_RESPONDING"],
  ] as const
) {
  Deno.test(`planOffers() leaves a node that does not answer alone when ${what}`, pure, () => {
    const scene = new Scene();
    scene.slurm(slurmNode("c0", state, { reason: "x" }));
    assertEquals(scene.states.filter((text) => text.includes("offer")), []);
  });
}

Deno.test("planOffers() leaves a node alone that is asked for, or that no group has", pure, () => {
  const scene = new Scene();
  scene.ask("resume", ["c0"]);
  scene.slurm(slurmNode("c0", IGNORED), slurmNode("foreign", IGNORED));
  assertEquals(scene.states.filter((text) => text.includes("offer")), []);
});

Deno.test("planOffers() asks slurmctld again first when its answer is old", pure, () => {
  const scene = new Scene();
  scene.slurm(slurmNode("c0", IGNORED));
  scene.wait(20);
  assertEquals(scene.states, []);
  assertEquals(
    scene.actions("ask-slurm").some(({ nodes }) => nodes === undefined || nodes.includes("c0")),
    true,
  );
});
