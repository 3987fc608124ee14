import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { withHookSite } from "./hook_site.ts";

Deno.test("resume-fail keeps the console's end in log and event log before it terminates", () =>
  withHookSite({}, async (site) => {
    await site.run(["resume", "c0"]);
    const [instanceId] = site.live();
    assertEquals((await site.run(["resume-fail", "c0"])).code, 0);
    assertEquals(site.live(), []);
    assertStringIncludes(site.log(), `console of c0 (${instanceId}) ends with:`);
    const events = Deno.readTextFileSync(`${site.dir}/state/events.jsonl`).trimEnd().split("\n")
      .map((line) => JSON.parse(line));
    const kinds = events.filter(({ kind }) => kind === "console" || kind === "ended").map(({ kind }) => kind);
    assertEquals(kinds, ["console", "ended"]);
    assertEquals(site.slurm().nodes.c0!.state, "IDLE+CLOUD+POWERED_DOWN");
  }));

Deno.test("resume-fail terminates though the console can't be read", () =>
  withHookSite({}, async (site) => {
    await site.run(["resume", "c0"]);
    site.aws.simulator.addFault({
      kind: "error",
      action: "GetConsoleOutput",
      times: 9,
      code: "UnauthorizedOperation",
    });
    const { code, json } = await site.run(["resume-fail", "--json", "c0"]);
    assertEquals([code, json().nodes, site.live()], [0, { c0: "terminated" }, []]);
    assertStringIncludes(site.log(), "WARN No console output of c0 (i-");
  }));

Deno.test("resume-fail of a node without an instance gives it back", () =>
  withHookSite({}, async (site) => {
    const given = { state: "DOWN+CLOUD+POWERED_DOWN", address: "c0", reason: "ResumeTimeout reached" };
    site.changeSlurm({ nodes: { ...site.slurm().nodes, c0: given } });
    const { code, json } = await site.run(["resume-fail", "--json", "c0,onprem1"]);
    assertEquals([code, json().nodes], [0, { c0: "no-instance", onprem1: "not-ours" }]);
    assertEquals(site.slurm().nodes.c0!.state, "IDLE+CLOUD+POWERED_DOWN");
    const updates = site.slurm().calls.filter(([verb]) => verb === "update");
    assert(!JSON.stringify(updates).includes("onprem1"));
  }));
