import { assertEquals, assertMatch } from "@std/assert";
import { GRACE } from "../../../lib/controller/doubt.ts";
import { ec2Instance, Scene, slurmNode } from "./scene.ts";

const pure = { permissions: "none" } as const;

/** c0's launch has brought an instance that no answer has shown yet. */
function unseen(): Scene {
  const scene = new Scene();
  scene.ask("resume", ["c0"]);
  const [token] = [...scene.state.launches.keys()];
  scene.feed({ kind: "launched", token: token!, instances: [ec2Instance("c0", { state: "pending" })] });
  return scene;
}
const OTHER = ec2Instance("c9");

Deno.test("takeAbsence() does not take what was never seen for gone before the grace is over", pure, () => {
  const scene = unseen();
  scene.clock += 10_000;
  scene.listed(OTHER);
  scene.slurm(slurmNode("c0", "ALLOCATED+POWERING_UP"));
  assertEquals(scene.state.instances.has("i-c0"), true);
  scene.clock += GRACE;
  scene.listed(OTHER);
  scene.slurm(slurmNode("c0", "ALLOCATED+POWERING_UP"));
  assertEquals([scene.state.instances.has("i-c0"), scene.node("c0").refusal?.code], [false, "InstanceGone"]);
});

Deno.test("takeAbsence() concludes nothing from an answer that was asked for before the launch", pure, () => {
  const scene = unseen();
  const before = scene.clock;
  scene.clock += GRACE + 1_000;
  scene.feed({ kind: "listed", began: before, instances: [OTHER] });
  scene.slurm(slurmNode("c0", "ALLOCATED+POWERING_UP"));
  assertEquals(scene.state.instances.has("i-c0"), true);
});

Deno.test("takeAbsence() never takes an instance from a node that is up", pure, () => {
  const scene = new Scene();
  scene.up("c0");
  scene.clock += 10_000;
  scene.listed(OTHER);
  assertEquals(scene.actions("ask-slurm").length, 1);
  scene.clock += 1_000;
  scene.slurm(slurmNode("c0", "ALLOCATED", { nodeAddr: "10.0.0.0" }));
  assertEquals([scene.state.instances.has("i-c0"), scene.node("c0").refusal, scene.states], [
    true,
    undefined,
    [],
  ]);
});

Deno.test("takeListing() takes an empty answer about a cluster that had instances for wrong", pure, () => {
  const scene = new Scene();
  scene.ask("resume", ["c0"]);
  scene.launched("c0");
  scene.clock += 10_000;
  scene.listed();
  scene.slurm(slurmNode("c0", "ALLOCATED+POWERING_UP"));
  assertEquals(scene.state.instances.has("i-c0"), true);
});

Deno.test("takeAbsence() keeps what is to be ended until EC2 has accepted its end", pure, () => {
  const scene = new Scene();
  scene.up("c0");
  scene.ask("stop", ["c0"]);
  scene.clock += 10_000;
  scene.listed(OTHER);
  assertEquals(scene.ends, ["terminate i-c0"]);
  scene.feed({ kind: "end-accepted", ids: ["i-c0"] });
  scene.clock += 10_000;
  scene.listed(OTHER);
  assertEquals(scene.state.instances.has("i-c0"), false);
});

Deno.test("takeSight() gives an instance that a listing shows to the launch that made it", pure, () => {
  const scene = new Scene();
  scene.ask("resume", ["c0"]);
  const [token] = [...scene.state.launches.keys()];
  scene.listed(ec2Instance("c0", { clientToken: token! }), ec2Instance("c1"));
  const generation = (id: string) => scene.state.instances.get(id)?.generation;
  assertEquals([generation("i-c0"), generation("i-c1")], [1, 0]);
});

for (
  const [code, changes] of [
    ["Client.InternalError", { state: "terminated", stateReasonCode: "Client.InternalError" }],
    ["Server.SpotInstanceTermination", {
      state: "shutting-down",
      stateReasonCode: "Server.SpotInstanceTermination",
    }],
  ] as const
) {
  Deno.test(`takeEnded() refuses the node of an instance that died of ${code}`, pure, () => {
    const scene = new Scene();
    scene.ask("resume", ["c0"]);
    scene.launched("c0");
    scene.feed({ kind: "listed-ended", began: scene.clock, instances: [ec2Instance("c0", changes)] });
    assertEquals([scene.node("c0").refusal?.code, scene.state.instances.size], [code, 0]);
    scene.slurm(slurmNode("c0", "ALLOCATED+POWERING_UP"));
    assertEquals(scene.states.map((state) => state.split(" ").slice(0, 2).join(" ")), ["c0 verdict"]);
  });
}

Deno.test(
  "takeEnded() has the console of an instance that powered itself off quoted in its node's reason",
  pure,
  () => {
    const scene = new Scene();
    scene.ask("resume", ["c0"]);
    scene.launched("c0");
    const dead = ec2Instance("c0", {
      state: "terminated",
      stateReasonCode: "Client.InstanceInitiatedShutdown",
    });
    scene.feed({ kind: "listed-ended", began: scene.clock, instances: [dead] });
    assertEquals(scene.actions("keep-console"), [{ kind: "keep-console", node: "c0", id: "i-c0" }]);
    scene.slurm(slurmNode("c0", "ALLOCATED+POWERING_UP"));
    const reason = () => scene.actions("set-state")[0]?.reason;
    assertMatch(
      reason()!,
      /^Client\.InstanceInitiatedShutdown: instance i-c0 powered itself off: see aws ec2 get-console-output --latest/,
    );
    scene.feed({ kind: "console-kept", node: "c0", id: "i-c0", tail: "x", failure: "no munge key" });
    assertMatch(
      reason()!,
      /^Client\.InstanceInitiatedShutdown: instance i-c0 powered itself off: no munge key \[slurm-ec2/,
    );
  },
);

for (const [what, kept] of [["says nothing", {}], ["is not to be had", { tail: "Linux" }]] as const) {
  Deno.test(`takeEnded() leaves the verdict as it is when the console ${what}`, pure, () => {
    const scene = new Scene();
    scene.ask("resume", ["c0"]);
    scene.launched("c0");
    const dead = ec2Instance("c0", {
      state: "terminated",
      stateReasonCode: "Client.InstanceInitiatedShutdown",
    });
    scene.feed({ kind: "listed-ended", began: scene.clock, instances: [dead] });
    const before = scene.node("c0").refusal;
    scene.feed({ kind: "console-kept", node: "c0", id: "i-c0", ...kept });
    assertEquals(scene.node("c0").refusal, before);
  });
}

Deno.test(
  "takeEnded() says nothing of what it does not show, nor of the death of another power-up's instance",
  pure,
  () => {
    const scene = new Scene();
    scene.up("c0");
    scene.ask("stop", ["c0"]);
    scene.feed({ kind: "end-accepted", ids: ["i-c0"] });
    scene.ask("resume", ["c0"]);
    scene.launched("c0", { instanceId: "i-new" });
    scene.feed({
      kind: "listed-ended",
      began: scene.clock,
      instances: [ec2Instance("c0", { state: "terminated" })],
    });
    assertEquals([[...scene.state.instances.keys()], scene.node("c0").refusal], [["i-new"], undefined]);
  },
);

Deno.test(
  "takeSight() does not lose another cluster's instance, or one of a test launch, in our state",
  pure,
  () => {
    const scene = new Scene();
    const foreign = { ...ec2Instance("c0").tags, "slurm-ec2:cluster": "other" };
    const trial = { ...ec2Instance("c1").tags, "slurm-ec2:naming": "test-launch" };
    scene.listed(ec2Instance("c0", { tags: foreign }), ec2Instance("c1", { tags: trial }));
    assertEquals([scene.state.instances.size, scene.ends], [0, []]);
  },
);

Deno.test(
  "takeEnded() does not take the death of a stray for that of the node, whose launch is on its way",
  pure,
  () => {
    const scene = new Scene();
    scene.ask("resume", ["c0"]);
    scene.listed(ec2Instance("c0", { instanceId: "i-stray" }));
    const dead = ec2Instance("c0", { instanceId: "i-stray", state: "terminated" });
    scene.feed({ kind: "listed-ended", began: scene.clock, instances: [dead] });
    assertEquals([scene.state.instances.size, scene.node("c0").refusal, scene.state.launches.size], [
      0,
      undefined,
      1,
    ]);
  },
);
