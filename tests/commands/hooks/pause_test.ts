import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { withHookSite } from "./hook_site.ts";

Deno.test("pause stops launches, stands in status and reasons, and unpause lets them go on", () =>
  withHookSite({}, async (site) => {
    const { code, stdout } = await site.run(["pause"]);
    assertEquals([code, stdout], [
      0,
      "Launches of all node groups are paused: slurm-ec2 unpause lets them go on\n",
    ]);
    assertEquals((await site.run(["resume", "--json", "c0"])).json().nodes.c0, "down");
    assertStringIncludes(site.slurm().nodes.c0!.reason, "LaunchingPaused: launches of all node groups");
    assertEquals(site.aws.simulator.calls().RunInstances ?? 0, 0);
    assertMatch(
      (await site.run(["status"])).stdout,
      /^Paused {3}launches of all node groups, for \d+[smh]: slurm-ec2 unpause$/m,
    );
    assertEquals((await site.run(["unpause"])).stdout, "Launches of all node groups go on\n");
    assertEquals((await site.run(["resume", "--json", "c1"])).json().nodes.c1, "assigned");
  }));

Deno.test("pause of one node group leaves the others alone", () =>
  withHookSite({}, async (site) => {
    const { changed, paused } = JSON.parse((await site.run(["pause", "--json", "c"])).stdout);
    assertEquals([changed, paused.map(({ nodeGroup }: { nodeGroup: string }) => nodeGroup)], [true, ["c"]]);
    assertEquals(
      (await site.run(["pause", "c"])).stdout,
      "Launches of node group c are paused already: slurm-ec2 unpause c lets them go on\n",
    );
    assertEquals((await site.run(["resume", "--json", "s0"])).json().nodes.s0, "assigned");
    assertEquals(
      (await site.run(["unpause", "s"])).stdout,
      "Launches of node group s are not paused: nothing to do\nStill paused: c\n",
    );
    await site.run(["pause"]);
    const { code, stderr } = await site.run(["unpause", "c"]);
    assertEquals(code, 1);
    assertStringIncludes(stderr, "slurm-ec2 unpause lets all go on");
  }));

for (const command of ["pause", "unpause"]) {
  Deno.test(`${command} of an unknown node group is refused with the names that there are`, () =>
    withHookSite({}, async (site) => {
      const { code, stderr } = await site.run([command, "xyz"]);
      assertEquals(code, 2);
      assertStringIncludes(stderr, "known: c, s, w");
    }));
}

Deno.test("doctor names a pause, and a limit that the cluster exceeds today", () =>
  withHookSite({}, async (site) => {
    await site.run(["resume", "--json", "c[0-1]"]);
    const doctor = async () => (await site.run(["doctor", "--only", "limits"])).stdout;
    assertStringIncludes(await doctor(), "none is exceeded, and no node group is paused");
    const file = `${site.dir}/slurm-ec2.yaml`;
    const text = Deno.readTextFileSync(file);
    Deno.writeTextFileSync(file, text.replace("limits: {", "limits: { maxNodes: 1, maxHourlyCost: 5,"));
    await site.run(["pause", "c"]);
    const said = await doctor();
    assertStringIncludes(said, "limits.maxNodes is 1, and there are 2 instances: nothing is ended for it");
    assertStringIncludes(said, "a cost limit launches none of them");
    assertStringIncludes(said, "launches of node group c are paused since");
    assertEquals(site.live().length, 2);
  }));
