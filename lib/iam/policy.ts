/** One string or a list of them, as IAM takes both. */
export type OneOrMore = string | readonly string[];

/** Condition operators, each with its keys and the values that they must have. */
export type Conditions = Readonly<Record<string, Readonly<Record<string, OneOrMore>>>>;

/**
 * One statement of an IAM policy; ours only allow.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
 */
export interface Statement {
  /** Letters and digits; unique within the policy. */
  readonly Sid: string;
  /** Always `Allow`. */
  readonly Effect: "Allow";
  /** What may be called, e.g. `ec2:RunInstances`. */
  readonly Action: OneOrMore;
  /** ARNs, with wildcards. */
  readonly Resource: OneOrMore;
  /** All must hold. */
  readonly Condition?: Conditions;
}

/** An identity-based policy. */
export interface PolicyDocument {
  /** Version of the policy language. */
  readonly Version: "2012-10-17";
  /** Each stands for itself: any of them allows. */
  readonly Statement: readonly Statement[];
}

/**
 * Characters that IAM takes, white space not counted: in a managed policy, and in all inline policies of one role,
 * group or user together. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
export const POLICY_LIMITS = { managed: 6_144, role: 10_240, group: 5_120, user: 2_048 } as const;

/** A policy out of statements; those without a resource are left out, since they would allow nothing. */
export function policyDocument(statements: readonly (Statement | undefined)[]): PolicyDocument {
  const kept = statements.filter((statement) => statement !== undefined);
  return { Version: "2012-10-17", Statement: kept.filter(({ Resource }) => Resource.length > 0) };
}

/**
 * Managed policies that one role, group or user takes, unless the account has asked for more (20 at most).
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
export const ATTACHED_POLICIES_MAX = 10;

/** Size of a policy as IAM counts it: characters without white space. */
export function policySize(policy: PolicyDocument): number {
  return sizeOf(policy);
}

function sizeOf(value: unknown): number {
  return JSON.stringify(value).replace(/\s/g, "").length;
}

/**
 * The same permissions as policies that each keep within a limit, to be attached together: statements stand for
 * themselves, and so do the resources of one statement.
 * @param limit Characters, see {@link POLICY_LIMITS}.
 * @throws {RangeError} when one resource of a statement alone is too long for it.
 */
export function splitPolicy(policy: PolicyDocument, limit: number): PolicyDocument[] {
  const parts: Statement[][] = [];
  for (const statement of policy.Statement.flatMap((one) => splitStatement(one, limit))) {
    const roomy = parts.find((part) => policySize(policyDocument([...part, statement])) <= limit);
    if (roomy) roomy.push(statement);
    else parts.push([statement]);
  }
  return parts.map(policyDocument);
}

/** A statement as numbered ones, each with as many of its resources as fit. */
function splitStatement(statement: Statement, limit: number): Statement[] {
  if (policySize(policyDocument([statement])) <= limit) return [statement];
  const parts: string[][] = [[]];
  let size = Infinity;
  const empty = policySize({ ...policyDocument([]), Statement: [numbered(statement, NUMBERS_MAX, [])] });
  for (const resource of listOf(statement.Resource)) {
    const more = sizeOf(resource) + 1;
    if (empty + more > limit) {
      throw new RangeError(`Statement ${statement.Sid} does not fit into ${limit} characters, even alone`);
    }
    if (size + more > limit) {
      parts.push([]);
      size = empty;
    }
    parts.at(-1)!.push(resource);
    size += more;
  }
  return parts.filter((resources) => resources.length > 0).map((resources, i) =>
    numbered(statement, i + 1, resources)
  );
}

/** Leaves room for the number of any part. */
const NUMBERS_MAX = 999;

function numbered(statement: Statement, number: number, Resource: readonly string[]): Statement {
  return { ...statement, Sid: `${statement.Sid}${number}`, Resource };
}

/** One or more as a list. */
export function listOf(value: OneOrMore): readonly string[] {
  return typeof value === "string" ? [value] : value;
}

/** The shorter form where there is one value only. */
export function single(value: OneOrMore): OneOrMore {
  return value.length === 1 ? value[0]! : value;
}
