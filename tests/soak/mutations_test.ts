import { assertEquals } from "@std/assert";
import { RULES } from "./chaos/rules.ts";
import { MUTATIONS } from "./controller_mutations.ts";
import { STORE_MUTATIONS } from "./store_mutations.ts";

const ROOT = new URL("../../", import.meta.url);

/** How often a text stands in a file. */
function times(path: string, text: string): number {
  return Deno.readTextFileSync(new URL(path, ROOT)).split(text).length - 1;
}

Deno.test("Every edit that breaks a rule of the controller fits its source once", () => {
  const edits = [...MUTATIONS, ...Object.entries(RULES).map(([name, rule]) => ({ name, ...rule }))];
  const stale = edits.filter(({ file, from }) => times(`lib/controller/${file}`, from) !== 1);
  assertEquals(stale.map(({ name }) => name), []);
});

Deno.test("Every edit that takes a protection of the store away fits its source once", () => {
  const stale = STORE_MUTATIONS.filter(({ file, from }) => times(`lib/store/${file}`, from) !== 1);
  assertEquals(stale.map(({ name }) => name), []);
});
