import { missingPrograms } from "../test_where.ts";
import { killedGroups, pairsOfHooks } from "../deploy/hook_trials.ts";

/**
 * The long form of tests/deploy/hook_trials_test.ts: 300 kills of a hook's process group and 600 pairs of hooks, under
 * each shell. Prints one JSON line a shell; fails unless every request was served.
 */
if (import.meta.main) {
  const missing = missingPrograms("dash", "bash", "setsid", "flock", "dd");
  if (missing !== undefined) throw new Error(missing);
  let bad = false;
  for (const shell of ["dash", "bash"] as const) {
    const [kills, pairs] = [300, 600];
    const alive = await killedGroups(kills, { shell });
    const lying = await pairsOfHooks(pairs, { shell });
    bad ||= alive !== kills || lying !== 0;
    console.log(JSON.stringify({ shell, kills, alive, pairs, lying }));
  }
  if (bad) throw new Error("Requests were lost");
}
