import type { PolicyDocument } from "../../../lib/iam/policy.ts";
import { evaluate } from "../../../lib/sim/iam/evaluate.ts";
import { readPolicy } from "../../../lib/sim/iam/read_policy.ts";
import type { Context, Statement } from "../../../lib/sim/iam/statement.ts";

/** One resource of a request, and what is known when it is judged. */
export interface Judged {
  readonly action: string;
  readonly arn: string;
  /** Condition keys; absent keys are not part of the request. */
  readonly context?: Context;
}

/** What the simulated AWS makes of a policy of ours, which must have nothing that it does not know. */
export function statementsOf(policy: PolicyDocument): readonly Statement[] {
  const { statements, problems } = readPolicy(policy);
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return statements;
}

/** Whether a policy allows an action on a resource. */
export function isAllowed(policy: PolicyDocument, { action, arn, context = {} }: Judged): boolean {
  return evaluate(statementsOf(policy), { action, resource: arn, context }) === "allowed";
}

/** The same policy without one action; a statement that had no other is gone. */
export function without(policy: PolicyDocument, action: string): PolicyDocument {
  const Statement = policy.Statement.map((one) => ({
    ...one,
    Action: [one.Action].flat().filter((known) => known !== action),
  }));
  return { ...policy, Statement: Statement.filter(({ Action }) => Action.length > 0) };
}
