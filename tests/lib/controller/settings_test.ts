import { assertEquals } from "@std/assert";
import { WORLD } from "../../../lib/sim/fresh_world.ts";
import { Scene, sceneConfig } from "./scene.ts";

const pure = { permissions: "none" } as const;
const NAME = `/test/SlurmNodeAmi/Rocky/9/x86_64/${WORLD.region}`;
const VALUES = new Map(
  [[NAME, { name: NAME, type: "String", value: WORLD.imageIds.x86_64, version: 1 }]] as const,
);

/** Group c takes its image from SSM. */
function asking(): Scene {
  const config = sceneConfig();
  const [c, s] = config.nodeGroups;
  const { imageId: _, ...image } = c!;
  const scene = new Scene({ ...config, nodeGroups: [image, s!] });
  scene.ask("resume", ["c0"]);
  return scene;
}

Deno.test(
  "settingsOf() reads a parameter before the first launch, once for a burst of requests",
  pure,
  () => {
    const scene = asking();
    assertEquals(scene.actions("read-parameters").map(({ names }) => names), [[NAME]]);
    scene.feed({ kind: "parameters", names: [NAME], values: VALUES });
    scene.ask("resume", ["c1"]);
    assertEquals([scene.actions("read-parameters"), scene.state.launches.size], [[], 2]);
    scene.clock += 31_000;
    scene.ask("resume", ["c2"]);
    assertEquals(scene.actions("read-parameters").length, 1);
  },
);

Deno.test("settingsOf() refuses the nodes of a parameter that does not exist", pure, () => {
  const scene = asking();
  scene.feed({ kind: "parameters", names: [NAME], values: new Map() });
  assertEquals(scene.node("c0").refusal?.code, "ParameterNotFound");
});

Deno.test(
  "settingsOf() asks again while SSM's refusal may pass, and refuses the nodes otherwise",
  pure,
  () => {
    const scene = asking();
    const refused = (code: string) =>
      scene.feed({ kind: "parameters-refused", names: [NAME], refusal: { code, message: "no" } });
    refused("ThrottlingException");
    assertEquals([scene.actions("read-parameters").length, scene.node("c0").refusal], [1, undefined]);
    refused("AccessDeniedException");
    assertEquals(scene.node("c0").refusal?.code, "AccessDeniedException");
  },
);

Deno.test(
  "settingsOf() uses the values that SSM gave last when it does not answer, and says so",
  pure,
  () => {
    const scene = asking();
    scene.feed({ kind: "parameters", names: [NAME], values: VALUES });
    scene.clock += 60_000;
    scene.ask("resume", ["c1"]);
    assertEquals(scene.state.launches.size, 1);
    const refusal = { code: "EndpointUnreachable", message: "no answer" };
    const { events } = scene.feed({ kind: "parameters-refused", names: [NAME], refusal });
    assertEquals([scene.state.launches.size, events.filter(({ kind }) => kind === "trouble").length], [2, 1]);
  },
);
