import { didYouMean } from "../../base/did_you_mean.ts";
import { keyKind, knownKeys } from "./keys.ts";
import { type Condition, type Operator, OPERATORS, type Patterns, type Statement } from "./statement.ts";

/** What reading a policy came to; with problems, its statements must not be used. */
export interface ReadPolicy {
  readonly statements: readonly Statement[];
  /** What IAM would refuse or the simulator can't judge, each with its place, e.g. `Statement[0].Effect: …`. */
  readonly problems: readonly string[];
}

/**
 * Reads an identity-based policy. Whatever could allow or deny something and is not understood is a problem: an
 * element, operator or condition key that was passed over would make the judgement wrong.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
export function readPolicy(policy: unknown): ReadPolicy {
  const problems: string[] = [];
  if (!isObject(policy)) return { statements: [], problems: ["is not a policy: a JSON object is wanted"] };
  unknownElements(policy, ["Version", "Id", "Statement"], "", problems);
  const version = policy.Version ?? "2008-10-17";
  if (version !== "2012-10-17" && version !== "2008-10-17") {
    problems.push(`Version: "${version}" is not one that IAM knows (2012-10-17)`);
  }
  const listed = policy.Statement === undefined ? [] : [policy.Statement].flat();
  if (listed.length === 0) problems.push("Statement: is missing");
  checkSids(listed, problems);
  const statements = listed.map((one, i) =>
    readStatement(one, { at: `Statement[${i}]`, variables: version === "2012-10-17", problems })
  );
  return { statements: statements.filter((one) => one !== undefined), problems };
}

/** Letters and digits, each once (reference_policies_elements_sid.html). */
function checkSids(statements: readonly unknown[], problems: string[]): void {
  const sids = statements.map((one) => isObject(one) ? one.Sid : undefined);
  for (const [i, sid] of sids.entries()) {
    if (sid === undefined || sid === "") continue;
    if (typeof sid !== "string" || !/^[A-Za-z0-9]*$/.test(sid)) {
      problems.push(`Statement[${i}].Sid: letters and digits are wanted, not ${JSON.stringify(sid)}`);
    } else if (sids.indexOf(sid) < i) {
      problems.push(`Statement[${i}].Sid: "${sid}" is that of Statement[${sids.indexOf(sid)}], too`);
    }
  }
}

/** Where in a policy something is being read. */
interface Place {
  readonly at: string;
  /** Whether `${…}` means something: not before version 2012-10-17. */
  readonly variables: boolean;
  readonly problems: string[];
}

const ELEMENTS = ["Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"];

function readStatement(statement: unknown, place: Place): Statement | undefined {
  const { at, problems } = place;
  if (!isObject(statement)) {
    problems.push(`${at}: is not a statement: an object is wanted`);
    return undefined;
  }
  unknownElements(statement, ELEMENTS, `${at}.`, problems);
  const effect = statement.Effect;
  if (effect !== "Allow" && effect !== "Deny") {
    problems.push(`${at}.Effect: Allow or Deny is wanted, not ${JSON.stringify(effect)}`);
  }
  return {
    effect: effect === "Deny" ? "Deny" : "Allow",
    action: readPatterns(statement, "Action", place, checkAction),
    resource: readPatterns(statement, "Resource", place, checkResource),
    conditions: readConditions(statement.Condition, { ...place, at: `${at}.Condition` }),
  };
}

function readPatterns(
  statement: Readonly<Record<string, unknown>>,
  name: "Action" | "Resource",
  place: Place,
  check: (pattern: string) => string | undefined,
): Patterns {
  const { at, problems } = place;
  const given = [name, `Not${name}`].filter((one) => statement[one] !== undefined);
  if (given.length !== 1) {
    problems.push(`${at}: needs either ${name} or Not${name}`);
    return { not: false, patterns: [] };
  }
  const element = given[0]!;
  const patterns = readTexts(statement[element], { ...place, at: `${at}.${element}` });
  for (const pattern of patterns) {
    const why = check(pattern) ?? variable(pattern, place);
    if (why !== undefined) problems.push(`${at}.${element}: "${pattern}" ${why}`);
  }
  return { not: element !== name, patterns: name === "Resource" ? patterns.map(wholeArn) : patterns };
}

function checkAction(pattern: string): string | undefined {
  if (/^(\*|[a-z0-9-]+:[A-Za-z0-9*?]+)$/i.test(pattern)) return undefined;
  return "is not an action (e.g. ec2:RunInstances)";
}

function checkResource(pattern: string): string | undefined {
  return /^(\*$|arn:)/.test(pattern) ? undefined : "is not a resource: an ARN or * is wanted";
}

/** What an ARN lacks at its end is filled with wildcards (reference_policies_elements_resource.html). */
function wholeArn(pattern: string): string {
  const parts = pattern.split(":").length;
  return pattern === "*" || parts >= 6 ? pattern : pattern + ":*".repeat(6 - parts);
}

function readConditions(condition: unknown, place: Place): Condition[] {
  const { at, problems } = place;
  if (condition === undefined) return [];
  if (!isObject(condition)) {
    problems.push(`${at}: an object is wanted`);
    return [];
  }
  return Object.entries(condition).flatMap(([name, keys]) => {
    const operator = readOperator(name);
    if (operator === undefined) {
      problems.push(`${at}.${name}: ${unknown("a condition operator", name, OPERATORS)}`);
    }
    if (!isObject(keys)) problems.push(`${at}.${name}: an object is wanted`);
    if (operator === undefined || !isObject(keys)) return [];
    return Object.entries(keys).map(([key, values]) =>
      readCondition(operator, key, { values, place: { ...place, at: `${at}.${name}.${key}` } })
    );
  });
}

/** How a condition compares, without what it compares. */
type Comparison = Pick<Condition, "quantifier" | "operator" | "ifExists">;

function readOperator(name: string): Comparison | undefined {
  const [, quantifier, base = "", ifExists] =
    /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/.exec(name) ?? [];
  const operator = OPERATORS.find((one) => one === base);
  if (operator === undefined || (operator === "Null" && (quantifier ?? ifExists) !== undefined)) {
    return undefined;
  }
  return {
    operator: operator as Operator,
    ifExists: ifExists !== undefined,
    ...(quantifier !== undefined && { quantifier: quantifier as "ForAllValues" | "ForAnyValue" }),
  };
}

function readCondition(
  comparison: Comparison,
  key: string,
  { values, place }: { readonly values: unknown; readonly place: Place },
): Condition {
  const { at, problems } = place;
  const kind = keyKind(key);
  if (kind === undefined) problems.push(`${at}: ${unknown("a condition key", key, knownKeys())}`);
  // IAM takes it, and then it matches nothing or too much.
  if (kind === "several" && comparison.operator !== "Null" && comparison.quantifier === undefined) {
    problems.push(`${at}: has several values, the operator needs ForAllValues: or ForAnyValue:`);
  }
  const texts = readTexts(values, place);
  for (const text of texts) {
    const why = variable(text, place);
    if (why !== undefined) problems.push(`${at}: "${text}" ${why}`);
  }
  return { ...comparison, key, values: texts };
}

/** One value or a list of them; IAM takes numbers and truth values for their texts. */
function readTexts(value: unknown, { at, problems }: Place): string[] {
  const values = [value].flat();
  if (values.length === 0) problems.push(`${at}: names nothing`);
  return values.flatMap((one) => {
    if (typeof one === "string") return [one];
    if (typeof one === "boolean" || typeof one === "number") return [String(one)];
    problems.push(`${at}: a text or a list of texts is wanted, not ${JSON.stringify(one)}`);
    return [];
  });
}

/** What is wrong with the variables in a text; the simulator knows those that stand for a character only. */
function variable(text: string, { variables }: Place): string | undefined {
  if (!text.includes("${")) return undefined;
  if (!variables) return 'has a variable, which needs "Version": "2012-10-17"';
  const [other] = text.replace(/\$\{[*?$]\}/g, "").match(/\$\{[^}]*\}?/) ?? [];
  return other === undefined ? undefined : `has the variable ${other}, which the simulator does not know`;
}

function unknownElements(
  object: Readonly<Record<string, unknown>>,
  known: readonly string[],
  at: string,
  problems: string[],
): void {
  for (const name of Object.keys(object)) {
    if (!known.includes(name)) problems.push(`${at}${name}: ${unknown("an element", name, known)}`);
  }
}

function unknown(noun: string, name: string, known: readonly string[]): string {
  const guess = didYouMean(name, known);
  return `${noun} that the simulator does not know${guess === undefined ? "" : ` (did you mean ${guess}?)`}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
