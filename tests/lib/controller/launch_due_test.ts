import { assert, assertEquals } from "@std/assert";
import { Scene, sceneConfig } from "./scene.ts";
import type { LaunchTokens } from "../../../lib/capacity/tokens.ts";

const pure = { permissions: "none" } as const;

/** Group `c` of 3,000 nodes. */
function large(strategy: "best-effort" | "all-or-nothing" = "best-effort", tokens?: LaunchTokens): Scene {
  const config = sceneConfig();
  const [c, s] = config.nodeGroups;
  const scene = new Scene({ ...config, nodeGroups: [{ ...c!, nodes: "c[0-2999]", strategy }, s!] });
  if (tokens !== undefined) scene.state = { ...scene.state, tokens };
  return scene;
}

const names = (from: number, count: number) => Array.from({ length: count }, (_, i) => `c${from + i}`);
const sizes = (scene: Scene) => [...scene.state.launches.values()].map(({ nodes }) => nodes.length);

/** Every open launch is answered by no instance at all: they are of no interest here. */
function forget(scene: Scene): void {
  scene.state = { ...scene.state, launches: new Map() };
}

Deno.test("launchDue() launches what the buckets hold, and more as it comes back", pure, () => {
  const scene = large();
  scene.ask("resume", names(0, 2_000));
  assertEquals(sizes(scene), [200, 200, 200, 200, 200]);
  forget(scene);
  // Nodes of the first calls are in no test instance: the same ones are due again.
  scene.wait(29.9);
  assertEquals(sizes(scene), []);
  scene.wait(0.1);
  assertEquals(sizes(scene), [60]);
});

Deno.test("launchDue() gives back at once a job that the buckets can't serve whole in time", pure, () => {
  const scene = large("all-or-nothing", { resources: { tokens: 0, at: 10_000_000 } });
  scene.ask("resume", names(0, 900), [{ jobId: 5, nodes: names(0, 900) }]);
  assertEquals([sizes(scene), scene.node("c0").refusal?.code], [[], "LaunchDeadline"]);
  assert(/^900 nodes are wanted together, and 840 can/.test(scene.node("c899").refusal!.message));
});

Deno.test("launchDue() launches a job of up to 1,000 nodes whole, by one call", pure, () => {
  const scene = large("all-or-nothing");
  scene.ask("resume", names(0, 700), [{ jobId: 5, nodes: names(0, 700) }]);
  const [launch] = [...scene.state.launches.values()];
  assertEquals([sizes(scene), launch?.input.MinCount], [[700], 700]);
});

Deno.test("launchDue() puts jobs together when there are more of them than request tokens", pure, () => {
  const scene = large("all-or-nothing");
  const jobs = Array.from({ length: 20 }, (_, i) => ({ jobId: i + 1, nodes: names(2 * i, 2) }));
  scene.ask("resume", names(0, 40), jobs);
  const [launch] = [...scene.state.launches.values()];
  assertEquals([sizes(scene), launch?.input.MinCount], [[40], 1]);
});

Deno.test("launchDue() gives back what the buckets did not reach in time, with the arithmetic", pure, () => {
  const scene = large();
  scene.ask("resume", names(0, 2_000));
  for (let seconds = 0; seconds <= 420; seconds += 3) scene.wait(3);
  assertEquals(sizes(scene).reduce((sum, size) => sum + size, 0), 1_840);
  const served = new Set([...scene.state.launches.values()].flatMap(({ nodes }) => nodes));
  const [left] = names(0, 2_000).filter((name) => !served.has(name));
  const { code, message } = scene.node(left!).refusal!;
  assertEquals(code, "LaunchDeadline");
  assert(message.includes("1000 instances at once and 2 more a second, so 1840 in the 420 s"), message);
});

Deno.test("launchDue() gives back what was throttled to the end with EC2's own word", pure, () => {
  const scene = large();
  scene.ask("resume", names(0, 1));
  const refusal = { code: "RequestLimitExceeded", message: "Request limit exceeded." };
  const [token] = [...scene.state.launches.keys()];
  scene.feed({ kind: "launch-refused", token: token!, refusal, unanswered: false });
  scene.clock += 421_000;
  scene.feed();
  assertEquals(scene.node("c0").refusal?.code, "RequestLimitExceeded");
});

Deno.test("launchDue() launches the job of the highest priority first, then by job id", pure, () => {
  const scene = large("all-or-nothing");
  scene.ask("resume", names(0, 6), [
    { jobId: 7, nodes: names(0, 2) },
    { jobId: 8, nodes: names(2, 2), priority: 50 },
    { jobId: 6, nodes: names(4, 2) },
  ]);
  const nodes = [...scene.state.launches.values()].map(({ nodes }) => nodes[0]);
  assertEquals(nodes, ["c2", "c4", "c0"]);
});
