import { HISTORY_KINDS, playHistory } from "../lib/controller/histories.ts";

// Plays random histories against the controller: controller_soak.ts [COUNT] [FIRST_SEED] [KIND]; exits 1 if one ends wrong.
const [count = "1000", first = "1", only] = Deno.args;
let bad = 0;
for (const [kind, options] of Object.entries(HISTORY_KINDS)) {
  if (only !== undefined && kind !== only) continue;
  const began = Date.now();
  let wrong = 0;
  for (let seed = Number(first); seed < Number(first) + Number(count); seed++) {
    const { problems } = playHistory(seed, options);
    if (problems.length === 0) continue;
    wrong++;
    console.log(`seed ${seed}, ${kind}: ${problems.join("; ")}`);
  }
  console.log(
    `${kind}: ${count} seeds from ${first}, ${wrong} bad, ${Math.round((Date.now() - began) / 1_000)} s`,
  );
  bad += wrong;
}
if (bad > 0) Deno.exit(1);
