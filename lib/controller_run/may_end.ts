import type { StepResult } from "../controller/step.ts";

/** How long ago the timer may have run to be counted on, and how far ahead it is left to see to things; milliseconds. */
const TIMER = { fresh: 3 * 60_000, ahead: 15 * 60_000 };

/**
 * Whether a worker may end after this step: all is as Slurm wants it, and nothing gets due by itself; what gets due
 * in a quarter of an hour or later may be left to the timer, where that has run a short while ago.
 * @param timerAge Milliseconds since the timer last ran; undefined: never
 */
export function mayEnd(
  { settled, dueAt }: Pick<StepResult, "settled" | "dueAt">,
  clock: number,
  timerAge: number | undefined,
): boolean {
  if (!settled) return false;
  if (dueAt === undefined) return true;
  return timerAge !== undefined && timerAge < TIMER.fresh && dueAt - clock > TIMER.ahead;
}
