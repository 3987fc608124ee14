import { assertEquals } from "@std/assert";
import { GRACE } from "../../../lib/controller/doubt.ts";
import { ec2Instance, Scene, sceneConfig } from "./scene.ts";

const pure = { permissions: "none" } as const;
const REFUSAL = { code: "InsufficientInstanceCapacity", message: "no more" };

function launching(...nodes: string[]): Scene {
  const scene = new Scene();
  scene.ask("resume", nodes);
  return scene;
}

function refuse(scene: Scene, code: string, unanswered = false): void {
  const [token] = [...scene.state.launches.keys()];
  scene.feed({ kind: "launch-refused", token: token!, refusal: { code, message: "no" }, unanswered });
}

Deno.test(
  "takeLaunched() gives each node the instance of its launch index, and the others their verdict",
  pure,
  () => {
    const scene = launching("c0", "c1", "c2");
    const [token] = [...scene.state.launches.keys()];
    const at = (index: number, id: string) =>
      ec2Instance("c0", { instanceId: id, amiLaunchIndex: index, privateIpAddress: `10.0.0.${index}` });
    scene.feed({ kind: "launched", token: token!, instances: [at(0, "i-a"), at(2, "i-c"), at(7, "i-x")] });
    const nodeOf = (id: string) => scene.state.instances.get(id)?.node;
    assertEquals([nodeOf("i-a"), nodeOf("i-c"), nodeOf("i-x")], ["c0", "c2", undefined]);
    const [event] = scene.last.events.filter(({ kind }) => kind === "launched");
    assertEquals(event?.kind === "launched" && event.instances, { c0: "i-a", c2: "i-c" });
    assertEquals(scene.node("c1").refusal?.code, "InsufficientInstanceCapacity");
    assertEquals([scene.state.launches.size, scene.ends], [0, ["terminate i-x"]]);
  },
);

Deno.test("takeLaunched() ends what comes of a launch that is not known any more", pure, () => {
  const scene = new Scene();
  scene.feed({ kind: "launched", token: "of-long-ago", instances: [ec2Instance("c0")] });
  assertEquals(scene.state.instances.get("i-c0")?.generation, 0);
  scene.feed({ kind: "slurm", began: scene.clock, nodes: [] });
  scene.clock += 1_000;
  scene.feed({
    kind: "slurm",
    began: scene.clock,
    asked: ["c0"],
    nodes: [{
      name: "c0",
      base: "IDLE",
      flags: new Set(["POWERED_DOWN"]),
      nodeAddr: "c0",
      nodeHostname: "c0",
      reason: "",
      partitions: [],
    }],
  });
  assertEquals(scene.ends, ["terminate i-c0"]);
});

Deno.test("takeLaunched() refuses the node of an instance that a replay shows dead", pure, () => {
  const scene = launching("c0");
  const [token] = [...scene.state.launches.keys()];
  const dead = ec2Instance("c0", { state: "terminated", stateReasonCode: "Server.InternalError" });
  scene.feed({ kind: "launched", token: token!, instances: [dead] });
  assertEquals([scene.node("c0").refusal?.code, scene.state.instances.size], ["Server.InternalError", 0]);
});

Deno.test("takeRefused() ends a launch whose every try was answered", pure, () => {
  const scene = launching("c0", "c1");
  refuse(scene, "UnauthorizedOperation");
  assertEquals([scene.state.launches.size, scene.node("c1").refusal?.code], [0, "UnauthorizedOperation"]);
});

for (const code of ["InternalError", "ResponseTimeout", "RequestAborted"]) {
  Deno.test(
    `takeRefused() repeats a launch that ${code} refused, and then looks for what it may have brought`,
    pure,
    () => {
      const scene = launching("c0");
      const [token] = [...scene.state.launches.keys()];
      refuse(scene, code);
      assertEquals(scene.actions("run-instances").map((action) => action.token), [token!]);
      scene.wait(421);
      assertEquals([scene.node("c0").refusal?.code, scene.actions("run-instances").length], [code, 0]);
      assertEquals(scene.actions("look-up-token").map((action) => action.token), [token!]);
      scene.feed({ kind: "token-looked-up", token: token!, began: scene.clock, instances: [] });
      assertEquals(scene.state.launches.size, 0);
    },
  );
}

Deno.test(
  "takeRefused() asks again for a throttled launch's nodes by another call, after a pause",
  pure,
  () => {
    const scene = launching("c0", "c1");
    refuse(scene, "RequestLimitExceeded");
    assertEquals([scene.state.launches.size, scene.last.dueAt! - scene.clock], [0, 750]);
    scene.clock += 750;
    scene.feed();
    const sizes = () => [...scene.state.launches.values()].map(({ nodes }) => nodes.length);
    assertEquals([[...scene.state.launches.keys()], sizes()], [["token-2"], [2]]);
    assertEquals(["c0", "c1"].map((name) => scene.node(name).refusal), [undefined, undefined]);
  },
);

Deno.test(
  "takeRefused() repeats a throttled launch that may have been carried out, byte for byte",
  pure,
  () => {
    const scene = launching("c0");
    refuse(scene, "EndpointUnreachable", true);
    refuse(scene, "RequestLimitExceeded");
    assertEquals(scene.actions("run-instances").map(({ token }) => token), ["token-1"]);
  },
);

Deno.test("takeRefused() does not believe a refusal after a try that went unanswered", pure, () => {
  const scene = launching("c0");
  const [token] = [...scene.state.launches.keys()];
  refuse(scene, "EndpointUnreachable", true);
  scene.clock += 1_000;
  refuse(scene, "InsufficientInstanceCapacity");
  assertEquals([scene.state.launches.size, scene.node("c0").refusal], [1, undefined]);
  assertEquals(scene.actions("look-up-token").length, 1);
  scene.feed({ kind: "token-looked-up", token: token!, began: scene.clock, instances: [] });
  assertEquals(scene.state.launches.size, 1);
  const instance = ec2Instance("c0", { clientToken: token! });
  scene.feed({ kind: "token-looked-up", token: token!, began: scene.clock, instances: [instance] });
  assertEquals([scene.state.launches.size, scene.state.instances.get("i-c0")?.generation], [0, 1]);
});

Deno.test("takeLookUp() concludes nothing before the grace is over", pure, () => {
  const scene = launching("c0");
  const [token] = [...scene.state.launches.keys()];
  refuse(scene, "EndpointUnreachable", true);
  refuse(scene, "UnauthorizedOperation");
  scene.clock += GRACE;
  scene.feed({ kind: "token-looked-up", token: token!, began: scene.clock, instances: [] });
  assertEquals(scene.state.launches.size, 1);
  scene.clock += 1;
  scene.feed({ kind: "token-looked-up", token: token!, began: scene.clock, instances: [] });
  assertEquals([scene.state.launches.size, scene.node("c0").refusal?.code], [0, "UnauthorizedOperation"]);
});

Deno.test("takeLookUp() keeps looking for the rest while only some of a launch are shown", pure, () => {
  const scene = launching("c0", "c1");
  const [token] = [...scene.state.launches.keys()];
  refuse(scene, "EndpointUnreachable", true);
  refuse(scene, "ExpiredToken");
  const instance = ec2Instance("c0", { clientToken: token! });
  scene.feed({ kind: "token-looked-up", token: token!, began: scene.clock, instances: [instance] });
  assertEquals([scene.state.launches.size, scene.state.instances.get("i-c0")?.generation], [1, 1]);
  assertEquals(
    scene.actions("report-addresses").flatMap(({ addresses }) => addresses.map((a) => a.nodeName)),
    ["c0"],
  );
});

Deno.test("doubtAll() doubts every launch that a worker before may have sent", pure, () => {
  const scene = launching("c0");
  scene.feed({ kind: "started" });
  assertEquals([...scene.state.launches.values()].map(({ doubt }) => doubt), [true]);
  // In time and wanted: the same token again brings the same instances.
  assertEquals(scene.actions("run-instances").length, 1);
  scene.ask("stop", ["c0"]);
  assertEquals([scene.actions("run-instances").length, scene.actions("look-up-token").length], [0, 1]);
});

Deno.test(
  "takeRefused() halves a call that is too large, the second half only once the first has brought any",
  pure,
  () => {
    const names = ["c0", "c1", "c2", "c3"];
    const scene = launching(...names);
    const [whole] = [...scene.state.launches.values()];
    refuse(scene, "InsufficientFreeAddressesInSubnet");
    const [half] = [...scene.state.launches.values()];
    assertEquals([whole!.nodes, half!.nodes, half!.halvings], [names, ["c0", "c1"], 1]);
    assertEquals(scene.node("c2").refusal, undefined);
    const instances = ["c0", "c1"].map((name, amiLaunchIndex) => ec2Instance(name, { amiLaunchIndex }));
    scene.feed({ kind: "launched", token: half!.token, instances });
    const [second] = [...scene.state.launches.values()];
    assertEquals(second!.nodes, ["c2", "c3"]);
  },
);

Deno.test("takeRefused() gives up all of a call whose halves bring none", pure, () => {
  const scene = launching("c0", "c1", "c2", "c3");
  refuse(scene, "VcpuLimitExceeded");
  refuse(scene, "VcpuLimitExceeded");
  const [last] = [...scene.state.launches.values()];
  assertEquals(last!.nodes, ["c0"]);
  refuse(scene, "VcpuLimitExceeded");
  assertEquals(scene.state.launches.size, 0);
  assertEquals(
    ["c0", "c1", "c2", "c3"].map((name) => scene.node(name).refusal?.code),
    Array(4).fill("VcpuLimitExceeded"),
  );
});

Deno.test("takeRefused() does not halve what is wanted whole", pure, () => {
  const config = sceneConfig();
  const [c, s] = config.nodeGroups;
  const scene = new Scene({ ...config, nodeGroups: [{ ...c!, strategy: "all-or-nothing" }, s!] });
  scene.ask("resume", ["c0", "c1", "c2"], [{ jobId: 1, nodes: ["c0", "c1"] }]);
  const [job, rest] = [...scene.state.launches.values()];
  assertEquals([job!.nodes, job!.whole, job!.input.MinCount, rest!.nodes], [["c0", "c1"], true, 2, ["c2"]]);
  scene.feed({
    kind: "launch-refused",
    token: job!.token,
    refusal: { ...REFUSAL, code: "VcpuLimitExceeded" },
    unanswered: false,
  });
  assertEquals(["c0", "c1", "c2"].map((name) => scene.node(name).refusal?.code), [
    "VcpuLimitExceeded",
    "VcpuLimitExceeded",
    undefined,
  ]);
});
