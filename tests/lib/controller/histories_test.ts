import { assertEquals } from "@std/assert";
import { HISTORY_KINDS, playHistory } from "./histories.ts";

/** Seeds of each kind that CI plays; `deno task soak:controller` plays thousands. */
const SEEDS = 8;

for (const [kind, options] of Object.entries(HISTORY_KINDS)) {
  Deno.test(`step() brings random histories ${kind} to rest`, { permissions: "none" }, () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { problems, trace } = playHistory(seed, options);
      assertEquals(problems, [], `seed ${seed} ${kind}:\n${trace.join("\n")}`);
    }
  });
}
