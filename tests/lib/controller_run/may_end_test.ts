import { assertEquals } from "@std/assert";
import { mayEnd } from "../../../lib/controller_run/may_end.ts";

const pure = { permissions: "none" } as const;
const MINUTE = 60_000;

const CASES: readonly (readonly [
  what: string,
  result: { readonly settled: boolean; readonly dueAt?: number },
  timerAge: number | undefined,
  ends: boolean,
])[] = [
  ["nothing is due", { settled: true }, undefined, true],
  ["something is not as Slurm wants it", { settled: false }, MINUTE, false],
  ["something gets due and no timer runs", { settled: true, dueAt: 1000 * MINUTE }, undefined, false],
  ["the timer ran long ago", { settled: true, dueAt: 1000 * MINUTE }, 3 * MINUTE, false],
  ["the timer will see to it", { settled: true, dueAt: 16 * MINUTE }, MINUTE, true],
  ["it is due within a quarter of an hour", { settled: true, dueAt: 15 * MINUTE }, MINUTE, false],
  ["it is overdue", { settled: true, dueAt: -1 }, MINUTE, false],
];

for (const [what, result, timerAge, ends] of CASES) {
  Deno.test(`mayEnd() says ${ends ? "yes" : "no"} when ${what}`, pure, () => {
    assertEquals(mayEnd(result, 0, timerAge), ends);
  });
}
