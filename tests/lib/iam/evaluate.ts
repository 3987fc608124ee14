import { listOf, type PolicyDocument, type Statement } from "../../../lib/iam/policy.ts";

/** One resource of a request, and what is known when it is judged. */
export interface Judged {
  readonly action: string;
  readonly arn: string;
  /** Condition keys; absent keys are not part of the request. */
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}

/**
 * Whether a policy allows an action on a resource, by IAM's own rules
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html), of
 * which the tests know the operators that our policies use; any other operator is an error.
 */
export function isAllowed(policy: PolicyDocument, judged: Judged): boolean {
  return policy.Statement.some((statement) => fits(statement, judged));
}

function fits({ Action, Resource, Condition }: Statement, { action, arn, context = {} }: Judged): boolean {
  return listOf(Action).some((pattern) => like(pattern, action)) &&
    listOf(Resource).some((pattern) => like(pattern, arn)) &&
    Object.entries(Condition ?? {}).every(([operator, keys]) =>
      Object.entries(keys).every(([key, values]) => holds(operator, context[key], listOf(values)))
    );
}

function holds(
  operator: string,
  given: string | readonly string[] | undefined,
  wanted: readonly string[],
): boolean {
  const present = given === undefined ? [] : listOf(given);
  switch (operator) {
    case "StringEquals":
    case "Bool":
      return typeof given === "string" && wanted.includes(given);
    case "ForAllValues:StringLike":
      return present.every((value) => wanted.some((pattern) => like(pattern, value)));
    case "ForAnyValue:StringEquals":
      return present.some((value) => wanted.includes(value));
    default:
      throw new Error(`The tests don't know condition operator ${operator}`);
  }
}

/** IAM's wildcards: `*` for any characters, `?` for one, `${*}` for the character itself. */
function like(pattern: string, text: string): boolean {
  const source = pattern.replace(
    /\$\{([*?$])\}|[*?]|[.+^${}()|[\]\\]/g,
    (found, literal?: string) =>
      literal !== undefined ? `\\${literal}` : found === "*" ? ".*" : found === "?" ? "." : `\\${found}`,
  );
  return new RegExp(`^${source}$`, "s").test(text);
}
