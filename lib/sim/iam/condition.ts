import type { Condition, Context, Operator } from "./statement.ts";
import { fits, literal } from "./wildcard.ts";

/**
 * Whether a condition holds for a request
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html and, for
 * keys of several values, reference_policies_condition-single-vs-multi-valued-context-keys.html).
 */
export function holds(condition: Condition, context: Context): boolean {
  const { quantifier, operator, ifExists, values } = condition;
  const given = find(context, condition.key);
  if (operator === "Null") return values.includes(String(given === undefined));
  const [test, negated] = TESTS[operator];
  const passes = (value: string) => values.some((wanted) => test(wanted, value)) !== negated;
  if (given === undefined) {
    return ifExists || negated && quantifier === undefined || quantifier === "ForAllValues";
  }
  const present = typeof given === "string" ? [given] : given;
  return quantifier === "ForAllValues" ? present.every(passes) : present.some(passes);
}

/** Names of condition keys ignore case (reference_policies_elements_condition.html). */
function find(context: Context, key: string): string | readonly string[] | undefined {
  const wanted = key.toLowerCase();
  const found = Object.keys(context).find((one) => one.toLowerCase() === wanted);
  return found === undefined ? undefined : context[found];
}

type Test = (wanted: string, given: string) => boolean;

const equals: Test = (wanted, given) => literal(wanted) === given;
const equalsIgnoreCase: Test = (wanted, given) => literal(wanted).toLowerCase() === given.toLowerCase();

/** Each of the six parts of an ARN is compared by itself; ArnEquals does what ArnLike does. */
const arnLike: Test = (wanted, given) => {
  const [wantedParts, givenParts] = [arnParts(wanted), arnParts(given)];
  return wantedParts.length === givenParts.length &&
    wantedParts.every((part, i) => fits(part, givenParts[i]!));
};

function arnParts(arn: string): string[] {
  const parts = arn.split(":");
  return [...parts.slice(0, 5), ...(parts.length > 5 ? [parts.slice(5).join(":")] : [])];
}

/** What each operator compares, and whether it holds where the comparison fails. */
const TESTS: Readonly<Record<Exclude<Operator, "Null">, readonly [test: Test, negated: boolean]>> = {
  StringEquals: [equals, false],
  StringNotEquals: [equals, true],
  StringEqualsIgnoreCase: [equalsIgnoreCase, false],
  StringNotEqualsIgnoreCase: [equalsIgnoreCase, true],
  StringLike: [fits, false],
  StringNotLike: [fits, true],
  ArnEquals: [arnLike, false],
  ArnNotEquals: [arnLike, true],
  ArnLike: [arnLike, false],
  ArnNotLike: [arnLike, true],
  Bool: [equalsIgnoreCase, false],
};
