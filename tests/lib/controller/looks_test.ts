import { assertEquals } from "@std/assert";
import { EMPTY_STATE } from "../../../lib/controller/state.ts";
import { ec2Instance, Scene, sceneConfig, slurmNode } from "./scene.ts";

const pure = { permissions: "none" } as const;
const looked = (scene: Scene) => scene.actions("describe").flatMap(({ ids }) => ids);
/** c0's launch has brought an instance. */
function born(config = sceneConfig()): Scene {
  const scene = new Scene(config);
  scene.ask("resume", ["c0"]);
  const [token = ""] = [...scene.state.launches.keys()];
  scene.feed({ kind: "launched", token, instances: [ec2Instance("c0", { state: "pending" })] });
  return scene;
}

/** A controller that knows nothing, neither of EC2 nor of Slurm. */
function cold(): Scene {
  const scene = new Scene(sceneConfig(), false);
  scene.state = EMPTY_STATE;
  return scene;
}

Deno.test("planLooks() looks at a birth once launchCheckSeconds after its launch", pure, () => {
  const scene = born();
  assertEquals([looked(scene), scene.last.dueAt! <= scene.clock + 15_000], [[], true]);
  scene.wait(14);
  assertEquals(looked(scene), []);
  scene.wait(1);
  assertEquals(looked(scene), ["i-c0"]);
  scene.feed({ kind: "described", began: scene.clock, ids: ["i-c0"], instances: [ec2Instance("c0")] });
  scene.wait(60);
  assertEquals(looked(scene), []);
});

Deno.test("planLooks() looks again, with growing pauses, while no answer shows the instance", pure, () => {
  const scene = born();
  const times: number[] = [];
  const start = scene.clock;
  for (let i = 0; i < 100; i++) {
    scene.wait(1);
    if (looked(scene).length === 0) continue;
    times.push((scene.clock - start) / 1_000);
    scene.feed({ kind: "described", began: scene.clock, ids: ["i-c0"], instances: [] });
  }
  const pauses = times.slice(1).map((time, i) => time - times[i]!);
  assertEquals([times[0], pauses.every((pause, i) => pause >= (pauses[i - 1] ?? 5))], [15, true]);
  assertEquals(pauses.at(-1)! <= 30, true);
});

Deno.test("planLooks() looks at no birth where launchCheckSeconds is 0", pure, () => {
  const config = sceneConfig();
  const scene = born({ ...config, limits: { ...config.limits, launchCheckSeconds: 0 } });
  scene.wait(30);
  assertEquals(looked(scene), []);
});

Deno.test(
  "planPass() asks slurmctld about a new request's nodes first, and about all once they launch",
  pure,
  () => {
    const scene = cold();
    scene.ask("resume", ["c0"]);
    assertEquals(scene.actions("ask-slurm").map(({ nodes }) => nodes), [["c0"]]);
    scene.slurm(slurmNode("c0", "ALLOCATED+POWERING_UP"));
    assertEquals(scene.actions("ask-slurm"), [], "it is not launched yet");
    scene.listed();
    assertEquals(scene.actions("run-instances").length, 1);
    scene.launched("c0");
    scene.feed();
    assertEquals(scene.actions("ask-slurm").map(({ nodes }) => nodes), [undefined]);
  },
);

Deno.test(
  "planPass() asks slurmctld about all nodes two seconds after a request that does not get launched",
  pure,
  () => {
    const scene = cold();
    scene.ask("resume", ["c0"]);
    assertEquals(scene.last.dueAt! <= scene.clock + 2_000, true);
    scene.wait(2);
    assertEquals(scene.actions("ask-slurm").map(({ nodes }) => nodes), [undefined]);
  },
);

Deno.test(
  "planPass() asks for all nodes and for those that have died once a minute, which keeps no worker",
  pure,
  () => {
    const config = sceneConfig();
    const scene = new Scene({ ...config, limits: { ...config.limits, launchCheckSeconds: 0 } });
    scene.up("c0");
    scene.feed({
      kind: "slurm",
      began: scene.clock,
      nodes: [slurmNode("c0", "ALLOCATED", { nodeAddr: "10.0.0.0" })],
    });
    scene.feed({ kind: "listed-ended", began: scene.clock, instances: [] });
    assertEquals([scene.last.settled, scene.last.dueAt, scene.last.actions], [true, undefined, []]);
    scene.wait(60);
    assertEquals(scene.last.actions.map(({ kind }) => kind), ["ask-slurm", "list-ended"]);
    assertEquals(scene.actions("list-ended")[0]?.states, [
      "shutting-down",
      "terminated",
      "stopping",
      "stopped",
    ]);
    assertEquals(scene.last.settled, true);
  },
);

Deno.test(
  "planPass() lists everything after a quarter of an hour, and sooner while something is unsettled",
  pure,
  () => {
    const scene = new Scene();
    scene.wait(899);
    assertEquals(scene.actions("list"), []);
    scene.wait(1);
    assertEquals(scene.actions("list").length, 1);
    scene.listed();
    scene.ask("resume", ["c0"]);
    scene.wait(300);
    assertEquals(scene.actions("list").length, 1);
  },
);

Deno.test("planQuestions() does not ask again about the same node within two seconds", pure, () => {
  const scene = new Scene();
  scene.up("c0");
  scene.feed({ kind: "slurm", began: scene.clock, nodes: [] });
  scene.clock += 1_000;
  scene.ask("resume", ["c0"]);
  assertEquals(scene.actions("ask-slurm").map(({ nodes }) => nodes), [["c0"]]);
  scene.slurm(slurmNode("c0", "UNKNOWN"));
  assertEquals(scene.actions("ask-slurm"), []);
  scene.wait(2);
  assertEquals(scene.actions("ask-slurm").length, 1);
});
