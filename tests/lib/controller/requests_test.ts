import { assertEquals } from "@std/assert";
import { Scene, sceneConfig, slurmNode } from "./scene.ts";

const pure = { permissions: "none" } as const;
const outcome = (scene: Scene, id: string) => scene.state.requests.get(id)?.outcomes.c0;

Deno.test("settleRequests() says no-instance only once a complete listing shows none", pure, () => {
  const scene = new Scene(sceneConfig(), false);
  const id = scene.ask("stop", ["c0"]);
  assertEquals(outcome(scene, id), undefined);
  scene.listed();
  assertEquals(outcome(scene, id), { kind: "no-instance" });
});

Deno.test("settleRequests() says what EC2 said when nothing can be read", pure, () => {
  const scene = new Scene(sceneConfig(), false);
  const id = scene.ask("stop", ["c0"]);
  scene.feed({
    kind: "reading-refused",
    began: scene.clock,
    refusal: { code: "AuthFailure", message: "who" },
  });
  assertEquals(outcome(scene, id), { kind: "failed", reason: "AuthFailure: who" });
});

Deno.test(
  "settleRequests() keeps a stop open until what a launch in doubt has brought is known",
  pure,
  () => {
    const scene = new Scene();
    const resume = scene.ask("resume", ["c0"]);
    const stop = scene.ask("stop", ["c0"]);
    assertEquals([outcome(scene, resume), outcome(scene, stop)], [{ kind: "superseded" }, undefined]);
    scene.clock += 121_000;
    scene.feed({ kind: "token-looked-up", token: "token-1", began: scene.clock, instances: [] });
    assertEquals(outcome(scene, stop), { kind: "no-instance" });
  },
);

Deno.test("settleRequests() gives a refused node's verdict once slurmctld shows it", pure, () => {
  const scene = new Scene();
  const id = scene.ask("resume", ["c0"]);
  const refusal = { code: "VcpuLimitExceeded", message: "no" };
  scene.feed({ kind: "launch-refused", token: "token-1", refusal, unanswered: false });
  scene.slurm(slurmNode("c0", "ALLOCATED+POWERING_UP"));
  assertEquals(outcome(scene, id), undefined);
  scene.shown();
  const verdict = outcome(scene, id);
  assertEquals([verdict?.kind, scene.state.requests.get(id)?.settledAt], ["down", scene.clock]);
  assertEquals(Object.keys(verdict ?? {}).sort(), ["kind", "reason", "until"]);
});

Deno.test("settleRequests() says stopped of an instance that was stopped for it, or before", pure, () => {
  const scene = new Scene();
  scene.up("s0");
  const first = scene.ask("stop", ["s0"]);
  scene.feed({ kind: "end-accepted", ids: ["i-s0"] });
  const stopped = { kind: "stopped", instanceIds: ["i-s0"] } as const;
  assertEquals(scene.state.requests.get(first)?.outcomes.s0, stopped);
});

Deno.test("settleRequests() forgets a settled request after ten minutes", pure, () => {
  const scene = new Scene();
  const id = scene.ask("stop", ["c0"]);
  scene.wait(599);
  assertEquals(scene.state.requests.has(id), true);
  scene.wait(1);
  assertEquals(scene.state.requests.has(id), false);
});

Deno.test("settleRequests() says nothing of an older request's instance to a newer one", pure, () => {
  const scene = new Scene();
  scene.up("c0");
  scene.ask("stop", ["c0"]);
  scene.feed({ kind: "end-accepted", ids: ["i-c0"] });
  scene.clock += 1_000;
  const id = scene.ask("stop", ["c0"]);
  assertEquals(outcome(scene, id), { kind: "no-instance" });
});
