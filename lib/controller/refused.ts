import { errorRule } from "../aws/error_codes.ts";
import type { Refused } from "./state.ts";

/** Tries after which nobody who does not answer is waited for any longer: not worth a job's whole ResumeTimeout. */
const THRICE = 3;

/** Whether the same call may still succeed without anybody doing anything, after a number of refusals in a row. */
export function mayPass(code: string, tries: number): boolean {
  const { repeat } = errorRule(code);
  return repeat === "thrice" ? tries < THRICE : repeat !== "never";
}

/** How often in a row something was refused, this refusal counted; another class of refusal begins a new row. */
export function triesOf(before: Pick<Refused, "refusal" | "tries"> | undefined, code: string): number {
  const isSame = before !== undefined && errorRule(before.refusal.code).repeat === errorRule(code).repeat;
  return isSame ? before.tries + 1 : 1;
}
