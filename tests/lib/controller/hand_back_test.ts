import { assertEquals } from "@std/assert";
import { planHandBack, planLate } from "../../../lib/controller/hand_back.ts";
import { Scene, sceneConfig, slurmNode } from "./scene.ts";
import type { NodeState } from "../../../lib/slurm/node_state.ts";

const pure = { permissions: "none" } as const;
const until = "2026-01-01T05:00:00Z";
const awaited = (name: string) => slurmNode(name, "ALLOCATED+POWERING_UP");

function plan(scene: Scene, ...nodes: readonly NodeState[]) {
  return planHandBack(scene.state, {
    cluster: "test",
    nodes,
    now: { clock: scene.clock, wall: scene.wall },
  });
}

const NOTHING = { giveBack: [], powerDown: [], stay: [], unended: {}, intents: [], forPerson: [] };

Deno.test("planHandBack() leaves nothing of a cluster in which all is settled", pure, () => {
  const scene = new Scene();
  scene.up("c0");
  const nodes = [
    slurmNode("c0", "ALLOCATED"),
    slurmNode("c1", "IDLE+POWERED_DOWN"),
    slurmNode("c2", "DOWN", { reason: "a person's disk" }),
    slurmNode("c3", "DOWN", { reason: "Not responding" }),
  ];
  assertEquals(plan(scene, ...nodes), NOTHING);
});

for (
  const reason of [
    `InsufficientInstanceCapacity: none left [slurm-ec2 until=${until}]`,
    "UnauthorizedOperation: no [slurm-ec2] : ResumeTimeout reached",
    `slurm-ec2 until=${until} (Code:InsufficientInstanceCapacity) none left`,
  ]
) {
  Deno.test(`planHandBack() gives a node back that is down with ${reason}`, pure, () => {
    const scene = new Scene();
    assertEquals(plan(scene, slurmNode("c1", "DOWN+POWERING_UP", { reason })), {
      ...NOTHING,
      giveBack: [{ nodes: ["c1"], reason: "slurm-ec2 given back by install --rollback" }],
    });
  });
}

Deno.test(
  "planHandBack() keeps a node down whose instance could not be ended, with a reason in the former form",
  pure,
  () => {
    const scene = new Scene();
    scene.up("c0");
    scene.ask("stop", ["c0"]);
    const refusal = { code: "UnauthorizedOperation", message: "not allowed" };
    scene.feed({ kind: "end-refused", id: "i-c0", refusal });
    const reason = `UnauthorizedOperation: not allowed [slurm-ec2 until=${until}]`;
    const found = plan(scene, slurmNode("c0", "DOWN+POWERED_DOWN", { reason }));
    assertEquals(found, {
      ...NOTHING,
      stay: [{ nodes: ["c0"], reason: `slurm-ec2 until=${until} (Code:UnauthorizedOperation) not allowed` }],
      unended: { c0: { action: "terminate", since: scene.wall } },
    });
  },
);

Deno.test(
  "planHandBack() leaves the surplus instance of a node that stands on another one to a person",
  pure,
  () => {
    const scene = new Scene();
    scene.up("c0");
    const own = scene.state.instances.get("i-c0")!;
    const surplus = { ...own, id: "i-surplus", end: "due" } as const;
    scene.state = { ...scene.state, instances: new Map([["i-c0", own], ["i-surplus", surplus]]) };
    assertEquals(plan(scene, slurmNode("c0", "ALLOCATED")), { ...NOTHING, forPerson: ["i-surplus"] });
  },
);

Deno.test(
  "planHandBack() leaves a launch in doubt as an intent, and powers down what a refused one was for",
  pure,
  () => {
    const scene = new Scene(sceneConfig());
    scene.ask("resume", ["c0"]);
    const [launch] = scene.state.launches.values();
    const throttled = plan(scene, awaited("c0"));
    assertEquals([throttled.intents, throttled.powerDown.map(({ nodes }) => nodes)], [[], [["c0"]]]);
    scene.feed({
      kind: "launch-refused",
      token: launch!.token,
      refusal: { code: "EndpointUnreachable", message: "broke" },
      unanswered: true,
    });
    scene.clock += 5_000;
    const { intents, powerDown } = plan(scene, awaited("c0"));
    assertEquals(powerDown, []);
    assertEquals(intents, [{
      version: 1,
      hook: launch!.token,
      cluster: "test",
      nodeGroup: "c",
      nodes: ["c0"],
      createdAt: scene.wall - 5_000,
      input: launch!.input,
    }]);
  },
);

Deno.test(
  "planHandBack() has a launch that nobody wants any more looked for, and never sent again",
  pure,
  () => {
    const scene = new Scene();
    scene.ask("resume", ["c0"]);
    const [launch] = scene.state.launches.values();
    scene.state = {
      ...scene.state,
      launches: new Map([[launch!.token, { ...launch!, doubt: true, over: true }]]),
    };
    assertEquals(plan(scene).intents.map(({ createdAt }) => createdAt), [0]);
  },
);

Deno.test("planHandBack() powers no node down on which an instance boots", pure, () => {
  const scene = new Scene();
  scene.ask("resume", ["c0"]);
  scene.launched("c0");
  assertEquals(plan(scene, awaited("c0")), NOTHING);
});

Deno.test(
  "planLate() has the instances of a late stop ended, and tells which nodes nobody launches for",
  pure,
  () => {
    assertEquals(
      planLate([
        { kind: "resume", nodes: ["c0", "c1"] },
        { kind: "stop", nodes: ["c1", "c2"] },
        { kind: "resume-fail", nodes: ["c3"] },
      ], { wall: 7 }),
      {
        unended: {
          c1: { action: "terminate", since: 7 },
          c2: { action: "terminate", since: 7 },
          c3: { action: "terminate", since: 7 },
        },
        awaited: ["c0"],
      },
    );
  },
);
