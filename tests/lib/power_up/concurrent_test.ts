import { assert, assertEquals } from "@std/assert";
import { makeRig, type Rig } from "../../fixtures/rig.ts";

const realSleep = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

function instancesPerNode(rig: Rig): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { node } of rig.live()) counts.set(node, (counts.get(node) ?? 0) + 1);
  return counts;
}

Deno.test("powerUp() run twice at once for the same nodes launches one instance a node", async () => {
  await using rig = await makeRig({ aws: { latencyMs: 20, sleep: realSleep } });
  const results = await Promise.all([rig.resume("c[0-99]"), rig.resume("c[0-99]"), rig.resume("c[50-149]")]);
  const counts = instancesPerNode(rig);
  assertEquals(counts.size, 150);
  assert([...counts.values()].every((count) => count === 1));
  for (let i = 0; i < 150; i++) {
    const verdicts = results.map(({ nodes }) => nodes.get(`c${i}`)?.kind);
    assertEquals(verdicts.filter((kind) => kind === "assigned").length, 1, `c${i}: ${verdicts}`);
  }
});

Deno.test("powerUp() by twenty hooks at once over 2,000 nodes gives each node one instance", async () => {
  await using rig = await makeRig({ aws: { latencyMs: 20, sleep: realSleep } });
  const hooks = Array.from({ length: 20 }, (_, i) => rig.resume(`c[${i * 100}-${i * 100 + 99}]`));
  const results = await Promise.all(hooks);
  assertEquals(results.flatMap(({ troubles }) => troubles), []);
  const counts = instancesPerNode(rig);
  assertEquals(counts.size, 2000);
  assert([...counts.values()].every((count) => count === 1));
  const hints = JSON.parse(await Deno.readTextFile(`${rig.stateDir}/hints.json`));
  assertEquals(Object.keys(hints.instanceIds).length, 2000);
  assertEquals(rig.warnings, []);
});

Deno.test("powerUp() beside powerDown() of other nodes keeps both nodes' hints", async () => {
  await using rig = await makeRig({ aws: { latencyMs: 5, sleep: realSleep } });
  await rig.resume("c[0-9]");
  rig.clock.now += 3_600_000;
  await Promise.all([rig.stop("c[0-4]"), rig.resume("c[10-14]")]);
  const hints = JSON.parse(await Deno.readTextFile(`${rig.stateDir}/hints.json`));
  assertEquals(Object.keys(hints.instanceIds).sort(), [
    "c10",
    "c11",
    "c12",
    "c13",
    "c14",
    "c5",
    "c6",
    "c7",
    "c8",
    "c9",
  ]);
});
