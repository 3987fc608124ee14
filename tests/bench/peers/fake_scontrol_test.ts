import { assertEquals } from "@std/assert";
import { nodeUpdates, scontrolCalls } from "./scontrol_log.ts";
import { makeSite, setPoweringUp } from "./site.ts";

Deno.test("the fake scontrol shows what it was told, of the nodes that are asked for", async () => {
  const site = await makeSite();
  try {
    const names = [1, 2, 3, 11].map((n) => `bench-dy-c7i-${n}`);
    await setPoweringUp(site, names, "one");
    const scontrol = async (...args: string[]) => {
      const { stdout } = await new Deno.Command(`${site.slurmBin}/scontrol`, { args }).output();
      return new TextDecoder().decode(stdout).split("\n").filter((line) => line !== "").map((line) =>
        ["NodeName", "NodeAddr", "State"].map((key) => new RegExp(`${key}=([^ ]*)`).exec(line)![1])
      );
    };
    const up = "ALLOCATED+CLOUD+NOT_RESPONDING+POWERING_UP";
    assertEquals(await scontrol("show", "nodes", "-o"), names.map((name) => [name, name, up]));
    await scontrol("update", "NodeName=bench-dy-c7i-[2-3]", "NodeAddr=10.0.0.2,10.0.0.3");
    await scontrol("update", "NodeName=bench-dy-c7i-11", "State=DOWN", "Reason=none left");
    assertEquals(await scontrol("show", "nodes", "-o", "bench-dy-c7i-[2,11]"), [
      [names[1]!, "10.0.0.2", up],
      [names[3]!, names[3]!, "DOWN+CLOUD"],
    ]);
    const updates = nodeUpdates(scontrolCalls(await Deno.readTextFile(site.files.updates)));
    assertEquals([...updates.keys()], [names[1]!, names[2]!, names[3]!]);
  } finally {
    await site.close();
  }
});
