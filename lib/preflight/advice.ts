import { errorAdvice } from "../aws/advice.ts";

/** What to do about an error of AWS, for somebody who is running the checks already. */
export function adviceOn(error: Parameters<typeof errorAdvice>[0]): string {
  return errorAdvice(error).replace(/[;:] `doctor` tests them$/, "");
}
