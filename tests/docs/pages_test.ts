import { assert, assertEquals } from "@std/assert";
import { RULES } from "../../lib/slurm_conf/rules/mod.ts";
import { formatted } from "./markdown.ts";
import { PAGES } from "./pages.ts";

for (const [path, page] of Object.entries(PAGES)) {
  Deno.test(`${path} is what the program makes it`, async () => {
    const text = await Deno.readTextFile(new URL(`../../${path}`, import.meta.url));
    assertEquals(text, await formatted(page()), "run deno task docs");
  });
}

Deno.test("docs/lint_rules.md shows every rule with a bad and a good example", async () => {
  const text = await Deno.readTextFile(new URL("../../docs/lint_rules.md", import.meta.url));
  for (const { id } of RULES) {
    const [, section = ""] = text.split(`\n## ${id}\n`);
    const own = section.split("\n## ")[0]!;
    assert(own.includes("Reported:") && own.includes("Not reported:"), id);
  }
});
