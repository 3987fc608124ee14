import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { deadlines } from "../../../lib/cluster/deadlines.ts";

const pure = { permissions: "none" } as const;

for (
  const [what, timeouts, boot, verdict, launch] of [
    ["ResumeTimeout kills the hook", { resume: 600, hook: 600 }, 180, 590, 420],
    ["SuspendTimeout is longer", { resume: 600, hook: 900 }, 180, 890, 420],
    ["Slurm's defaults leave no time for a boot", { resume: 60, hook: 60 }, 180, 50, 10],
    ["a boot takes just as long as it may", { resume: 190, hook: 190 }, 180, 180, 10],
    ["the timeouts are shorter than what is kept for the verdicts", { resume: 5, hook: 5 }, 180, 10, 10],
  ] as const
) {
  Deno.test(`deadlines() when ${what}: verdict ${verdict} s, launch ${launch} s`, pure, () => {
    assertEquals(deadlines(timeouts, boot), { verdict, launch });
  });
}

Deno.test("deadlines() launch never after the verdict, and both leave time to act", pure, () => {
  const seconds = fc.nat(100_000);
  fc.assert(fc.property(seconds, seconds, seconds, (resume, hook, boot) => {
    const { verdict, launch } = deadlines({ resume, hook }, boot);
    assert(launch <= verdict && launch >= 10 && verdict <= Math.max(hook - 10, 10));
  }));
});
