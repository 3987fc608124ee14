import { DRY_RUNS, dryRun, GOLDEN } from "../../deploy/ami_cases.ts";

// deno run -A tests/golden/ami/update.ts: rewrites every golden dry run; then read the diff.
for (const test of DRY_RUNS) await Deno.writeTextFile(new URL(test.name, GOLDEN), (await dryRun(test)).said);
