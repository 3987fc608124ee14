import { assertEquals, assertStringIncludes } from "@std/assert";
import { findingsText } from "../../../commands/hooks/reconcile.ts";
import { withHookSite } from "./hook_site.ts";

/** All nodes that the site's slurmctld knows: an answer without the others says nothing of any. */
const known = (text: string) =>
  text.replace("c[0-99]", "c[0-3]").replace("s[0-9]", "s0").replace("w[0-9]", "w[0-1]");

Deno.test("reconcile shows an instance whose node is off, and ends it only with --apply", () =>
  withHookSite({ config: known }, async (site) => {
    assertEquals((await site.run(["resume", "--json", "c[0-1]"])).json().nodes, {
      c0: "assigned",
      c1: "assigned",
    });
    // The controller's state is lost, and with it a stop.
    Deno.removeSync(`${site.dir}/state`, { recursive: true });
    const { nodes } = site.slurm();
    site.changeSlurm({ nodes: { ...nodes, c0: { ...nodes.c0!, state: "IDLE+CLOUD+POWERED_DOWN" } } });

    const looked = await site.run(["reconcile", "--json"]);
    assertEquals([looked.code, looked.stderr], [3, ""]);
    const { applied, findings } = JSON.parse(looked.stdout);
    assertEquals(applied, false);
    assertEquals(findings.map(({ kind, nodes, action }: Record<string, unknown>) => [kind, nodes, action]), [
      ["orphan", ["c0"], "terminate"],
    ]);
    assertEquals(site.live().length, 2);

    assertEquals((await site.run(["reconcile", "--apply"])).code, 3);
    assertEquals(site.live().length, 1);
    const after = await site.run(["reconcile"]);
    assertEquals([after.code, after.stdout], [0, "Slurm's nodes and EC2's instances fit together.\n"]);
  }));

Deno.test("reconcile does nothing when EC2 does not say", () =>
  withHookSite({ accessKey: undefined }, async (site) => {
    const { code, stdout } = await site.run(["reconcile", "--apply"]);
    assertEquals(code, 1);
    assertStringIncludes(stdout, "Nothing was compared: ");
    assertEquals(site.slurm().calls.filter(([verb]) => verb === "update"), []);
  }));

Deno.test("findingsText() says what a person can do next, and what it costs", { permissions: "none" }, () => {
  const finding = {
    kind: "orphan",
    nodes: ["c0", "c1"],
    instanceIds: ["i-0", "i-1"],
    evidence: "they run",
    action: "terminate",
    usdPerHour: 0.2,
    usdSoFar: 1,
    deferred: true,
  } as const;
  const text = findingsText({ applied: false, findings: [finding] });
  assertStringIncludes(text, "c[0-1] i-0 i-1: they run (0.20 USD/h, 1.00 USD so far) -> terminate");
  assertStringIncludes(text, "--force");
  assertStringIncludes(text, "slurm-ec2 reconcile --apply");
});
