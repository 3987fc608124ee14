import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { withHookSite } from "./hook_site.ts";

Deno.test("resume without scontrol launches nothing, and says which program is missing", () =>
  withHookSite({}, async (site) => {
    await Deno.remove(`${site.dir}/scontrol`);
    const { code, stderr } = await site.run(["resume", "c0"]);
    assertEquals(code, 1);
    assertStringIncludes(stderr, `Can't run ${site.dir}/scontrol`);
    assertStringIncludes(stderr, "check slurm.binDir");
    assertStringIncludes(site.log(), "ERROR resume failed: Can't run");
    assertEquals(site.aws.simulator.calls(), {});
  }));

for (const [hook, verdict] of [["stop", "terminated"], ["resume-fail", "terminated"]] as const) {
  Deno.test(`${hook} without scontrol ends the instance all the same`, () =>
    withHookSite({}, async (site) => {
      await site.run(["resume", "c0"]);
      assertEquals(site.live().length, 1);
      await Deno.remove(`${site.dir}/scontrol`);
      const { json } = await site.run([hook, "--json", "c0"]);
      assertEquals(json().nodes, { c0: verdict });
      assertEquals(site.live(), []);
      assertStringIncludes(site.log(), `Can't run ${site.dir}/scontrol`);
    }));
}

Deno.test("resume whose scontrol refuses keeps the instances for the next pass, and says what to do", () =>
  withHookSite({}, async (site) => {
    site.changeSlurm({ refuses: true, resumeTimeout: 15 });
    const { code, json } = await site.run(["resume", "--json", "c[0-1]"]);
    assertEquals([code, json().nodes], [1, { c0: "unsettled", c1: "unsettled" }]);
    const troubles = json().troubles.join();
    for (const node of ["c0", "c1"]) {
      assertStringIncludes(troubles, `Slurm refused "scontrol update NodeName=${node} `);
    }
    assertStringIncludes(troubles, "Access/permission denied");
    assertEquals(site.live().length, 2);

    site.changeSlurm({ refuses: false, resumeTimeout: 600 });
    const again = await site.run(["resume", "--json", "c[0-1]"]);
    assertEquals([again.code, again.json().troubles], [0, []]);
    assertEquals(site.live().length, 2);
    for (const node of ["c0", "c1"]) {
      assertEquals(site.slurm().nodes[node]!.address, again.json().details[node]!.nodeAddr);
    }
  }));

Deno.test("resume of nodes that slurmctld does not know launches the others, and nothing for those", () =>
  withHookSite({}, async (site) => {
    site.changeSlurm({ resumeTimeout: 15 });
    const { code, json } = await site.run(["resume", "--json", "c[0-1],c50"]);
    assertEquals([code, json().nodes], [3, { c0: "assigned", c1: "assigned", c50: "unsettled" }]);
    assertStringIncludes(String(json().details.c50!.reason), "slurm-ec2 status shows what goes on");
    for (const node of ["c0", "c1"]) assert(site.slurm().nodes[node]!.address.startsWith("10."));
    assertEquals(site.live().length, 2);
  }));
