import { assertEquals } from "@std/assert";
import type { EventBody } from "../../../lib/events/event.ts";
import type { StepResult } from "../../../lib/controller/step.ts";
import { ec2Instance, Scene, slurmNode } from "./scene.ts";

const pure = { permissions: "none" } as const;

type Lifetime = EventBody & { kind: "lifetime" };

/** What the steps of a scene have noted of lifetimes, times as seconds since its beginning. */
function watch(scene: Scene): () => string[] {
  const noted: Lifetime[] = [];
  const feed = scene.feed.bind(scene);
  const start = scene.wall;
  scene.feed = (...facts): StepResult => {
    const result = feed(...facts);
    noted.push(...result.events.filter((event): event is Lifetime => event.kind === "lifetime"));
    return result;
  };
  const since = (time: number | undefined) => time === undefined ? "-" : (time - start) / 1000;
  return () =>
    noted.map(({ node, began, up, ended, why }) =>
      `${node} ${since(began)} ${since(up)} ${since(ended)}${why === undefined ? "" : ` ${why}`}`
    );
}

Deno.test("noteLifetimes() notes an instance's beginning, when it is up, and its end", pure, () => {
  const scene = new Scene();
  const noted = watch(scene);
  scene.up("c0");
  scene.wait(100);
  scene.ask("stop", ["c0"]);
  scene.feed({ kind: "end-accepted", ids: ["i-c0"] });
  assertEquals(noted().map((line) => line.split(" ").slice(0, 4).join(" ")), [
    "c0 0 - -",
    "c0 0 61 -",
    "c0 0 61 161",
  ]);
  scene.listed(ec2Instance("c0", { state: "terminated" }));
  assertEquals(noted().length, 3);
});

Deno.test("takeUp() believes slurmd's own start, where it can be of this boot", pure, () => {
  for (
    const [slurmdStart, up] of [[41, 41], [-500, 61], [4000, 61], [undefined, 61]] as const
  ) {
    const scene = new Scene();
    const noted = watch(scene);
    const start = scene.wall;
    scene.ask("resume", ["c0"]);
    scene.launched("c0");
    scene.wait(60);
    const shown = {
      nodeAddr: "10.0.0.0",
      ...(slurmdStart !== undefined && { slurmdStart: start + slurmdStart * 1000 }),
    };
    scene.slurm(slurmNode("c0", "IDLE", shown));
    scene.wait(10);
    scene.slurm(slurmNode("c0", "ALLOCATED", shown));
    assertEquals(noted(), ["c0 0 - -", `c0 0 ${up} -`]);
  }
});

Deno.test("noteLifetimes() begins a lifetime anew when a stopped instance is started", pure, () => {
  const scene = new Scene();
  const noted = watch(scene);
  const launchTime = scene.wall;
  scene.up("s0");
  scene.ask("stop", ["s0"]);
  scene.feed({ kind: "end-accepted", ids: ["i-s0"] });
  scene.wait(939);
  scene.feed({
    kind: "described",
    began: scene.clock,
    ids: ["i-s0"],
    instances: [ec2Instance("s0", { state: "stopped", launchTime })],
  });
  scene.ask("resume", ["s0"]);
  scene.feed({ kind: "start-accepted", ids: ["i-s0"] });
  scene.feed({ kind: "address-reported", node: "s0", instanceId: "i-s0" });
  scene.wait(30);
  scene.slurm(slurmNode("s0", "ALLOCATED", { nodeAddr: "10.0.0.0" }));
  const lines = noted().map((line) => line.split(" ").slice(0, 4).join(" "));
  assertEquals(lines, ["s0 0 - -", "s0 0 61 -", "s0 0 61 61", "s0 1000 - -", "s0 1000 1030 -"]);
});

Deno.test("noteLifetimes() ends what EC2 shows ended, without a reason of ours", pure, () => {
  const scene = new Scene();
  const noted = watch(scene);
  scene.up("c0");
  scene.wait(39);
  scene.listed(ec2Instance("c0", { state: "terminated", stateReasonCode: "Server.SpotInstanceTermination" }));
  assertEquals(noted().at(-1), "c0 0 61 100");
});

Deno.test("noteLifetimes() takes over what was launched before the state was lost", pure, () => {
  const scene = new Scene(undefined, false);
  const noted = watch(scene);
  scene.listed(
    ec2Instance("c0", { launchTime: scene.wall - 500_000 }),
    ec2Instance("c1", { state: "stopped" }),
  );
  assertEquals(noted(), ["c0 -500 - -"]);
});

Deno.test(
  "takeBootSteps() notes once where the time of a boot went, for the instance that it was of",
  pure,
  () => {
    const scene = new Scene();
    scene.up("c0");
    const noted = (comment: string) =>
      scene.slurm(slurmNode("c0", "IDLE", { nodeAddr: "10.0.0.0", comment })).events.filter(({ kind }) =>
        kind === "booted"
      );
    assertEquals(noted("slurm-ec2 boot i-another: imds 1.00, slurmd 2.00"), []);
    assertEquals(noted("slurm-ec2 boot i-c0: imds 4.21, slurmd 9.00"), [{
      ...{ kind: "booted", node: "c0", instanceId: "i-c0", nodeGroup: "c" },
      steps: "imds 4.21, slurmd 9.00",
    }]);
    scene.wait(10);
    assertEquals(noted("slurm-ec2 boot i-c0: imds 4.21, slurmd 9.00"), []);
    // It was stopped and started: another boot.
    assertEquals(noted("slurm-ec2 boot i-c0: imds 5.00, slurmd 8.00").length, 1);
  },
);
