import { assertEquals } from "@std/assert";
import { Scene, slurmNode } from "./scene.ts";

const pure = { permissions: "none" } as const;
const AWAITED = "ALLOCATED+POWERING_UP";

/** Nodes whose launch EC2 has refused. */
function refused(code: string, nodes = ["c0"], jobs = [{ jobId: 7, nodes }]): Scene {
  const scene = new Scene();
  scene.ask("resume", nodes, jobs);
  const [token] = [...scene.state.launches.keys()];
  scene.feed({ kind: "launch-refused", token: token!, refusal: { code, message: "no" }, unanswered: false });
  return scene;
}

Deno.test(
  "planVerdicts() asks what slurmctld makes of the node now before it gives the verdict",
  pure,
  () => {
    const scene = refused("InsufficientInstanceCapacity");
    assertEquals([scene.states, scene.actions("ask-slurm").length], [[], 1]);
    scene.slurm(slurmNode("c0", AWAITED));
    assertEquals(scene.states, ["c0 verdict down"]);
  },
);

Deno.test("planVerdicts() reports to the jobs, once and before the verdict ends them", pure, () => {
  const scene = refused("InsufficientInstanceCapacity");
  assertEquals(scene.actions("comment").map(({ jobIds, text }) => [jobIds, text.slice(0, 46)]), [
    [[7], "CAPACITY: node c0: InsufficientInstanceCapacit"],
  ]);
  scene.slurm(slurmNode("c0", AWAITED));
  assertEquals(scene.actions("comment"), []);
});

for (
  const [view, given] of [
    [AWAITED, "c0 verdict down"],
    ["ALLOCATED", ""],
    ["ALLOCATED+POWERED_DOWN", ""],
    ["IDLE+POWERING_DOWN", ""],
    ["DOWN+POWERING_UP", ""],
  ] as const
) {
  Deno.test(
    `planVerdicts() gives ${given === "" ? "no" : "its"} verdict to a node that slurmctld shows ${view}`,
    pure,
    () => {
      const scene = refused("InsufficientInstanceCapacity");
      scene.slurm(slurmNode("c0", view, { reason: view.startsWith("DOWN") ? "a person's" : "" }));
      assertEquals(scene.states.join(), given);
    },
  );
}

Deno.test("planVerdicts() repeats a verdict until slurmctld shows it", pure, () => {
  const scene = refused("InsufficientInstanceCapacity");
  scene.slurm(slurmNode("c0", AWAITED));
  scene.wait(1);
  assertEquals(scene.states, ["c0 verdict down"]);
  const { generation } = scene.node("c0");
  scene.feed({ kind: "state-refused", node: "c0", generation, purpose: "verdict", message: "busy" });
  scene.slurm(slurmNode("c0", AWAITED));
  assertEquals(scene.states, ["c0 verdict down"]);
  scene.shown();
  assertEquals([scene.states, scene.node("c0").verdict?.reported], [[], true]);
});

Deno.test("planVerdicts() gives nodes of one reason their verdict together", pure, () => {
  const scene = refused("InsufficientInstanceCapacity", ["c0", "c1", "c2"]);
  scene.slurm(...["c0", "c1", "c2"].map((name) => slurmNode(name, AWAITED)));
  assertEquals(scene.actions("set-state").map(({ nodes }) => nodes.length), [3]);
});

Deno.test("takeVerdictShown() wants a node no more that was given back at once", pure, () => {
  const scene = new Scene();
  const id = scene.ask("resume", ["c0"]);
  scene.wait(421);
  scene.slurm(slurmNode("c0", AWAITED));
  assertEquals(scene.states, ["c0 verdict power_down_force"]);
  scene.shown();
  assertEquals(scene.node("c0").want, "down");
  assertEquals(scene.state.requests.get(id)?.outcomes.c0?.kind, "powered-down");
});

Deno.test(
  "planVerdicts() begins a new power-up when slurmctld awaits the node again after its verdict",
  pure,
  () => {
    const scene = refused("UnauthorizedOperation");
    scene.slurm(slurmNode("c0", AWAITED));
    scene.shown();
    scene.clock += 20_000;
    scene.slurm(slurmNode("c0", AWAITED));
    const { generation, refusal } = scene.node("c0");
    assertEquals([generation, refusal, scene.state.launches.size], [2, undefined, 1]);
  },
);

Deno.test("planVerdicts() does not go by an answer that was asked for before the refusal", pure, () => {
  const scene = new Scene();
  scene.ask("resume", ["c0"]);
  const began = scene.clock;
  scene.clock += 5_000;
  const refusal = { code: "VcpuLimitExceeded", message: "no" };
  scene.feed({ kind: "launch-refused", token: "token-1", refusal, unanswered: false });
  scene.feed({ kind: "slurm", began, asked: ["c0"], nodes: [slurmNode("c0", AWAITED)] });
  assertEquals(scene.states, []);
  scene.slurm(slurmNode("c0", AWAITED));
  assertEquals(scene.states, ["c0 verdict down"]);
});
