import { assertEquals } from "@std/assert";
import type { Fact } from "../../../lib/controller/fact.ts";
import { ec2Instance, Scene, sceneConfig, slurmNode } from "./scene.ts";

const pure = { permissions: "none" } as const;
const refused = (code: string): Fact => ({
  kind: "start-refused",
  id: "i-s0",
  refusal: { code, message: "no" },
});

/** s0 was up, and its instance has been stopped; `state` as EC2 shows it by now. */
function stopped(state: "stopping" | "stopped" = "stopped", config = sceneConfig()): Scene {
  const scene = new Scene(config);
  scene.up("s0");
  scene.ask("stop", ["s0"]);
  scene.feed({ kind: "end-accepted", ids: ["i-s0"] });
  scene.clock += 20_000;
  scene.feed({
    kind: "described",
    began: scene.clock,
    ids: ["i-s0"],
    instances: [ec2Instance("s0", { state })],
  });
  return scene;
}

const starts = (scene: Scene) => scene.actions("start").flatMap(({ ids }) => ids);

Deno.test("reuseStopped() starts a node's own instance again, until EC2 accepts it", pure, () => {
  const scene = stopped();
  const id = scene.ask("resume", ["s0"]);
  assertEquals([starts(scene), scene.state.launches.size], [["i-s0"], 0]);
  scene.wait(1);
  assertEquals(starts(scene), ["i-s0"]);
  scene.feed({ kind: "start-accepted", ids: ["i-s0"] });
  assertEquals([starts(scene), scene.actions("report-addresses").length], [[], 1]);
  scene.feed({ kind: "address-reported", node: "s0", instanceId: "i-s0" });
  assertEquals(scene.state.requests.get(id)?.outcomes.s0?.kind, "assigned");
  scene.ask("stop", ["s0"]);
  assertEquals(scene.state.instances.get("i-s0")?.generation, 3);
});

Deno.test(
  "reuseStopped() waits for an instance that is still stopping, and replaces it in the end",
  pure,
  () => {
    const scene = stopped("stopping");
    scene.ask("resume", ["s0"]);
    assertEquals([starts(scene), scene.state.launches.size, scene.ends], [[], 0, []]);
    scene.wait(6);
    assertEquals(scene.actions("describe").map(({ ids }) => ids), [["i-s0"]]);
    scene.wait(60);
    assertEquals([scene.ends, scene.state.launches.size], [["terminate i-s0"], 0]);
    scene.feed({ kind: "end-accepted", ids: ["i-s0"] });
    assertEquals(scene.state.launches.size, 1);
  },
);

for (
  const [what, change] of [
    ["image", { imageId: "ami-0aaaaaaaaaaaaaaaa" }],
    ["instance type", { instanceTypes: ["m7i.large"] }],
    ["power-down action", { powerDownAction: "terminate" }],
  ] as const
) {
  Deno.test(`reuseStopped() replaces an instance of another ${what}`, pure, () => {
    const scene = stopped();
    const [c, s] = scene.config.nodeGroups;
    scene.config = { ...scene.config, nodeGroups: [c!, { ...s!, ...change }] };
    scene.ask("resume", ["s0"]);
    assertEquals([starts(scene), scene.ends, scene.state.launches.size], [[], ["terminate i-s0"], 0]);
    scene.feed({ kind: "end-accepted", ids: ["i-s0"] });
    assertEquals(scene.state.launches.size, 1);
  });
}

for (const state of ["stopping", "stopped"] as const) {
  Deno.test(
    `planStopped() terminates an instance that is ${state} when its node did not register`,
    pure,
    () => {
      const scene = stopped(state);
      const id = scene.ask("resume-fail", ["s0"]);
      // Its console is kept first.
      scene.wait(6);
      assertEquals(scene.ends, ["terminate i-s0"]);
      scene.feed({ kind: "end-accepted", ids: ["i-s0"] });
      assertEquals(scene.state.requests.get(id)?.outcomes.s0, {
        kind: "terminated",
        instanceIds: ["i-s0"],
      });
    },
  );
}

Deno.test("takeStartRefused() launches instead when EC2 has no capacity to start with", pure, () => {
  const scene = stopped();
  scene.ask("resume", ["s0"]);
  scene.feed(refused("InsufficientInstanceCapacity"));
  assertEquals([starts(scene), scene.ends], [[], ["terminate i-s0"]]);
  scene.feed({ kind: "end-accepted", ids: ["i-s0"] });
  assertEquals(scene.state.launches.size, 1);
});

for (const code of ["RequestLimitExceeded", "IncorrectInstanceState", "InternalError"]) {
  Deno.test(`takeStartRefused() asks again after ${code}`, pure, () => {
    const scene = stopped();
    scene.ask("resume", ["s0"]);
    scene.feed(refused(code));
    assertEquals([starts(scene), scene.ends], [["i-s0"], []]);
  });
}

Deno.test("takeStartRefused() does not replace what a try without an answer may have started", pure, () => {
  const scene = stopped();
  scene.ask("resume", ["s0"]);
  scene.feed(refused("EndpointUnreachable"));
  scene.feed(refused("InsufficientInstanceCapacity"));
  assertEquals([starts(scene), scene.ends], [["i-s0"], []]);
  scene.clock += 11_000;
  const look = (state: "stopped" | "running") =>
    scene.feed({
      kind: "described",
      began: scene.clock,
      ids: ["i-s0"],
      instances: [ec2Instance("s0", { state })],
    });
  look("stopped");
  scene.feed(refused("InsufficientInstanceCapacity"));
  assertEquals(scene.ends, ["terminate i-s0"]);
});

Deno.test("planStopped() ends what has been stopped for longer than maxStoppedDuration", pure, () => {
  const config = sceneConfig();
  const [c, s] = config.nodeGroups;
  const scene = stopped("stopped", { ...config, nodeGroups: [c!, { ...s!, maxStoppedDuration: 3_600 }] });
  assertEquals(scene.ends, []);
  scene.wait(3_000);
  assertEquals([scene.ends, scene.last.dueAt! - scene.clock <= 600_000], [[], true]);
  scene.wait(600);
  assertEquals(scene.ends, ["terminate i-s0"]);
});

Deno.test("planStopped() keeps a stopped instance where no duration is set", pure, () => {
  const scene = stopped();
  scene.wait(1_000_000);
  assertEquals(scene.ends, []);
});

Deno.test(
  "planEnds() keeps the stopped instances of a node that is off when the state was lost",
  pure,
  () => {
    const scene = new Scene();
    scene.listed(ec2Instance("s0", { state: "stopped" }), ec2Instance("c0", { state: "stopped" }));
    scene.clock += 1_000;
    scene.slurm(slurmNode("s0", "IDLE+POWERED_DOWN"), slurmNode("c0", "IDLE+POWERED_DOWN"));
    assertEquals(scene.ends, ["terminate i-c0"]);
    scene.ask("resume", ["s0"]);
    assertEquals(starts(scene), ["i-s0"]);
  },
);

Deno.test("takeSight() stops an instance again that somebody has started", pure, () => {
  const scene = stopped();
  scene.clock += 120_000;
  scene.listed(ec2Instance("s0", { state: "running" }));
  assertEquals(scene.ends, ["stop i-s0"]);
});
