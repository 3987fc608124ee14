import { assertEquals } from "@std/assert";
import { askedBy } from "../../../lib/controller/pool_memory.ts";
import { WORLD } from "../../../lib/sim/fresh_world.ts";
import { ec2Instance, Scene, sceneConfig } from "./scene.ts";

const pure = { permissions: "none" } as const;
const outs = (scene: Scene) => Object.values(scene.state.exhausted).map(({ what, misses }) => [what, misses]);

Deno.test(
  "rememberDeath() marks the pool of a spot instance that EC2 took back, and of no other death",
  pure,
  () => {
    const scene = new Scene();
    scene.up("c0", { capacityType: "spot" });
    scene.up("c1");
    scene.clock += 1_000;
    const ended = (node: string, stateReasonCode: string, capacityType: "spot" | "on-demand") =>
      ec2Instance(node, { state: "terminated", stateReasonCode, capacityType });
    scene.feed({
      kind: "listed-ended",
      began: scene.clock,
      instances: [
        ended("c0", "Server.SpotInstanceTermination", "spot"),
        ended("c1", "Client.UserInitiatedShutdown", "on-demand"),
      ],
    });
    assertEquals(outs(scene), [[`spot c7i.large in ${WORLD.region}a`, 1]]);
  },
);

Deno.test("rememberLaunch() ends a pool's row of misses, rememberMiss() goes on with it", pure, () => {
  const scene = new Scene();
  const attempt = (node: string, code?: string) => {
    scene.ask("resume", [node]);
    const [token] = [...scene.state.launches.keys()];
    const refusal = { code: code!, message: "no" };
    if (code !== undefined) scene.feed({ kind: "launch-refused", token: token!, refusal, unanswered: false });
    else scene.launched(node);
    scene.clock += 370_000;
  };
  attempt("c0", "InsufficientInstanceCapacity");
  attempt("c1", "InsufficientInstanceCapacity");
  assertEquals(outs(scene).map(([, misses]) => misses), [2]);
  attempt("c2");
  assertEquals(outs(scene), []);
  attempt("c3", "InsufficientInstanceCapacity");
  assertEquals(outs(scene), [[`on-demand c7i.large in ${WORLD.region}a`, 1]]);
});

Deno.test(
  "askedBy() reads type, subnet, way to buy, reservation and placement group from a request",
  pure,
  () => {
    const config = sceneConfig();
    const [c, s] = config.nodeGroups;
    const group = { ...c!, capacityReservation: WORLD.capacityReservationId, placementGroup: "pg" };
    const scene = new Scene({ ...config, nodeGroups: [group, { ...s!, capacityType: "spot" as const }] });
    scene.ask("resume", ["c0", "s0"]);
    const offering = { instanceType: "c7i.large", subnetId: WORLD.subnetIds[0] };
    assertEquals([...scene.state.launches.values()].map(askedBy), [
      {
        offering: { ...offering, capacityType: "on-demand", reservation: WORLD.capacityReservationId },
        placementGroup: "pg",
      },
      { offering: { ...offering, capacityType: "spot" } },
    ]);
  },
);
