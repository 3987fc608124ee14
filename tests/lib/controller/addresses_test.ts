import { assertEquals } from "@std/assert";
import { ec2Instance, Scene, slurmNode } from "./scene.ts";

const pure = { permissions: "none" } as const;
const reported = (scene: Scene) =>
  scene.actions("report-addresses").flatMap(({ addresses }) =>
    addresses.map((a) => `${a.nodeName} ${a.nodeAddr}`)
  );

Deno.test(
  "planAddresses() reports an address until slurmctld has accepted it, and again when it has lost it",
  pure,
  () => {
    const scene = new Scene();
    scene.ask("resume", ["c3"]);
    scene.feed({ kind: "launched", token: "token-1", instances: [ec2Instance("c3")] });
    assertEquals(reported(scene), ["c3 10.0.0.3"]);
    scene.feed({ kind: "address-refused", node: "c3", message: "busy" });
    assertEquals(reported(scene), ["c3 10.0.0.3"]);
    scene.feed({ kind: "address-reported", node: "c3", instanceId: "i-c3" });
    scene.slurm(slurmNode("c3", "ALLOCATED+POWERING_UP"));
    assertEquals(reported(scene), []);
    scene.clock += 6_000;
    scene.slurm(slurmNode("c3", "ALLOCATED+POWERING_UP"));
    assertEquals(reported(scene), ["c3 10.0.0.3"]);
  },
);

Deno.test("planAddresses() corrects the address of a node that came up without it", pure, () => {
  const scene = new Scene();
  scene.ask("resume", ["c3"]);
  scene.feed({ kind: "launched", token: "token-1", instances: [ec2Instance("c3")] });
  scene.clock += 60_000;
  scene.slurm(slurmNode("c3", "ALLOCATED"));
  assertEquals(reported(scene), ["c3 10.0.0.3"]);
  scene.slurm(slurmNode("c3", "ALLOCATED", { nodeAddr: "10.0.0.3" }));
  assertEquals([reported(scene), scene.node("c3").reportedInstance], [[], "i-c3"]);
});

Deno.test("takeReported() does not take an address of an earlier power-up's instance", pure, () => {
  const scene = new Scene();
  scene.up("c3");
  scene.ask("stop", ["c3"]);
  scene.feed({ kind: "address-reported", node: "c3", instanceId: "i-c3" });
  assertEquals(scene.node("c3").reportedInstance, undefined);
});
