import { assertEquals } from "@std/assert";
import { kinds } from "../../fixtures/kinds.ts";
import { makeRig } from "../../fixtures/rig.ts";

Deno.test("powerDown() gives a node its verdict whose instance is stopped already, without another call", async () => {
  await using rig = await makeRig();
  await rig.resume("s[0-2]");
  rig.clock.now += 3_600_000;
  assertEquals(kinds((await rig.stop("s[0-2]")).nodes), { stopped: 3 });
  assertEquals(kinds((await rig.stop("s[0-2]")).nodes), { stopped: 3 });
  assertEquals(rig.calls().StopInstances, 1);
});

Deno.test("powerDown() and resumeFail() give every node one verdict, run twice over whatever is there", async () => {
  await using rig = await makeRig();
  const all = ["c0", "c1", "elsewhere1", "s0", "s1", "w0"];
  await rig.resume("c0,s0,w0");
  rig.clock.now += 3_600_000;
  for (const end of [rig.stop, rig.resumeFail, rig.stop, rig.resumeFail]) {
    const { nodes, troubles } = await end("c[0-1],s[0-1],w0,elsewhere1,c0");
    assertEquals([[...nodes.keys()].sort(), troubles], [all, []]);
  }
  assertEquals(rig.live(), []);
});
