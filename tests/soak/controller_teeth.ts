/**
 * Breaks the controller's rules one at a time in a copy, and runs its tests there: each broken rule must make them fail.
 * `deno task teeth:controller [PART_OF_NAME]`; exits 1 if a break goes unnoticed, or no longer fits the source.
 */
import { MUTATIONS } from "./controller_mutations.ts";
import { showTeeth } from "./teeth.ts";

await showTeeth({
  sources: "lib/controller",
  tests: "tests/lib/controller",
  parts: ["tests/fixtures", "tests/lib/iam"],
  slow: ["cases_test.ts", "histories_test.ts", "capacity_histories_test.ts"],
  mutations: MUTATIONS,
}, Deno.args[0]);
