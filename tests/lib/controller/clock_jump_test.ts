import { assert, assertEquals } from "@std/assert";
import { ec2Instance, Scene, slurmNode } from "./scene.ts";

const pure = { permissions: "none" } as const;
const HOUR = 3_600_000;
const JUMPS = [["forward", HOUR], ["back", -HOUR]] as const;

for (const [way, hours] of JUMPS) {
  Deno.test(`a wall clock that jumps an hour ${way} between resume and stop changes neither`, pure, () => {
    const scene = new Scene();
    const up = scene.ask("resume", ["c0"]);
    const [launch] = scene.state.launches.values();
    scene.epoch += hours;
    // EC2's own clock has not jumped.
    scene.launched("c0", { launchTime: scene.wall - hours });
    scene.feed({ kind: "address-reported", node: "c0", instanceId: "i-c0" });
    assertEquals(scene.state.requests.get(up)?.outcomes.c0?.kind, "assigned");
    scene.wait(30);
    scene.slurm(slurmNode("c0", "ALLOCATED", { nodeAddr: ec2Instance("c0").privateIpAddress! }));
    assertEquals([scene.ends, scene.state.launches.size, launch!.nodes], [[], 0, ["c0"]]);
    scene.epoch -= hours;
    const down = scene.ask("stop", ["c0"]);
    assertEquals(scene.ends, ["terminate i-c0"]);
    scene.feed({ kind: "end-accepted", ids: ["i-c0"] });
    assertEquals(scene.state.requests.get(down)?.outcomes.c0?.kind, "terminated");
  });

  Deno.test(`a wall clock that jumps an hour ${way} between stop and resume launches once`, pure, () => {
    const scene = new Scene();
    scene.up("c0");
    scene.ask("stop", ["c0"]);
    scene.feed({ kind: "end-accepted", ids: ["i-c0"] });
    scene.epoch += hours;
    const id = scene.ask("resume", ["c0"]);
    scene.slurm(slurmNode("c0", "ALLOCATED+POWERING_UP"));
    assertEquals(scene.state.launches.size, 1);
    scene.launched("c0", { instanceId: "i-new", launchTime: scene.wall - hours });
    scene.feed({ kind: "address-reported", node: "c0", instanceId: "i-new" });
    assertEquals([scene.state.requests.get(id)?.outcomes.c0?.kind, scene.ends], ["assigned", []]);
  });

  Deno.test(
    `a wall clock that jumps an hour ${way} leaves no node in its cooldown for more than that hour`,
    pure,
    () => {
      const scene = new Scene();
      scene.ask("resume", ["c0"]);
      const [launch] = scene.state.launches.values();
      scene.feed({
        kind: "launch-refused",
        token: launch!.token,
        refusal: { code: "UnauthorizedOperation", message: "no" },
        unanswered: false,
      });
      scene.slurm(slurmNode("c0", "ALLOCATED+POWERING_UP"));
      const reason = scene.actions("set-state")[0]!.reason!;
      scene.shown();
      scene.epoch += hours;
      const said = scene.clock;
      while (scene.clock - said < 2 * HOUR && scene.states.length === 0) {
        scene.clock += 10_000;
        scene.slurm(slurmNode("c0", "DOWN+POWERING_UP", { reason }));
      }
      assertEquals(scene.states, ["c0 give-back power_down_force"]);
      const cooldown = 2 * scene.config.limits.cooldown * 1_000;
      assert(scene.clock - said <= cooldown + Math.max(0, -hours) + 10_000);
    },
  );
}
