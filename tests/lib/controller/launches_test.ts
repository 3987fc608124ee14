import { assertEquals } from "@std/assert";
import { ec2Instance, Scene, sceneConfig } from "./scene.ts";

const pure = { permissions: "none" } as const;
const nodesOf = (scene: Scene) => [...scene.state.launches.values()].map(({ nodes }) => nodes.join());

Deno.test("planLaunches() puts all nodes of a group that are due in one step into one call", pure, () => {
  const scene = new Scene();
  const request = (id: string, nodes: string[]) =>
    ({ kind: "request", id, request: "resume", nodes, jobs: [], at: scene.clock }) as const;
  scene.feed(request("a", ["c0", "c1"]), request("b", ["c2"]), request("c", ["s0"]));
  assertEquals(nodesOf(scene), ["c0,c1,c2", "s0"]);
  assertEquals([...scene.state.launches.values()].map(({ generations }) => generations), [[1, 2, 3], [4]]);
});

Deno.test("planLaunches() splits by limits.launchBatch", pure, () => {
  const config = sceneConfig();
  const scene = new Scene({ ...config, limits: { ...config.limits, launchBatch: 4 } });
  scene.ask("resume", Array.from({ length: 8 }, (_, i) => `c${i}`));
  assertEquals(nodesOf(scene), ["c0,c1,c2,c3", "c4,c5,c6,c7"]);
});

Deno.test("planLaunches() keeps a job whole: all of its nodes or none", pure, () => {
  const config = sceneConfig();
  const [c, s] = config.nodeGroups;
  const scene = new Scene({ ...config, nodeGroups: [{ ...c!, strategy: "all-or-nothing" }, s!] });
  const jobs = [{ jobId: 5, nodes: ["c1", "c3"] }, { jobId: 6, nodes: ["c2"] }];
  scene.ask("resume", ["c1", "c2", "c3", "c4"], jobs);
  assertEquals(nodesOf(scene), ["c1,c3", "c2,c4"]);
  assertEquals([...scene.state.launches.values()].map(({ input }) => [input.MinCount, input.MaxCount]), [[
    2,
    2,
  ], [
    1,
    2,
  ]]);
});

Deno.test("planLaunches() launches nothing before a store that knows nothing has been listed", pure, () => {
  const scene = new Scene(sceneConfig(), false);
  scene.ask("resume", ["c0"]);
  assertEquals([scene.state.launches.size, scene.actions("list").length], [0, 1]);
  scene.slurm({
    name: "c0",
    base: "ALLOCATED",
    flags: new Set(["POWERING_UP"]),
    nodeAddr: "c0",
    nodeHostname: "c0",
    reason: "",
    partitions: [],
  });
  assertEquals(scene.state.launches.size, 0);
  scene.listed();
  assertEquals(scene.state.launches.size, 1);
});

Deno.test(
  "planLaunches() launches nothing after another controller may have acted, before a listing",
  pure,
  () => {
    const scene = new Scene();
    scene.feed({ kind: "out-of-date" });
    scene.ask("resume", ["c0"]);
    assertEquals([scene.state.launches.size, scene.actions("list").length], [0, 1]);
  },
);

Deno.test("planLaunches() refuses a node when EC2 lets nobody read what there is", pure, () => {
  const scene = new Scene();
  scene.feed({ kind: "out-of-date" });
  scene.ask("resume", ["c0"]);
  scene.slurm({
    name: "c0",
    base: "ALLOCATED",
    flags: new Set(["POWERING_UP"]),
    nodeAddr: "c0",
    nodeHostname: "c0",
    reason: "",
    partitions: [],
  });
  const refused = (code: string) =>
    scene.feed({ kind: "reading-refused", began: scene.clock, refusal: { code, message: "no" } });
  refused("RequestLimitExceeded");
  assertEquals(scene.node("c0").refusal, undefined);
  refused("UnauthorizedOperation");
  assertEquals(scene.node("c0").refusal?.code, "UnauthorizedOperation");
});

Deno.test("planLaunches() launches no node that could not register in time", pure, () => {
  const scene = new Scene();
  scene.ask("resume", ["c0"], [], scene.clock - 421_000);
  assertEquals([scene.node("c0").refusal?.code, scene.state.launches.size], ["LaunchDeadline", 0]);
});

Deno.test(
  "planLaunches() sends a launch as long as one of its nodes wants it, then looks for what it brought",
  pure,
  () => {
    const scene = new Scene();
    scene.ask("resume", ["c0", "c1"]);
    scene.ask("stop", ["c0"]);
    assertEquals(scene.actions("run-instances").length, 1);
    scene.ask("stop", ["c1"]);
    assertEquals([scene.actions("run-instances").length, scene.actions("look-up-token").length], [0, 1]);
    const [launch] = [...scene.state.launches.values()];
    const instances = ["c0", "c1"].map((name, amiLaunchIndex) => ec2Instance(name, { amiLaunchIndex }));
    scene.feed({ kind: "launched", token: launch!.token, instances });
    assertEquals(scene.ends, ["terminate i-c0", "terminate i-c1"]);
  },
);

Deno.test("planLaunches() does not launch a node again before its launch in doubt is settled", pure, () => {
  const scene = new Scene();
  scene.ask("resume", ["c0"]);
  scene.ask("stop", ["c0"]);
  scene.clock += 1_000;
  scene.ask("resume", ["c0"]);
  assertEquals([...scene.state.launches.keys()], ["token-1"]);
  scene.clock += 121_000;
  scene.feed({ kind: "token-looked-up", token: "token-1", began: scene.clock, instances: [] });
  assertEquals([...scene.state.launches.keys()], ["token-2"]);
});

/** Group `c` may have two instance types in its subnet, and a third of another quota. */
function twoTypes(strategy: "best-effort" | "all-or-nothing" = "best-effort") {
  const config = sceneConfig();
  const [c, s] = config.nodeGroups;
  const types = { instanceTypes: ["c7i.large", "m7i.large"], strategy };
  return { ...config, nodeGroups: [{ ...c!, ...types }, { ...s!, strategy }] };
}

const asks = (scene: Scene) =>
  [...scene.state.launches.values()].map(({ nodes, input }) =>
    `${input.InstanceType} ${input.MinCount}-${input.MaxCount} ${nodes.join()}`
  );

function refuseAll(scene: Scene, code = "InsufficientInstanceCapacity"): void {
  scene.feed(...[...scene.state.launches.keys()].map((token) => ({
    kind: "launch-refused" as const,
    token,
    refusal: { code, message: "no" },
    unanswered: false,
  })));
}

Deno.test(
  "planLaunches() asks the next offering for the shortfall only, before Slurm hears of it",
  pure,
  () => {
    const scene = new Scene(twoTypes());
    scene.ask("resume", ["c0", "c1", "c2"]);
    const [token] = [...scene.state.launches.keys()];
    scene.feed({ kind: "launched", token: token!, instances: [ec2Instance("c1", { amiLaunchIndex: 1 })] });
    assertEquals(asks(scene), ["m7i.large 1-2 c0,c2"]);
    assertEquals(["c0", "c1", "c2"].map((name) => scene.node(name).refusal), [
      undefined,
      undefined,
      undefined,
    ]);
  },
);

Deno.test(
  "planLaunches() refuses the nodes once every offering is out, and calls nothing for the next",
  pure,
  () => {
    const scene = new Scene(twoTypes());
    scene.ask("resume", ["c0"]);
    refuseAll(scene);
    refuseAll(scene);
    assertEquals([scene.state.launches.size, scene.node("c0").refusal?.code], [
      0,
      "InsufficientInstanceCapacity",
    ]);
    scene.clock += 60_000;
    scene.ask("resume", ["c1"]);
    assertEquals([scene.state.launches.size, scene.actions("run-instances").length], [0, 0]);
    assertEquals(scene.node("c1").refusal?.code, "InsufficientInstanceCapacity");
    scene.clock += 121_000;
    scene.ask("resume", ["c2"]);
    assertEquals(asks(scene), ["c7i.large 1-1 c2"]);
  },
);

Deno.test("planLaunches() does not walk through the types of one quota", pure, () => {
  const scene = new Scene(twoTypes());
  scene.ask("resume", ["c0"]);
  refuseAll(scene, "VcpuLimitExceeded");
  assertEquals([scene.state.launches.size, scene.node("c0").refusal?.code], [0, "VcpuLimitExceeded"]);
});

for (const code of ["ExpiredToken", "UnauthorizedOperation", "InvalidAMIID.NotFound"]) {
  Deno.test(`planLaunches() asks no other offering after ${code}`, pure, () => {
    const scene = new Scene(twoTypes());
    scene.ask("resume", ["c0"]);
    refuseAll(scene, code);
    assertEquals([scene.state.launches.size, scene.node("c0").refusal?.code], [0, code]);
  });
}

Deno.test("planLaunches() asks only the last offering for all of a job or none of it", pure, () => {
  const scene = new Scene(twoTypes("all-or-nothing"));
  scene.ask("resume", ["c0", "c1"], [{ jobId: 5, nodes: ["c0", "c1"] }]);
  assertEquals(asks(scene), ["c7i.large 1-2 c0,c1"]);
  refuseAll(scene);
  assertEquals(asks(scene), ["m7i.large 2-2 c0,c1"]);
});

Deno.test(
  "planLaunches() asks nothing more for what was wanted before the credentials were refused",
  pure,
  () => {
    const config = sceneConfig();
    const scene = new Scene({ ...config, limits: { ...config.limits, launchBatch: 1 } });
    scene.ask("resume", Array.from({ length: 10 }, (_, i) => `c${i}`));
    assertEquals(scene.state.launches.size, 5, "as many as there are request tokens");
    const [token] = [...scene.state.launches.keys()];
    const refusal = { code: "ExpiredToken", message: "no" };
    scene.feed({ kind: "launch-refused", token: token!, refusal, unanswered: false });
    scene.wait(1);
    assertEquals([scene.node("c9").refusal?.code, scene.state.launches.size], ["ExpiredToken", 4]);
    scene.ask("resume", ["s0"]);
    assertEquals(asks(scene).at(-1), "c7i.large 1-1 s0");
  },
);

Deno.test("planLaunches() asks no half of a call from what another call has found to be out", pure, () => {
  const scene = new Scene(twoTypes());
  scene.ask("resume", ["c0"]);
  scene.ask("resume", ["c1", "c2"]);
  const [first, second] = [...scene.state.launches.keys()];
  const refused = (token: string | undefined) => {
    const refusal = { code: "VcpuLimitExceeded", message: "no" };
    scene.feed({ kind: "launch-refused", token: token!, refusal, unanswered: false });
  };
  refused(first);
  refused(second);
  assertEquals([scene.state.launches.size, scene.node("c2").refusal?.code], [0, "VcpuLimitExceeded"]);
});

Deno.test(
  "planLaunches() lets a node wait for spotTimeLimit where it can still be launched then",
  pure,
  () => {
    const config = sceneConfig();
    const [c, s] = config.nodeGroups;
    const group = { ...c!, capacityType: "spot-then-on-demand" as const, spotTimeLimit: 120 };
    const scene = new Scene({ ...config, nodeGroups: [group, s!] });
    scene.ask("resume", ["c0"]);
    refuseAll(scene);
    assertEquals([scene.state.launches.size, scene.node("c0").refusal], [0, undefined]);
    assertEquals(scene.last.dueAt! - scene.clock <= 120_000, true);
    scene.wait(119);
    assertEquals(scene.state.launches.size, 0);
    scene.wait(1);
    const ways = [...scene.state.launches.values()].map(({ input }) =>
      input.InstanceMarketOptions?.MarketType
    );
    assertEquals(ways, [undefined]);
  },
);

Deno.test(
  "planLaunches() gives a node back whose launch would come too late after spotTimeLimit",
  pure,
  () => {
    const config = sceneConfig();
    const [c, s] = config.nodeGroups;
    const group = { ...c!, capacityType: "spot-then-on-demand" as const, spotTimeLimit: 600 };
    const scene = new Scene({ ...config, nodeGroups: [group, s!] });
    scene.ask("resume", ["c0"]);
    refuseAll(scene);
    assertEquals([scene.state.launches.size, scene.node("c0").refusal?.code], [
      0,
      "InsufficientInstanceCapacity",
    ]);
  },
);

Deno.test("planLaunches() asks spot again while it waits for a longer spotTimeLimit", pure, () => {
  const config = sceneConfig();
  const [c, s] = config.nodeGroups;
  const group = { ...c!, capacityType: "spot-then-on-demand" as const, spotTimeLimit: 300 };
  const scene = new Scene({ ...config, nodeGroups: [group, s!] });
  scene.ask("resume", ["c0"]);
  refuseAll(scene);
  assertEquals(scene.last.dueAt! - scene.clock <= 180_000, true);
  scene.wait(180);
  const ways = [...scene.state.launches.values()].map(({ input }) => input.InstanceMarketOptions?.MarketType);
  assertEquals(ways, ["spot"]);
});

Deno.test(
  "planLaunches() reads ahead what a launch goes by while it waits for the first listing",
  pure,
  () => {
    const config = sceneConfig();
    const [c, s] = config.nodeGroups;
    const { imageId: _, ...image } = c!;
    const scene = new Scene({ ...config, nodeGroups: [image, s!] }, false);
    scene.ask("resume", ["c0"]);
    assertEquals(scene.state.requests.get("resume.1")?.generations, {}, "slurmctld has to say what it means");
    const kinds = scene.last.actions.map(({ kind }) => kind);
    assertEquals(
      ["list", "ask-slurm", "read-parameters"].every((kind) => kinds.some((one) => one === kind)),
      true,
    );
    assertEquals(kinds.includes("run-instances"), false);
  },
);
