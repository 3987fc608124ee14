import { errorAdvice } from "../aws/advice.ts";
import { classOfError } from "../aws/error_codes.ts";

/** What to do about an error of AWS, for somebody who is running the checks already. */
export function mendError(error: { readonly code: string; readonly httpStatus?: number }): string {
  return errorAdvice(classOfError(error)).replace(/[;:] `doctor` tests them$/, "");
}
