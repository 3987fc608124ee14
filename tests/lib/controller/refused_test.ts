import { assertEquals } from "@std/assert";
import { mayPass, triesOf } from "../../../lib/controller/refused.ts";
import { WORLD } from "../../../lib/sim/fresh_world.ts";
import { Scene, sceneConfig, slurmNode } from "./scene.ts";

const pure = { permissions: "none" } as const;
const refusal = (code: string) => ({ code, message: `${code} at https://ec2.example` });

for (
  const [code, tries, passes] of [
    ["EndpointUnreachable", 2, true],
    ["EndpointUnreachable", 3, false],
    ["RequestAborted", 3, false],
    ["RequestLimitExceeded", 99, true],
    ["InternalError", 99, true],
    ["UnauthorizedOperation", 1, false],
  ] as const
) {
  Deno.test(`mayPass() is ${passes} of ${code} after ${tries} tries`, pure, () => {
    assertEquals(mayPass(code, tries), passes);
  });
}

Deno.test("triesOf() counts refusals of one kind in a row", pure, () => {
  assertEquals(triesOf(undefined, "EndpointUnreachable"), 1);
  assertEquals(triesOf({ refusal: refusal("ResponseTimeout"), tries: 2 }, "EndpointUnreachable"), 3);
  assertEquals(triesOf({ refusal: refusal("RequestLimitExceeded"), tries: 9 }, "EndpointUnreachable"), 1);
});

Deno.test(
  "a dead endpoint is the nodes' refusal after three tries of a launch, which still is looked for",
  pure,
  () => {
    const scene = new Scene();
    scene.ask("resume", ["c0"]);
    for (let i = 0; i < 3; i++) {
      assertEquals(scene.node("c0").refusal, undefined);
      scene.feed({
        kind: "launch-refused",
        token: "token-1",
        refusal: refusal("EndpointUnreachable"),
        unanswered: true,
      });
    }
    assertEquals([scene.node("c0").refusal?.code, scene.state.launches.size], ["EndpointUnreachable", 1]);
    assertEquals([scene.actions("run-instances").length, scene.actions("look-up-token").length], [0, 1]);
    scene.slurm(slurmNode("c0", "ALLOCATED+POWERING_UP"));
    assertEquals(scene.states, [], "what the launch has brought may register: EC2 is asked first");
    scene.wait(10);
    assertEquals(scene.states, ["c0 verdict down"]);
  },
);

Deno.test("a dead endpoint is the nodes' refusal after three tries to read a parameter", pure, () => {
  const config = sceneConfig();
  const [c, s] = config.nodeGroups;
  const { imageId: _, ...image } = c!;
  const scene = new Scene({ ...config, nodeGroups: [image, s!] });
  scene.ask("resume", ["c0"]);
  const names = [`/test/SlurmNodeAmi/Rocky/9/x86_64/${WORLD.region}`];
  for (let i = 0; i < 3; i++) {
    assertEquals(scene.node("c0").refusal, undefined);
    scene.feed({ kind: "parameters-refused", names, refusal: refusal("EndpointUnreachable") });
  }
  assertEquals(scene.node("c0").refusal?.code, "EndpointUnreachable");
});

Deno.test("a dead endpoint is a stop's failure after three tries to list what there is", pure, () => {
  const scene = new Scene(sceneConfig(), false);
  const id = scene.ask("stop", ["c0"]);
  for (let i = 0; i < 3; i++) {
    assertEquals(scene.state.requests.get(id)?.outcomes.c0, undefined);
    scene.feed({ kind: "reading-refused", began: scene.clock, refusal: refusal("EndpointUnreachable") });
  }
  assertEquals(scene.state.requests.get(id)?.outcomes.c0?.kind, "failed");
});
