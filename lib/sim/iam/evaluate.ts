import { holds } from "./condition.ts";
import type { Patterns, Question, Statement } from "./statement.ts";
import { fits } from "./wildcard.ts";

/** What policies say to one question: a Deny outweighs every Allow, and what nothing allows is denied too. */
export type Verdict = "allowed" | "explicitly denied" | "not allowed";

/**
 * Judges as IAM does where an account has identity-based policies only
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html).
 */
export function evaluate(statements: readonly Statement[], question: Question): Verdict {
  const concerning = statements.filter((statement) => concerns(statement, question));
  if (concerning.some(({ effect }) => effect === "Deny")) return "explicitly denied";
  return concerning.length > 0 ? "allowed" : "not allowed";
}

function concerns({ action, resource, conditions }: Statement, question: Question): boolean {
  return named(action, question.action, true) && named(resource, question.resource) &&
    conditions.every((condition) => holds(condition, question.context));
}

/** Names of actions ignore case (reference_policies_elements_action.html). */
function named({ not, patterns }: Patterns, text: string, ignoreCase = false): boolean {
  return patterns.some((pattern) => fits(pattern, text, ignoreCase)) !== not;
}
