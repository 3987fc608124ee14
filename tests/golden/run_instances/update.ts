import { CASES, goldenText } from "../../lib/power_up/run_instances_cases.ts";

// deno run -A tests/golden/run_instances/update.ts: rewrites every golden request; then read the diff.
for (const name of Object.keys(CASES)) {
  await Deno.writeTextFile(new URL(`${name}.json`, import.meta.url), goldenText(name));
}
