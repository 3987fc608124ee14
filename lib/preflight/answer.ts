/** What AWS said of one thing: here it is, there is none, or it may not say. */
export type Answer<T> =
  | { readonly kind: "found"; readonly value: T }
  | { readonly kind: "missing" }
  | { readonly kind: "refused"; readonly code: string; readonly message: string };

/** What is not there, for lookups of what was never asked. */
export const MISSING: Answer<never> = { kind: "missing" };

/** The value found, if any. */
export function foundValue<T>(answer: Answer<T> | undefined): T | undefined {
  return answer?.kind === "found" ? answer.value : undefined;
}
