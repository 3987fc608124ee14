import { assertEquals } from "@std/assert";
import type { Instance } from "../../../lib/aws/instance.ts";
import { ec2Instance, Scene, slurmNode } from "./scene.ts";

const pure = { permissions: "none" } as const;
const DEAD: Partial<Instance> = { state: "terminated", stateReasonCode: "Server.SpotInstanceTermination" };

function died(name = "c0", changes = DEAD): Scene {
  const scene = new Scene();
  scene.up(name);
  scene.clock += 60_000;
  scene.feed({ kind: "listed-ended", began: scene.clock, instances: [ec2Instance(name, changes)] });
  return scene;
}

Deno.test("planDeaths() sets a node DOWN whose instance died under it, then powers it down", pure, () => {
  const scene = died();
  // DOWN on a living node starts its job a second time: slurmctld is asked first.
  assertEquals([scene.states, scene.actions("ask-slurm").length], [[], 1]);
  scene.slurm(slurmNode("c0", "ALLOCATED"));
  assertEquals(scene.states, ["c0 down-after-death down"]);
  assertEquals(scene.actions("set-state")[0]?.reason?.startsWith("Server.SpotInstanceTermination: "), true);
  scene.shown();
  scene.slurm(slurmNode("c0", "DOWN", { reason: "x" }));
  assertEquals(scene.states, ["c0 power-down-after-death power_down_force"]);
  scene.shown();
  assertEquals([scene.node("c0").want, scene.states], ["down", []]);
});

Deno.test("planDeaths() powers a node down that slurmctld has DOWN already for its own reason", pure, () => {
  const scene = died();
  scene.slurm(slurmNode("c0", "DOWN+NOT_RESPONDING", { reason: "Not responding" }));
  assertEquals(scene.states, ["c0 power-down-after-death power_down_force"]);
});

Deno.test("planDeaths() leaves a person's DOWN alone", pure, () => {
  const scene = died();
  scene.slurm(slurmNode("c0", "DOWN", { reason: "disk broken" }));
  assertEquals(scene.states, []);
});

Deno.test("planDeaths() keeps a person's reason on a drained node", pure, () => {
  const idle = died();
  idle.slurm(slurmNode("c0", "IDLE+DRAIN", { reason: "disk broken" }));
  assertEquals(idle.states, ["c0 power-down-after-death power_down_force"]);
  assertEquals(idle.actions("set-state")[0]?.reason, "disk broken");
  const busy = died();
  busy.slurm(slurmNode("c0", "ALLOCATED+DRAIN", { reason: "disk broken" }));
  assertEquals([busy.states, busy.actions("set-state")[0]?.reason], [
    ["c0 down-after-death down"],
    "disk broken",
  ]);
});

for (const state of ["IDLE+POWERING_DOWN", "IDLE+POWERED_DOWN", "UNKNOWN"]) {
  Deno.test(`planDeaths() gives slurmctld no state of a node that it shows ${state}`, pure, () => {
    const scene = died();
    scene.slurm(slurmNode("c0", state));
    assertEquals(scene.states, []);
  });
}

Deno.test(
  "planDeaths() takes an instance that stopped itself for dead, and does not start it again",
  pure,
  () => {
    const scene = died("s0", { state: "stopped", stateReasonCode: "Client.InstanceInitiatedShutdown" });
    scene.slurm(slurmNode("s0", "ALLOCATED"));
    assertEquals([scene.states, scene.actions("start")], [["s0 down-after-death down"], []]);
  },
);

Deno.test("planDeaths() spares a node that another instance of the same power-up serves", pure, () => {
  const scene = new Scene();
  scene.ask("resume", ["c0"]);
  const [clientToken = ""] = [...scene.state.launches.keys()];
  const second = ec2Instance("c0", { instanceId: "i-second", launchTime: 5, clientToken });
  scene.feed(
    { kind: "listed", began: scene.clock, instances: [second] },
    { kind: "launched", token: clientToken, instances: [ec2Instance("c0", { launchTime: 1, clientToken })] },
    { kind: "listed-ended", began: scene.clock, instances: [ec2Instance("c0", DEAD)] },
  );
  assertEquals([scene.node("c0").refusal, scene.ends], [undefined, []]);
});

Deno.test(
  "planDeaths() goes on with a node that another instance took on while slurmctld was given DOWN",
  pure,
  () => {
    const scene = died();
    scene.slurm(slurmNode("c0", "ALLOCATED"));
    assertEquals(scene.states, ["c0 down-after-death down"]);
    const { generation } = scene.node("c0");
    // The other host's worker has launched one, and the node has registered from it.
    const other = ec2Instance("c0", { instanceId: "i-other", launchTime: scene.wall });
    scene.feed({ kind: "listed", began: scene.clock, instances: [other] });
    scene.clock += 1_000;
    scene.slurm(slurmNode("c0", "ALLOCATED", { nodeAddr: other.privateIpAddress! }));
    assertEquals([scene.node("c0").died, scene.node("c0").refusal], [undefined, undefined]);
    scene.feed({ kind: "state-set", node: "c0", generation, purpose: "down-after-death" });
    assertEquals(scene.node("c0").died, undefined);
    // slurmctld shows what it was given: the node is given back like any other.
    scene.clock += 1_000;
    scene.slurm(slurmNode("c0", "DOWN", {
      reason: "Server.SpotInstanceTermination: x [slurm-ec2 until=2026-01-01T00:00:00Z]",
    }));
    assertEquals(scene.node("c0").want, "down");
  },
);

Deno.test("planDeaths() goes on with a stored node that has died, and does not say of what", pure, () => {
  const scene = died();
  const { refusal: _, ...node } = scene.node("c0");
  scene.state = { ...scene.state, nodes: new Map([...scene.state.nodes, ["c0", node]]) };
  scene.slurm(slurmNode("c0", "ALLOCATED"));
  assertEquals(scene.states, []);
});
