import { assertEquals } from "@std/assert";
import { formatReason } from "../../../lib/cluster/reason.ts";
import { ec2Instance, Scene, sceneConfig, slurmNode } from "./scene.ts";

const pure = { permissions: "none" } as const;
const CODE = "InsufficientInstanceCapacity";
const until = (scene: Scene, seconds: number) =>
  formatReason({ code: CODE, message: "no more", until: scene.wall + seconds * 1_000 });
const former = (scene: Scene, seconds: number) =>
  `slurm-ec2 until=${
    new Date(scene.wall + seconds * 1_000).toISOString().slice(0, 19)
  }Z (Code:${CODE}) no more`;

for (const [what, reason] of [["today's", until], ["an earlier release's", former]] as const) {
  Deno.test(
    `takeReason() gives a node back whose ${what} reason is over, though nothing is known of it`,
    pure,
    () => {
      const scene = new Scene();
      scene.slurm(slurmNode("c0", "DOWN+POWERED_DOWN", { reason: reason(scene, -1) }));
      assertEquals(scene.states, ["c0 give-back idle"]);
      // What was refused stays readable, without the time that is over.
      assertEquals(scene.actions("set-state")[0]?.reason, `${CODE}: no more [slurm-ec2]`);
      scene.shown();
      assertEquals([scene.states, scene.node("c0").giveBack], [[], undefined]);
    },
  );

  Deno.test(`takeReason() waits for the end of a cooldown that ${what} reason says`, pure, () => {
    const scene = new Scene();
    scene.slurm(slurmNode("c0", "DOWN+POWERED_DOWN", { reason: reason(scene, 100) }));
    assertEquals(scene.states, []);
    const due = scene.last.dueAt! - scene.clock;
    assertEquals([due > 98_000, due <= 101_000], [true, true]);
    const said = scene.state.memory!.views.get("c0")!.reason;
    scene.wait(101);
    assertEquals([scene.states, scene.actions("ask-slurm").length], [[], 1]);
    scene.slurm(slurmNode("c0", "DOWN+POWERED_DOWN", { reason: said }));
    assertEquals(scene.states, ["c0 give-back idle"]);
  });
}

for (
  const [state, reason] of [
    ["DOWN", "disk broken"],
    ["DOWN+DRAIN", "slurm-ec2 is not to blame"],
    ["DOWN", "see [slurm-ec2]"],
    ["IDLE+DRAIN", "X: y [slurm-ec2 until=2020-01-01T00:00:00Z]"],
  ] as const
) {
  Deno.test(`takeReason() leaves a node alone that is ${state} for "${reason}"`, pure, () => {
    const scene = new Scene();
    scene.slurm(slurmNode("c0", state, { reason }));
    scene.wait(4_000);
    assertEquals([scene.states, scene.state.nodes.size], [[], 0]);
  });
}

Deno.test("takeReason() takes a time that is further away than any cooldown for over", pure, () => {
  const scene = new Scene();
  scene.slurm(slurmNode("c0", "DOWN", { reason: until(scene, 86_400) }));
  assertEquals(scene.states, ["c0 give-back power_down_force"]);
});

Deno.test("takeReason() leaves a node of another cluster part alone", pure, () => {
  const scene = new Scene();
  scene.slurm(slurmNode("x0", "DOWN", { reason: until(scene, -1) }));
  assertEquals(scene.states, []);
});

/** c0 is in its cooldown of 900 s when slurmctld gives it up at ResumeTimeout, after 600 s. */
function givenUp(reasonOf: (said: string) => string): Scene {
  const config = sceneConfig();
  const scene = new Scene({ ...config, limits: { ...config.limits, cooldown: 900 } });
  scene.ask("resume", ["c0"]);
  const [token] = [...scene.state.launches.keys()];
  scene.feed({
    kind: "launch-refused",
    token: token!,
    refusal: { code: CODE, message: "no" },
    unanswered: false,
  });
  scene.slurm(slurmNode("c0", "ALLOCATED+POWERING_UP"));
  scene.shown();
  scene.clock += 600_000;
  scene.ask("resume-fail", ["c0"]);
  scene.clock += 1_000;
  scene.slurm(slurmNode("c0", "DOWN+POWERED_DOWN", { reason: reasonOf(scene.node("c0").verdict!.reason) }));
  return scene;
}

Deno.test(
  "resume-fail ends no cooldown early, and slurmctld 22.05's reason is replaced by the cooldown's again",
  pure,
  () => {
    const scene = givenUp(() => "ResumeTimeout reached");
    assertEquals(scene.states, ["c0 verdict down"]);
    assertEquals(scene.actions("set-state")[0]?.reason?.startsWith(`${CODE}: no; asked for again: `), true);
    scene.shown();
    assertEquals(scene.states, []);
    const { reason } = scene.node("c0").verdict!;
    scene.clock += 300_000;
    scene.slurm(slurmNode("c0", "DOWN+POWERED_DOWN", { reason }));
    assertEquals(scene.states, ["c0 give-back idle"]);
  },
);

Deno.test("resume-fail ends no cooldown early where slurmctld appends to the reason", pure, () => {
  const scene = givenUp((said) => `${said} : ResumeTimeout reached`);
  assertEquals(scene.states, []);
  scene.wait(301);
  scene.slurm(slurmNode("c0", "DOWN+POWERED_DOWN", { reason: scene.node("c0").verdict!.reason }));
  assertEquals(scene.states, ["c0 give-back idle"]);
  assertEquals(
    scene.actions("set-state")[0]?.reason?.replace(/; asked for again: [^\[]*/, " "),
    `${CODE}: no [slurm-ec2]`,
  );
});

Deno.test("takeReason() does what a lost resume-fail would have done", pure, () => {
  const scene = new Scene();
  scene.ask("resume", ["c0"]);
  scene.launched("c0");
  scene.clock += 600_000;
  scene.slurm(slurmNode("c0", "DOWN+POWERED_DOWN", { reason: "ResumeTimeout reached" }));
  assertEquals(scene.node("c0").because, "resume-fail");
  scene.clock += 5_000;
  scene.slurm(slurmNode("c0", "DOWN+POWERED_DOWN", { reason: "ResumeTimeout reached" }));
  assertEquals([scene.ends, scene.states], [["terminate i-c0"], []]);
  scene.feed({ kind: "end-accepted", ids: ["i-c0"] });
  scene.slurm(slurmNode("c0", "DOWN+POWERED_DOWN", { reason: "ResumeTimeout reached" }));
  assertEquals(scene.states, ["c0 give-back idle"]);
});

for (const reason of ["Not responding", "Node unexpectedly rebooted"]) {
  Deno.test(
    `takeReason() gives a node back that slurmctld has DOWN for "${reason}" only if EC2 has no instance of it`,
    pure,
    () => {
      const scene = new Scene();
      scene.listed(ec2Instance("c1"));
      scene.clock += 1_000;
      scene.slurm(slurmNode("c0", "DOWN", { reason }), slurmNode("c1", "DOWN", { reason }));
      assertEquals(scene.states, ["c0 give-back power_down_force"]);
      assertEquals(scene.node("c1").giveBack, undefined);
    },
  );
}

Deno.test("planGiveBack() waits until what the node stood on is ended", pure, () => {
  const scene = new Scene();
  scene.listed(ec2Instance("c0"));
  scene.clock += 1_000;
  scene.slurm(slurmNode("c0", "DOWN", { reason: until(scene, -1) }));
  assertEquals([scene.ends, scene.states], [["terminate i-c0"], []]);
  scene.feed({ kind: "end-accepted", ids: ["i-c0"] });
  assertEquals(scene.states, ["c0 give-back power_down_force"]);
});

for (
  const [what, node] of [
    ["has set DOWN", slurmNode("c0", "DOWN+POWERED_DOWN", { reason: "fan" })],
    ["has drained", slurmNode("c0", "DOWN+DRAIN+POWERED_DOWN", { reason: "fan" })],
  ] as const
) {
  Deno.test(
    `planGiveBack() leaves a node in its cooldown to the person who ${what} it meanwhile`,
    pure,
    () => {
      const scene = givenUp((said) => `${said} : ResumeTimeout reached`);
      scene.wait(301);
      scene.slurm(node);
      assertEquals([scene.states, scene.node("c0").giveBack], [[], undefined]);
      scene.wait(1_000);
      scene.slurm(node);
      assertEquals(scene.states, []);
    },
  );
}
