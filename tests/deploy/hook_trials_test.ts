import { assert, assertEquals } from "@std/assert";
import { missingPrograms, testWhere } from "../test_where.ts";
import { killedGroups, pairsOfHooks } from "./hook_trials.ts";

const NOT_HERE = missingPrograms("dash", "bash", "setsid", "flock", "dd");

for (const shell of ["dash", "bash"] as const) {
  testWhere(
    NOT_HERE,
    `hook's worker outlives a SIGKILL of the hook's process group, each of 20 times (sh is ${shell})`,
    async () => {
      assertEquals(await killedGroups(20, { shell }), 20);
    },
  );

  testWhere(NOT_HERE, `hook leaves no request lying, in 30 pairs (sh is ${shell})`, async () => {
    assertEquals(await pairsOfHooks(30, { shell }), 0);
  });
}

testWhere(
  NOT_HERE,
  "hook without a session of its worker's own loses requests to the same SIGKILL",
  async () => {
    const change = (hook: string) =>
      hook.replace(/output=\$\(setsid -f (.*) 2>\/dev\/null\) \|\|/, "$1 >/dev/null 2>&1 & :");
    assert(await killedGroups(3, { change }, 1_000) < 3);
  },
);
