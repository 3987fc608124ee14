import { assertEquals } from "@std/assert";
import { BREAKER_LIMIT } from "../../../lib/cluster/boot_failures.ts";
import { WORLD } from "../../../lib/sim/fresh_world.ts";
import { Scene, slurmNode } from "./scene.ts";

const pure = { permissions: "none" } as const;
const KEY = `c ${WORLD.imageIds.x86_64}`;

/** A boot that Slurm gives up `seconds` after its launch. */
function failedBoot(scene: Scene, seconds: number, name = "c0"): void {
  scene.ask("resume", [name]);
  scene.launched(name);
  scene.clock += seconds * 1_000;
  scene.ask("resume-fail", [name]);
  scene.wait(6);
  scene.feed({ kind: "end-accepted", ids: [`i-${name}`] });
}

for (const [seconds, count] of [[600, 1], [185, 1], [30, undefined]] as const) {
  Deno.test(`countFailedBoot() counts ${count ?? 0} when a boot is given up after ${seconds} s`, pure, () => {
    const scene = new Scene();
    failedBoot(scene, seconds);
    assertEquals(scene.state.bootFailures[KEY], count);
  });
}

Deno.test(
  "countFailedBoot() counts a boot once, though request and slurmctld both say that it failed",
  pure,
  () => {
    const scene = new Scene();
    failedBoot(scene, 600);
    scene.clock += 10_000;
    scene.slurm(slurmNode("c0", "DOWN+POWERED_DOWN", { reason: "ResumeTimeout reached" }));
    assertEquals(scene.state.bootFailures[KEY], 1);
  },
);

Deno.test("countFailedBoot() does not count a node that got no instance, or that is up", pure, () => {
  const scene = new Scene();
  scene.ask("resume", ["c0"]);
  const [token = ""] = [...scene.state.launches.keys()];
  const refusal = { code: "InsufficientInstanceCapacity", message: "no" };
  scene.feed({ kind: "launch-refused", token, refusal, unanswered: false });
  scene.clock += 600_000;
  scene.ask("resume-fail", ["c0"]);
  scene.up("c1");
  scene.clock += 600_000;
  scene.slurm(slurmNode("c1", "ALLOCATED", { nodeAddr: "10.0.0.1" }));
  scene.ask("resume-fail", ["c1"]);
  assertEquals(scene.state.bootFailures, {});
});

Deno.test(
  "the breaker refuses a group's image after boots in a row that failed, and a node that is up closes it",
  pure,
  () => {
    const scene = new Scene();
    for (let i = 0; i < BREAKER_LIMIT; i++) failedBoot(scene, 600, `c${i}`);
    scene.ask("resume", ["c9"]);
    assertEquals([scene.node("c9").refusal?.code, scene.state.launches.size], ["BootFailureBreaker", 0]);
    scene.up("s0");
    assertEquals(scene.state.bootFailures[KEY], BREAKER_LIMIT);
    scene.state = { ...scene.state, bootFailures: { [KEY]: BREAKER_LIMIT - 1 } };
    scene.up("c8");
    assertEquals(scene.state.bootFailures, {});
  },
);
