/**
 * Takes the store's protections away one at a time in a copy, and runs its tests there: a damaged, foreign, newer or
 * removed database, links, a killed worker, a request cut short. `deno task teeth:store [PART_OF_NAME]`; exits 1 if a
 * break goes unnoticed, or no longer fits the source.
 */
import { STORE_MUTATIONS } from "./store_mutations.ts";
import { showTeeth } from "./teeth.ts";

await showTeeth({
  sources: "lib/store",
  tests: "tests/lib/store",
  parts: ["tests/fixtures", "tests/test_where.ts"],
  slow: ["killed_test.ts", "disk_test.ts"],
  mutations: STORE_MUTATIONS,
}, Deno.args[0]);
