import { assertEquals } from "@std/assert";
import type { Instance } from "../../../lib/aws/instance.ts";
import { ec2Instance, Scene, sceneConfig, slurmNode } from "./scene.ts";

const pure = { permissions: "none" } as const;
const ended: Partial<Instance> = { state: "terminated", stateReasonCode: "Client.UserInitiatedShutdown" };
const SILENT = "IDLE+COMPLETING+NOT_RESPONDING";

/** A controller whose state was lost, and what EC2 then lists. */
function lost(...instances: readonly Instance[]): Scene {
  const scene = new Scene(sceneConfig(), false);
  scene.listed(...instances);
  scene.clock += 1_000;
  return scene;
}

Deno.test(
  "planAbandoned() gives back a silent node whose instance EC2 shows ended, though the state was lost",
  pure,
  () => {
    const scene = lost(ec2Instance("c0", ended));
    scene.slurm(slurmNode("c0", SILENT));
    assertEquals(scene.states, ["c0 down-after-death down"]);
    assertEquals(scene.actions("set-state")[0]?.reason?.startsWith("Client.UserInitiatedShutdown: "), true);
    scene.shown();
    scene.slurm(slurmNode("c0", "DOWN+NOT_RESPONDING", { reason: "x" }));
    assertEquals(scene.states, ["c0 power-down-after-death power_down_force"]);
    scene.shown();
    assertEquals(scene.node("c0").want, "down");
  },
);

Deno.test(
  "planAbandoned() gives back a silent node whose resume-fail came after it had registered",
  pure,
  () => {
    const scene = new Scene();
    scene.up("c0");
    scene.ask("resume-fail", ["c0"]);
    scene.feed({ kind: "console-kept", node: "c0", id: "i-c0" });
    scene.feed({ kind: "end-accepted", ids: ["i-c0"] });
    scene.wait(60);
    scene.feed({ kind: "listed-ended", began: scene.clock, instances: [ec2Instance("c0", ended)] });
    scene.slurm(slurmNode("c0", SILENT));
    // A complete listing has to say that nothing else runs for it.
    assertEquals([scene.states, scene.actions("list").length], [[], 1]);
    scene.wait(1);
    scene.listed(ec2Instance("c0", ended));
    scene.wait(1);
    scene.slurm(slurmNode("c0", SILENT));
    assertEquals(scene.states, ["c0 down-after-death down"]);
  },
);

Deno.test(
  "planAbandoned() gives back a silent node whose instance is stopped, and keeps the instance",
  pure,
  () => {
    const scene = new Scene();
    scene.up("s0");
    scene.ask("stop", ["s0"]);
    scene.feed({ kind: "end-accepted", ids: ["i-s0"] });
    scene.wait(60);
    scene.listed(ec2Instance("s0", { state: "stopped" }));
    scene.wait(1);
    // Its slurmd had answered before it stopped, and slurmctld has given it a job.
    scene.slurm(slurmNode("s0", SILENT));
    assertEquals(scene.states, ["s0 down-after-death down"]);
    scene.shown();
    scene.slurm(slurmNode("s0", "DOWN+NOT_RESPONDING", { reason: "x" }));
    assertEquals(scene.states, ["s0 power-down-after-death power_down_force"]);
    scene.shown();
    assertEquals([scene.ends, scene.state.instances.get("i-s0")?.state], [[], "stopped"]);
  },
);

for (
  const [what, state, instances] of [
    ["whose slurmd answers", "IDLE+COMPLETING", [ec2Instance("c0", ended)]],
    ["that another instance runs for", SILENT, [
      ec2Instance("c0", ended),
      ec2Instance("c0", { instanceId: "i-other", launchTime: 5 }),
    ]],
    ["that EC2 shows no instance of", SILENT, [ec2Instance("c1", ended)]],
    ["that is on its way down", "IDLE+POWERING_DOWN+NOT_RESPONDING", [ec2Instance("c0", ended)]],
    ["that a person has DOWN", "DOWN+NOT_RESPONDING", [ec2Instance("c0", ended)]],
  ] as const
) {
  Deno.test(`planAbandoned() leaves a node alone ${what}`, pure, () => {
    const scene = lost(...instances);
    scene.slurm(slurmNode("c0", state, { reason: state.startsWith("DOWN") ? "disk broken" : "" }));
    assertEquals(scene.states, []);
  });
}

Deno.test("planAbandoned() says nothing before EC2 has been listed", pure, () => {
  const scene = new Scene(sceneConfig(), false);
  scene.feed({ kind: "listed-ended", began: scene.clock, instances: [ec2Instance("c0", ended)] });
  scene.slurm(slurmNode("c0", SILENT));
  assertEquals(scene.states, []);
});
