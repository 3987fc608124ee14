import { assertEquals } from "@std/assert";
import type { Fact } from "../../../lib/controller/fact.ts";
import { ec2Instance, Scene, sceneConfig, slurmNode } from "./scene.ts";

const pure = { permissions: "none" } as const;
const refused = (id: string, code: string): Fact => ({
  kind: "end-refused",
  id,
  refusal: { code, message: "no" },
});
/** Tags as they are after somebody has changed them: the launch index points past the hostlist. */
const NOWHERE = { amiLaunchIndex: 7 };

Deno.test("planEnds() ends an instance by its id until EC2 has accepted it", pure, () => {
  const scene = new Scene();
  scene.up("c0");
  scene.ask("stop", ["c0"]);
  assertEquals(scene.ends, ["terminate i-c0"]);
  scene.feed(refused("i-c0", "RequestLimitExceeded"));
  assertEquals([scene.ends, scene.node("c0").refusal], [["terminate i-c0"], undefined]);
  scene.feed({ kind: "end-accepted", ids: ["i-c0"] });
  assertEquals(scene.ends, []);
  assertEquals(scene.state.requests.get("stop.2")?.outcomes, {
    c0: { kind: "terminated", instanceIds: ["i-c0"] },
  });
});

Deno.test("planEnds() spares a stopped node's next instance", pure, () => {
  const scene = new Scene();
  scene.up("c0");
  scene.ask("stop", ["c0"]);
  scene.ask("resume", ["c0"]);
  scene.slurm(slurmNode("c0", "ALLOCATED+POWERING_UP"));
  // The old one first: no two of one name run at a time.
  assertEquals([scene.ends, scene.state.launches.size], [["terminate i-c0"], 0]);
  scene.feed({ kind: "end-accepted", ids: ["i-c0"] });
  assertEquals([scene.ends, scene.state.launches.size], [[], 1]);
  scene.launched("c0", { instanceId: "i-new" });
  scene.feed(refused("i-c0", "InternalError"));
  assertEquals(scene.ends, []);
});

Deno.test("planEnds() leaves an instance without a known power-up alone while its node is up", pure, () => {
  const scene = new Scene();
  scene.listed(
    ec2Instance("c0"),
    ec2Instance("c0", { instanceId: "i-other", privateIpAddress: "10.0.0.99" }),
  );
  assertEquals(scene.ends, []);
  scene.clock += 1_000;
  scene.slurm(slurmNode("c0", "ALLOCATED", { nodeAddr: "10.0.0.99" }));
  assertEquals(scene.state.instances.get("i-other")?.generation, 1);
  assertEquals(scene.ends, ["terminate i-c0"]);
});

Deno.test("planEnds() leaves the younger of two instances of one power-up to go", pure, () => {
  const scene = new Scene();
  scene.ask("resume", ["c0"]);
  const [token] = [...scene.state.launches.keys()];
  const clientToken = token!;
  scene.listed(ec2Instance("c0", { clientToken, launchTime: 2_000, instanceId: "i-younger" }));
  scene.feed({ kind: "launched", token: clientToken, instances: [ec2Instance("c0", { launchTime: 1_000 })] });
  assertEquals(scene.ends, ["terminate i-younger"]);
});

Deno.test("planEnds() takes not-found for gone only once the grace is over", pure, () => {
  const scene = new Scene();
  scene.up("c0");
  scene.ask("stop", ["c0"]);
  scene.feed(refused("i-c0", "InvalidInstanceID.NotFound"));
  assertEquals(scene.ends, ["terminate i-c0"]);
  scene.clock += 120_000;
  scene.feed(refused("i-c0", "InvalidInstanceID.NotFound"));
  assertEquals([scene.ends, scene.state.instances.size], [[], 0]);
});

Deno.test(
  "takeEndRefused() shows on the node what keeps its instance from ending, until it has ended",
  pure,
  () => {
    const scene = new Scene();
    scene.up("c0");
    const id = scene.ask("stop", ["c0"]);
    scene.feed(refused("i-c0", "UnauthorizedOperation"));
    scene.slurm(slurmNode("c0", "IDLE+POWERING_DOWN"));
    assertEquals([scene.ends, scene.states], [["terminate i-c0"], ["c0 verdict down"]]);
    scene.shown();
    assertEquals(scene.state.requests.get(id)?.outcomes.c0?.kind, "failed");
    scene.feed({ kind: "end-accepted", ids: ["i-c0"] });
    scene.slurm(slurmNode("c0", "DOWN+POWERED_DOWN", { reason: scene.node("c0").giveBack! }));
    assertEquals(scene.states, ["c0 give-back idle"]);
  },
);

Deno.test(
  "planEnds() ends no more than a tenth, or ten, in a pass of what no request asked for",
  pure,
  () => {
    const names = Array.from({ length: 10 }, (_, i) => `c${i}`).concat(
      Array.from({ length: 10 }, (_, i) => `s${i}`),
    );
    const listed = names.map((name) => ec2Instance(name));
    const off = names.map((name) => slurmNode(name, "IDLE+POWERED_DOWN"));
    const scene = new Scene();
    scene.listed(...listed);
    scene.clock += 1_000;
    scene.slurm(...off);
    assertEquals(scene.ends.length, 10);
    scene.wait(1);
    assertEquals(scene.ends.length, 10);
    // The next complete answer of slurmctld is the next pass.
    scene.feed({ kind: "slurm", began: scene.clock, nodes: off });
    assertEquals(scene.ends.length, 20);
  },
);

Deno.test("planEnds() has no ceiling by force, and none for what a request asked for", pure, () => {
  const names = Array.from({ length: 10 }, (_, i) => `c${i}`).concat(["s0", "s1"]);
  const scene = new Scene();
  scene.listed(...names.map((name) => ec2Instance(name)));
  scene.force = true;
  scene.clock += 1_000;
  scene.slurm(...names.map((name) => slurmNode(name, "IDLE+POWERED_DOWN")));
  assertEquals(scene.ends.length, 12);
  const asked = new Scene();
  asked.listed(...names.map((name) => ec2Instance(name)));
  asked.ask("stop", names);
  assertEquals(asked.ends.length, 12);
});

for (
  const [what, instance, why] of [
    ["whose tags name no node", ec2Instance("c0", NOWHERE), "its tags name no node"],
    [
      "whose node neither the file nor slurmctld has",
      ec2Instance("x1"),
      "neither slurm-ec2.yaml nor slurmctld",
    ],
  ] as const
) {
  Deno.test(`planEnds() ends an instance ${what} once two complete readings show it`, pure, () => {
    const scene = new Scene();
    const all = ["c", "s"].flatMap((group) =>
      Array.from({ length: 10 }, (_, i) => slurmNode(`${group}${i}`, "IDLE+POWERED_DOWN"))
    );
    const read = (nodes = all) => {
      scene.clock += 61_000;
      scene.feed({ kind: "slurm", began: scene.clock, nodes });
      scene.listed(instance);
      return scene.actions("end").map((action) => action.why.slice(0, why.length));
    };
    assertEquals(read(), []);
    if (why !== "its tags name no node") {
      // Half an answer, or another cluster's: nothing follows from what it lacks.
      assertEquals(read(all.slice(1)), []);
      assertEquals(read([]), []);
    }
    assertEquals(read(), [why]);
  });
}

Deno.test("planEnds() ends a stopped instance once neither the file nor slurmctld has its node", pure, () => {
  const scene = new Scene();
  scene.up("s0");
  scene.ask("stop", ["s0"]);
  scene.feed({ kind: "end-accepted", ids: ["i-s0"] });
  const all = ["c", "s"].flatMap((group) =>
    Array.from({ length: 10 }, (_, i) => slurmNode(`${group}${i}`, "IDLE+POWERED_DOWN"))
  );
  const read = (nodes = all) => {
    scene.clock += 61_000;
    scene.feed({ kind: "slurm", began: scene.clock, nodes });
    scene.listed(ec2Instance("s0", { state: "stopped" }));
    return scene.ends;
  };
  const [c, s] = scene.config.nodeGroups;
  assertEquals([read(), read()], [[], []]);
  scene.config = { ...scene.config, nodeGroups: [c!, { ...s!, nodes: "s[1-9]" }] };
  assertEquals([read(), read()], [[], []], "slurmctld has it still");
  assertEquals(read([]), [], "slurmctld named no node");
  const others = all.filter(({ name }) => name !== "s0");
  assertEquals([read(others), read(others)].at(-1), ["terminate i-s0"]);
});

Deno.test("planEnds() keeps the console of an instance that never registered before it ends it", pure, () => {
  const scene = new Scene();
  scene.ask("resume", ["c0"]);
  scene.launched("c0");
  scene.clock += 600_000;
  scene.ask("resume-fail", ["c0"]);
  assertEquals([scene.actions("keep-console").map(({ id }) => id), scene.ends], [["i-c0"], []]);
  scene.feed({ kind: "console-kept", node: "c0", id: "i-c0", tail: "boot failed: x", failure: "x" });
  const down = slurmNode("c0", "DOWN+POWERED_DOWN", { reason: "ResumeTimeout reached" });
  scene.slurm(down);
  assertEquals([scene.actions("keep-console"), scene.ends], [[], ["terminate i-c0"]]);
  scene.feed({ kind: "end-accepted", ids: ["i-c0"] });
  scene.slurm(down);
  assertEquals(
    scene.actions("set-state")[0]?.reason,
    "ResumeTimeout: the node did not register in time: x [slurm-ec2]",
  );
});

Deno.test("planEnds() ends an instance without its console when EC2 does not give that in time", pure, () => {
  const scene = new Scene();
  scene.ask("resume", ["c0"]);
  scene.launched("c0");
  scene.clock += 600_000;
  scene.ask("resume-fail", ["c0"]);
  scene.wait(5);
  scene.slurm(slurmNode("c0", "DOWN+POWERED_DOWN"));
  assertEquals(scene.ends, ["terminate i-c0"]);
});

/** resume-fail of a node whose instance boots and whose console is kept. */
function givenUp(): Scene {
  const scene = new Scene();
  scene.ask("resume", ["c0"]);
  scene.launched("c0");
  scene.clock += 600_000;
  scene.ask("resume-fail", ["c0"]);
  scene.clock += 3_000;
  scene.feed({ kind: "console-kept", node: "c0", id: "i-c0" });
  return scene;
}

Deno.test("planEnds() asks slurmctld before resume-fail ends what may have registered just now", pure, () => {
  const scene = givenUp();
  assertEquals([scene.ends, scene.actions("ask-slurm").length], [[], 1]);
  scene.slurm(slurmNode("c0", "IDLE", { nodeAddr: "10.0.0.0" }));
  assertEquals([scene.ends, scene.actions("run-instances"), scene.node("c0").want], [[], [], "up"]);
  assertEquals(scene.state.instances.get("i-c0")?.generation, scene.node("c0").generation);
  assertEquals(scene.state.requests.get("resume-fail.2")?.outcomes, { c0: { kind: "up" } });
  scene.wait(30);
  assertEquals([scene.ends, scene.states], [[], []]);
});

Deno.test("planEnds() goes by slurmctld's last word, however long that took to come", pure, () => {
  const scene = givenUp();
  const began = scene.clock;
  scene.clock += 3_000;
  scene.feed({ kind: "slurm", began, asked: ["c0"], nodes: [slurmNode("c0", "DOWN+POWERED_DOWN")] });
  assertEquals(scene.ends, ["terminate i-c0"]);
  scene.wait(3);
  assertEquals(scene.ends, [], "the next try asks again");
});

Deno.test("planEnds() leaves what resume-fail gave up alone while slurmctld has it up", pure, () => {
  const scene = givenUp();
  for (let i = 0; i < 9; i++) {
    scene.clock += 3_000;
    scene.slurm(slurmNode("c0", "IDLE+NOT_RESPONDING"));
    assertEquals([scene.ends, scene.node("c0").want], [[], "down"], "silent, but not down yet");
  }
  scene.clock += 3_000;
  scene.feed({ kind: "unknown-to-slurm", nodes: ["c0"] });
  assertEquals(scene.ends, ["terminate i-c0"]);
});

Deno.test("planEnds() ends what resume-fail gave up where slurmctld can't be asked", pure, () => {
  const scene = givenUp();
  scene.wait(6);
  assertEquals(scene.ends, []);
  scene.wait(1);
  assertEquals(scene.ends, ["terminate i-c0"]);
});

Deno.test("planEnds() terminates what can't be stopped, and stops what its node may use again", pure, () => {
  const scene = new Scene(sceneConfig());
  scene.up("s0");
  scene.up("s1", { capacityType: "spot" });
  scene.up("s2", { instanceType: "m7i.large" });
  scene.ask("resume", ["s3"]);
  const [token] = [...scene.state.launches.keys()];
  scene.feed({ kind: "launched", token: token!, instances: [ec2Instance("s3", { state: "pending" })] });
  scene.ask("stop", ["s0", "s1", "s2", "s3"]);
  assertEquals(scene.ends, ["stop i-s0", "terminate i-s1", "terminate i-s2", "terminate i-s3"]);
  scene.feed(refused("i-s0", "UnsupportedOperation"));
  assertEquals(scene.ends[0], "terminate i-s0");
});

Deno.test("planEnds() looks whether an instance that was pending can be stopped by now", pure, () => {
  for (const [state, ended] of [["running", "stop i-s0"], ["pending", "terminate i-s0"]] as const) {
    const scene = new Scene();
    scene.ask("resume", ["s0"]);
    scene.feed({ kind: "launched", token: "token-1", instances: [ec2Instance("s0", { state: "pending" })] });
    scene.clock += 5_000;
    scene.ask("stop", ["s0"]);
    assertEquals([scene.ends, scene.actions("describe").map(({ ids }) => ids)], [[], [["i-s0"]]]);
    const instances = [ec2Instance("s0", { state })];
    scene.feed({ kind: "described", began: scene.clock, ids: ["i-s0"], instances });
    assertEquals(scene.ends, [ended]);
  }
});

Deno.test("planEnds() terminates an instance that EC2 does not show within ten seconds", pure, () => {
  const scene = new Scene();
  scene.ask("resume", ["s0"]);
  scene.feed({ kind: "launched", token: "token-1", instances: [ec2Instance("s0", { state: "pending" })] });
  scene.clock += 5_000;
  scene.ask("stop", ["s0"]);
  scene.wait(10);
  assertEquals(scene.ends, ["terminate i-s0"]);
});

Deno.test(
  "planEnds() ends the instance of an earlier power-up when stop and resume come at once",
  pure,
  () => {
    const scene = new Scene();
    scene.up("c0");
    const request = (request: "stop" | "resume", at: number): Fact => ({
      kind: "request",
      id: request,
      request,
      nodes: ["c0"],
      jobs: [],
      at,
    });
    const view = slurmNode("c0", "ALLOCATED+POWERING_UP");
    scene.feed(
      request("stop", scene.clock - 2),
      request("resume", scene.clock - 1),
      { kind: "slurm", began: scene.clock, asked: ["c0"], nodes: [view] },
    );
    assertEquals([scene.node("c0").want, scene.ends, scene.state.launches.size], [
      "up",
      ["terminate i-c0"],
      0,
    ]);
  },
);

Deno.test("planEnds() leaves a stray alone that slurmctld reaches its node at", pure, () => {
  const scene = new Scene();
  scene.up("c0");
  scene.listed(
    ec2Instance("c0"),
    ec2Instance("c0", { instanceId: "i-stray", privateIpAddress: "10.0.0.77" }),
  );
  scene.clock += 1_000;
  scene.slurm(slurmNode("c0", "ALLOCATED", { nodeAddr: "10.0.0.77" }));
  assertEquals(scene.ends, []);
});

Deno.test(
  "planEnds() asks before each try to end what may have registered for the node's next power-up",
  pure,
  () => {
    const scene = new Scene();
    scene.ask("resume", ["c0"]);
    scene.ask("stop", ["c0"]);
    scene.clock += 10_000;
    scene.ask("resume", ["c0"]);
    // The launch of the first power-up was carried out only now.
    const late = ec2Instance("c0", { launchTime: scene.wall });
    scene.feed({ kind: "launched", token: "token-1", instances: [late] });
    scene.clock += 3_000;
    scene.feed(refused("i-c0", "InvalidInstanceID.NotFound"));
    assertEquals([scene.ends, scene.actions("ask-slurm").length], [[], 1]);
    scene.slurm(slurmNode("c0", "ALLOCATED+POWERING_UP"));
    assertEquals(scene.ends, ["terminate i-c0"]);
    scene.clock += 3_000;
    scene.slurm(slurmNode("c0", "ALLOCATED"));
    const { end, generation } = scene.state.instances.get("i-c0")!;
    assertEquals([scene.ends, end, generation === scene.node("c0").generation], [[], "no", true]);
  },
);

Deno.test(
  "planEnds() asks slurmctld before it ends what turns up late for a node that was given up",
  pure,
  () => {
    const scene = new Scene();
    scene.ask("resume", ["c0"]);
    const [token] = [...scene.state.launches.keys()];
    const refusal = { code: "EndpointUnreachable", message: "no answer" };
    for (let i = 0; i < 3; i++) {
      scene.feed({
        kind: "launch-refused",
        token: token!,
        refusal,
        unanswered: true,
      });
    }
    scene.feed({ kind: "token-looked-up", token: token!, began: scene.clock, instances: [] });
    scene.slurm(slurmNode("c0", "ALLOCATED+POWERING_UP"));
    scene.shown();
    scene.clock += 5_000;
    const instance = ec2Instance("c0", { launchTime: scene.wall, clientToken: token! });
    scene.feed({ kind: "token-looked-up", token: token!, began: scene.clock, instances: [instance] });
    assertEquals([scene.ends, scene.actions("ask-slurm").map(({ nodes }) => nodes)], [[], [["c0"]]]);
    scene.clock += 200;
    scene.slurm(slurmNode("c0", "ALLOCATED", { nodeAddr: instance.privateIpAddress! }));
    assertEquals([scene.ends, scene.node("c0").refusal], [[], undefined]);
  },
);

Deno.test(
  "planEnds() spares the node's own instance when its tags were copied to another one",
  pure,
  () => {
    const scene = new Scene();
    scene.up("c0");
    // A person has launched another one from it: by its tags and its launch index it is c0, too.
    scene.clock += 60_000;
    const own = ec2Instance("c0", { launchTime: 0 });
    const copy = ec2Instance("c0", {
      instanceId: "i-copy",
      launchTime: scene.wall,
      privateIpAddress: "10.0.9.9",
    });
    const see = () => scene.feed({ kind: "listed", began: scene.clock, instances: [own, copy] });
    see();
    for (let pass = 0; pass < 3; pass++) {
      scene.clock += 61_000;
      scene.slurm(slurmNode("c0", "ALLOCATED", { nodeAddr: own.privateIpAddress! }));
      see();
    }
    assertEquals(scene.ends, ["terminate i-copy"]);
  },
);

Deno.test(
  "planEnds() takes an instance whose node tag names two nodes for the one at its launch index",
  pure,
  () => {
    const scene = new Scene();
    scene.up("c0");
    scene.up("c1");
    const two = (name: string, index: number) => {
      const own = ec2Instance(name, { amiLaunchIndex: index });
      return { ...own, tags: { ...own.tags, ...ec2Instance("c0").tags, "slurm-ec2:nodes": "c[0-1]" } };
    };
    scene.clock += 61_000;
    scene.feed({ kind: "listed", began: scene.clock, instances: [two("c0", 0), two("c1", 1)] });
    scene.ask("stop", ["c1"]);
    assertEquals(scene.ends, ["terminate i-c1"]);
  },
);
