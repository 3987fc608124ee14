import { configurationPage } from "./configuration_page.ts";
import { lintRulesPage } from "./lint_rules_page.ts";
import { formatted } from "./markdown.ts";

/** Documents that are made from the program, by path: `deno task docs` writes them, a test holds them to it. */
export const PAGES: Readonly<Record<string, () => string>> = {
  "docs/configuration.md": configurationPage,
  "docs/lint_rules.md": lintRulesPage,
};

if (import.meta.main) {
  for (const [path, page] of Object.entries(PAGES)) {
    await Deno.writeTextFile(new URL(`../../${path}`, import.meta.url), await formatted(page()));
  }
}
