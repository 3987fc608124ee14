import { assertEquals } from "@std/assert";
import { WORLD } from "../../../lib/sim/fresh_world.ts";
import { Scene, sceneConfig, slurmNode } from "./scene.ts";

const pure = { permissions: "none" } as const;
const JOB = { jobId: 5, nodes: ["c0", "s0"] };

function whole(
  strategies: readonly ["all-or-nothing" | "best-effort", "all-or-nothing" | "best-effort"],
): Scene {
  const config = sceneConfig();
  const nodeGroups = config.nodeGroups.map((group, i) => ({
    ...group,
    strategy: strategies[i]!,
    subnets: [WORLD.subnetIds[i]!],
  }));
  return new Scene({ ...config, nodeGroups });
}

/** EC2 refuses what was asked for a node. */
function refuse(scene: Scene, node: string): void {
  const launch = [...scene.state.launches.values()].find(({ nodes }) => nodes.includes(node))!;
  const refusal = { code: "InsufficientInstanceCapacity", message: "no" };
  scene.feed({ kind: "launch-refused", token: launch.token, refusal, unanswered: false });
}

const codes = (scene: Scene, ...nodes: string[]) => nodes.map((name) => scene.node(name).refusal?.code);

Deno.test(
  "refuseIncomplete() gives up a job's nodes of the other group, and ends their instances",
  pure,
  () => {
    const scene = whole(["all-or-nothing", "all-or-nothing"]);
    scene.ask("resume", ["c0", "s0"], [JOB]);
    scene.launched("s0");
    refuse(scene, "c0");
    assertEquals(codes(scene, "c0", "s0"), ["InsufficientInstanceCapacity", "JobIncomplete"]);
    scene.slurm(slurmNode("c0", "ALLOCATED+POWERING_UP"), slurmNode("s0", "ALLOCATED+POWERING_UP"));
    assertEquals(scene.states, ["c0 verdict down", "s0 verdict power_down_force"]);
    assertEquals(scene.ends, [], "it may register until slurmctld has the verdict");
    scene.shown();
    assertEquals(scene.ends, ["stop i-s0"]);
  },
);

Deno.test("refuseIncomplete() gives up what has not been asked for yet, without a call", pure, () => {
  const scene = whole(["all-or-nothing", "all-or-nothing"]);
  scene.ask("resume", ["c1"]);
  refuse(scene, "c1");
  scene.ask("resume", ["c0", "s0"], [JOB]);
  assertEquals([codes(scene, "c0", "s0"), scene.state.launches.size], [[
    "InsufficientInstanceCapacity",
    "JobIncomplete",
  ], 0]);
});

Deno.test("refuseIncomplete() keeps what another job waits for, and what is up already", pure, () => {
  const scene = whole(["all-or-nothing", "all-or-nothing"]);
  scene.up("s1");
  scene.ask("resume", ["c0", "s0"], [
    { jobId: 5, nodes: ["c0", "s0", "s1"] },
    { jobId: 6, nodes: ["s0"] },
  ]);
  refuse(scene, "c0");
  assertEquals(codes(scene, "c0", "s0", "s1"), ["InsufficientInstanceCapacity", undefined, undefined]);
});

Deno.test("refuseIncomplete() leaves a best-effort group what came", pure, () => {
  const scene = whole(["all-or-nothing", "best-effort"]);
  scene.ask("resume", ["c0", "s0"], [JOB]);
  refuse(scene, "c0");
  assertEquals(codes(scene, "c0", "s0"), ["InsufficientInstanceCapacity", undefined]);
});

Deno.test("refuseIncomplete() leaves the nodes of a job whose node died later", pure, () => {
  const scene = whole(["all-or-nothing", "all-or-nothing"]);
  scene.ask("resume", ["c0", "s0"], [JOB]);
  scene.launched("s0");
  scene.launched("c0");
  scene.clock += 1_000;
  scene.feed({ kind: "described", began: scene.clock, ids: ["i-c0"], instances: [] });
  scene.slurm(slurmNode("c0", "ALLOCATED+POWERING_UP"));
  assertEquals(codes(scene, "c0", "s0"), ["InstanceGone", undefined]);
});
