import { assertEquals } from "@std/assert";
import { ec2Instance, Scene, slurmNode } from "./scene.ts";

const pure = { permissions: "none" } as const;

Deno.test("takeRequest() begins a generation at once when nothing is known of the node", pure, () => {
  const scene = new Scene();
  scene.ask("resume", ["c0"], [{ jobId: 7, nodes: ["c0"] }]);
  const { want, generation, jobs } = scene.node("c0");
  assertEquals([want, generation, jobs], ["up", 1, [7]]);
  assertEquals(scene.actions("run-instances").length, 1);
});

Deno.test("takeRequest() asks slurmctld first when something is known of the node", pure, () => {
  const scene = new Scene();
  scene.up("c0");
  scene.clock += 1_000;
  const id = scene.ask("resume", ["c0"]);
  assertEquals(scene.actions("ask-slurm").map(({ nodes }) => nodes), [undefined]);
  assertEquals(scene.ends, []);
  scene.clock += 1_000;
  scene.slurm(slurmNode("c0", "ALLOCATED", { nodeAddr: "10.0.0.0" }));
  assertEquals(scene.state.requests.get(id)?.outcomes, { c0: { kind: "up" } });
  assertEquals([scene.node("c0").generation, scene.ends, scene.state.launches.size], [1, [], 0]);
});

Deno.test("takeView() does not decide a held resume by an answer that was asked for before it", pure, () => {
  const scene = new Scene();
  scene.up("c0");
  const before = scene.clock;
  scene.clock += 1_000;
  const id = scene.ask("resume", ["c0"]);
  scene.feed({ kind: "slurm", began: before, asked: ["c0"], nodes: [slurmNode("c0", "ALLOCATED")] });
  assertEquals(scene.state.requests.get(id)?.outcomes, {});
});

Deno.test(
  "takeView() moves the deadline and nothing else when slurmctld asks again for the same power-up",
  pure,
  () => {
    const scene = new Scene();
    scene.ask("resume", ["c0"]);
    scene.launched("c0");
    scene.clock += 30_000;
    const id = scene.ask("resume", ["c0"]);
    scene.slurm(slurmNode("c0", "ALLOCATED+POWERING_UP", { nodeAddr: "10.0.0.0" }));
    const { generation, since } = scene.node("c0");
    assertEquals([generation, since], [1, scene.clock]);
    assertEquals(scene.state.requests.get(id)?.outcomes, {
      c0: { kind: "assigned", instanceId: "i-c0", nodeAddr: "10.0.0.0" },
    });
    assertEquals([scene.ends, scene.state.launches.size], [[], 0]);
  },
);

Deno.test(
  "takeView() begins a power-up when slurmctld asks again for a node whose instance had registered before",
  pure,
  () => {
    const scene = new Scene();
    scene.up("c0");
    scene.clock += 60_000;
    const id = scene.ask("resume", ["c0"]);
    const bootTime = scene.wall - 50_000;
    scene.slurm(slurmNode("c0", "IDLE+POWERING_UP", { nodeAddr: "10.0.0.0", bootTime }));
    assertEquals([scene.node("c0").want, scene.node("c0").generation], ["up", 2]);
    assertEquals(scene.state.requests.get(id)?.outcomes, {});
    assertEquals(scene.ends, ["terminate i-c0"]);
  },
);

Deno.test(
  "takeView() launches nothing for a held resume of a node that slurmctld does not power up",
  pure,
  () => {
    const scene = new Scene();
    scene.up("c0");
    scene.clock += 1_000;
    const id = scene.ask("resume", ["c0"]);
    scene.slurm(slurmNode("c0", "IDLE+POWERED_DOWN"));
    assertEquals(scene.state.requests.get(id)?.outcomes.c0?.kind, "failed");
    assertEquals([scene.node("c0").want, scene.ends], ["down", ["terminate i-c0"]]);
  },
);

for (
  const [request, state, because] of [
    ["stop", "IDLE+POWERING_DOWN", "stop"],
    ["resume-fail", "DOWN+POWERED_DOWN", "resume-fail"],
  ] as const
) {
  Deno.test(`takeRequest() begins a generation at once for ${request}`, pure, () => {
    const scene = new Scene();
    scene.up("c0");
    scene.ask(request, ["c0"]);
    const node = scene.node("c0");
    assertEquals([node.want, node.generation, node.because], ["down", 2, because]);
    scene.slurm(slurmNode("c0", state));
    assertEquals(scene.node("c0").generation, 2);
  });
}

Deno.test("takeRequest() lets no older request outdo a newer one", pure, () => {
  const scene = new Scene();
  scene.up("c0");
  scene.ask("stop", ["c0"]);
  const id = scene.ask("resume", ["c0"], [], scene.clock - 5_000);
  assertEquals(scene.state.requests.get(id)?.outcomes, { c0: { kind: "superseded" } });
  assertEquals(scene.node("c0").want, "down");
});

Deno.test("takeRequest() takes a time that is still to come for now", pure, () => {
  const scene = new Scene();
  scene.ask("resume", ["c0"], [], scene.clock + 3_600_000);
  assertEquals(scene.node("c0").since, scene.clock);
});

Deno.test("takeRequest() takes a request once", pure, () => {
  const scene = new Scene();
  const fact = {
    kind: "request",
    id: "resume.x",
    request: "resume",
    nodes: ["c0"],
    jobs: [],
    at: scene.clock,
  } as const;
  scene.feed(fact);
  scene.feed(fact);
  assertEquals([scene.node("c0").generation, scene.state.launches.size], [1, 1]);
});

Deno.test("takeRequest() leaves nodes alone that the configuration does not have", pure, () => {
  const scene = new Scene();
  for (const kind of ["resume", "stop", "resume-fail"] as const) {
    const id = scene.ask(kind, ["x1", "constructor"]);
    const { outcomes = {} } = scene.state.requests.get(id) ?? {};
    assertEquals(Object.values(outcomes), [{ kind: "not-ours" }, { kind: "not-ours" }]);
  }
  assertEquals(scene.state.nodes.size, 0);
});

Deno.test(
  "takeRequest() ends what carries the cluster's tag although its group has left the file",
  pure,
  () => {
    const scene = new Scene();
    scene.listed(ec2Instance("x1"));
    const id = scene.ask("stop", ["x1"]);
    assertEquals(scene.ends, ["terminate i-x1"]);
    scene.feed({ kind: "end-accepted", ids: ["i-x1"] });
    assertEquals(scene.state.requests.get(id)?.outcomes, {
      x1: { kind: "terminated", instanceIds: ["i-x1"] },
    });
  },
);

for (
  const [view, want] of [
    ["IDLE+POWERED_DOWN", "down"],
    ["IDLE+POWERING_DOWN", "down"],
    ["ALLOCATED", "up"],
    ["MIXED+POWER_DOWN", "up"],
    ["ALLOCATED+POWERING_UP", "up"],
    ["UNKNOWN", "up"],
  ] as const
) {
  Deno.test(
    `takeView() wants a node ${want} that is up for us and that slurmctld shows ${view}`,
    pure,
    () => {
      const scene = new Scene();
      scene.up("c0");
      scene.clock += 10_000;
      scene.slurm(slurmNode("c0", view, { nodeAddr: "10.0.0.0" }));
      assertEquals(scene.node("c0").want, want);
      assertEquals(scene.ends, want === "down" ? ["terminate i-c0"] : []);
    },
  );
}

Deno.test("takeView() serves a node that slurmctld awaits although no request came", pure, () => {
  const scene = new Scene();
  scene.slurm(slurmNode("c0", "ALLOCATED+POWERING_UP"));
  assertEquals([scene.node("c0").want, scene.actions("run-instances").length], ["up", 1]);
});

Deno.test("takeView() leaves a node that it does not know alone while slurmctld has it off", pure, () => {
  const scene = new Scene();
  scene.slurm(slurmNode("c0", "IDLE+POWERED_DOWN"));
  assertEquals(scene.state.nodes.size, 0);
});

Deno.test("takeView() does not let a held resume outdo a stop that came after it", pure, () => {
  const scene = new Scene();
  scene.up("c0");
  scene.clock += 1_000;
  const id = scene.ask("resume", ["c0"]);
  scene.clock += 1_000;
  scene.ask("stop", ["c0"]);
  scene.slurm(slurmNode("c0", "ALLOCATED+POWERING_UP"));
  assertEquals(scene.state.requests.get(id)?.outcomes, { c0: { kind: "superseded" } });
  assertEquals([scene.node("c0").want, scene.node("c0").because], ["down", "stop"]);
});
