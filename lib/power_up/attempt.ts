import { AwsError } from "../aws/aws_error.ts";
import type { Refusal } from "./outcome.ts";

/** What a call brought: its value, or AWS's refusal as data. */
export type Attempt<T> =
  | { readonly kind: "done"; readonly value: T }
  | { readonly kind: "refused"; readonly refusal: Refusal };

/** Makes a call and turns AWS's refusal into data; anything else it throws is a fault of ours and goes on. */
export async function attempt<T>(call: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { kind: "done", value: await call() };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return { kind: "refused", refusal: { code: error.code, message: error.message } };
  }
}
