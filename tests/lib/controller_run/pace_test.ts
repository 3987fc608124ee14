import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Pace, pauseAfter, type Why } from "../../../lib/controller_run/pace.ts";

const pure = { permissions: "none" } as const;
const WHYS: readonly Why[] = [
  "throttle",
  "network",
  "credentials",
  "not-found",
  "slurmctld-away",
  "pool",
  "fault",
];

Deno.test(
  "pauseAfter() waits half a second and up to as much again after the first throttle, and grows",
  pure,
  () => {
    assertEquals(pauseAfter("throttle", 1, 0), 500);
    assertEquals(pauseAfter("throttle", 1, 1), 1000);
    assertEquals(pauseAfter("throttle", 2, 0), 1000);
    assertEquals(pauseAfter("throttle", 20, 0), 1500);
  },
);

Deno.test(
  "pauseAfter() never shrinks from try to try and never passes its longest pause twice over",
  pure,
  () => {
    fc.assert(fc.property(
      fc.constantFrom(...WHYS),
      fc.integer({ min: 1, max: 10_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (why, tries, random) => {
        const pause = pauseAfter(why, tries, random);
        assert(pause > 0 && pauseAfter(why, tries + 1, random) >= pause, `${why} ${tries}`);
        assert(pause <= 2 * 120_000);
      },
    ));
  },
);

Deno.test("Pace keeps subjects of one refused call together and leaves others alone", pure, () => {
  const pace = new Pace();
  pace.refused(["a", "b"], "throttle", { now: 1000, random: 0.3 });
  assertEquals(pace.readyAt("a"), pace.readyAt("b"));
  assertEquals(pace.readyAt("a"), 1650);
  assertEquals(pace.readyAt("c"), 0);
});

Deno.test("Pace counts the next refusal as the first when the subject went through in between", pure, () => {
  const pace = new Pace();
  for (const now of [0, 1000, 2000]) pace.refused(["a"], "network", { now, random: 0 });
  assertEquals(pace.readyAt("a"), 6000);
  pace.done(["a"], 10_000, 0);
  pace.refused(["a"], "network", { now: 10_000, random: 0 });
  assertEquals(pace.readyAt("a"), 11_000);
});

Deno.test(
  "Pace does not let a subject that went through be asked for again at once where it is to rest",
  pure,
  () => {
    const pace = new Pace();
    pace.done(["list"], 1000, 200);
    assertEquals(pace.readyAt("list"), 1200);
    pace.forgetBefore(2000);
    assertEquals(pace.readyAt("list"), 0);
  },
);
