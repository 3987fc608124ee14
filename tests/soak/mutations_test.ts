import { assertEquals } from "@std/assert";
import { RULES } from "./chaos/rules.ts";
import { MUTATIONS } from "./controller_mutations.ts";

const CONTROLLER = new URL("../../lib/controller/", import.meta.url);

/** How often a text stands in a file of the controller. */
function times(file: string, text: string): number {
  return Deno.readTextFileSync(new URL(file, CONTROLLER)).split(text).length - 1;
}

Deno.test("Every edit that breaks a rule of the controller fits its source once", () => {
  const edits = [...MUTATIONS, ...Object.entries(RULES).map(([name, rule]) => ({ name, ...rule }))];
  assertEquals(edits.filter(({ file, from }) => times(file, from) !== 1).map(({ name }) => name), []);
});
