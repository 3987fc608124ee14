import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { HookSite } from "./hook_site.ts";

/** The nodes have their verdict, slurmctld shows it, nothing runs, and the reason says what it must. */
export async function assertRefused(site: HookSite, ...says: readonly string[]): Promise<void> {
  const { code, json, stdout, stderr } = await site.run(["resume", "--json", "c[0-1]"]);
  assertEquals(code, 1, stdout + stderr);
  assertEquals(json().nodes, { c0: "down", c1: "down" });
  for (const node of ["c0", "c1"]) {
    const { state, reason } = site.slurm().nodes[node]!;
    assertStringIncludes(state, "DOWN");
    assert(reason.includes("[slurm-ec2 until="), reason);
    for (const words of says) assertStringIncludes(reason, words);
    assertStringIncludes(site.log(), reason);
  }
  assertEquals(site.live(), []);
}
