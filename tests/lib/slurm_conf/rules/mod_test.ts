import { assert, assertEquals, assertMatch } from "@std/assert";
import { RULES } from "../../../../lib/slurm_conf/rules/mod.ts";
import { versionsIn } from "../../../../lib/slurm_conf/versions.ts";

Deno.test("RULES have unique ids of the four families, in order", { permissions: "none" }, () => {
  const ids = RULES.map((rule) => rule.id);
  assertEquals(ids, [...new Set(ids)].sort());
  for (const id of ids) assertMatch(id, /^(CF|CL|PS|SC)\d{3}$/);
});

Deno.test("RULES say in full what they are about", { permissions: "none" }, () => {
  for (const rule of RULES) {
    assertMatch(rule.title, /^[A-Z\w*].*[^.]$/, rule.id);
    for (const text of [rule.what, rule.why, rule.remedy]) {
      assertMatch(text, /^[\w`"0-9].*[.`]$/s, `${rule.id}: ${text}`);
      assert(!/undefined|\$\{/.test(text), `${rule.id}: ${text}`);
    }
  }
});

Deno.test("RULES name public pages as their sources", { permissions: "none" }, () => {
  const publicHosts = ["slurm.schedmd.com", "github.com", "docs.aws.amazon.com"];
  for (const rule of RULES) {
    assert(rule.sources.length > 0, rule.id);
    for (const source of rule.sources) {
      const url = new URL(source);
      assertEquals(url.protocol, "https:");
      assert(publicHosts.includes(url.host), `${rule.id}: ${source}`);
    }
  }
});

Deno.test("RULES hold for a supported release each", { permissions: "none" }, () => {
  for (const rule of RULES) assert(versionsIn(rule.versions).length > 0, rule.id);
});

Deno.test("RULES that slurmctld refuses are errors", { permissions: "none" }, () => {
  for (const rule of RULES) if (rule.daemon === "refuses") assertEquals(rule.severity, "error", rule.id);
});
