import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { withHookSite } from "./hook_site.ts";

Deno.test("stop prints what became of the nodes, one line a verdict, and which calls it took", () =>
  withHookSite({}, async (site) => {
    await site.run(["resume", "c[0-1],s0"]);
    const { code, stdout, stderr } = await site.run(["stop", "c[0-1],s0,w0,onprem1"]);
    assertEquals([code, stderr], [0, ""]);
    const lines = stdout.trimEnd().split("\n").map((line) => line.replaceAll(/ +/g, " "));
    assertEquals(lines.slice(0, -1).sort(), [
      "no-instance 1 w0",
      "not-ours 1 onprem1",
      "stopped 1 s0",
      "terminated 2 c[0-1]",
    ]);
    assert(lines.at(-1)!.includes("DescribeInstances 1"), lines.at(-1));
  }));

Deno.test("stop exits 3 when one instance of several could not be ended, and names its node", () =>
  withHookSite({}, async (site) => {
    await site.run(["resume", "c0,s0"]);
    site.aws.simulator.addFault({
      kind: "error",
      action: "StopInstances",
      times: 9,
      code: "OperationNotPermitted",
    });
    const { code, stderr } = await site.run(["stop", "c0,s0"]);
    assertEquals(code, 3);
    assertStringIncludes(
      stderr,
      "slurm-ec2: Nodes s0 may still have running instances: OperationNotPermitted",
    );
    assertStringIncludes(site.slurm().nodes.s0!.reason, "OperationNotPermitted: ");
    assertEquals(site.live().length, 1);
    await site.run(["stop", "c3"]);
    assertEquals(site.live().length, 1);
    site.aws.simulator.clearFaults();
    await site.run(["stop", "c3"]);
    assertEquals(site.live(), []);
  }));
