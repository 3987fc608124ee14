/** What the simulated IAM knows of one statement of an identity-based policy: plain data, checked when it was read. */
export interface Statement {
  readonly effect: "Allow" | "Deny";
  readonly action: Patterns;
  readonly resource: Patterns;
  /** All must hold. */
  readonly conditions: readonly Condition[];
}

/** What an Action, NotAction, Resource or NotResource element names. */
export interface Patterns {
  /** Whether everything but these is meant. */
  readonly not: boolean;
  readonly patterns: readonly string[];
}

/** One key under one operator of a Condition element. */
export interface Condition {
  readonly quantifier?: "ForAllValues" | "ForAnyValue";
  readonly operator: Operator;
  /** Whether it holds too where the request has no such key. */
  readonly ifExists: boolean;
  readonly key: string;
  readonly values: readonly string[];
}

/** The condition operators that the simulator knows. */
export type Operator = typeof OPERATORS[number];

/**
 * The condition operators that the simulator knows
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html). Those for
 * numbers, dates, addresses and binary values are missing: no key that it gives has such values.
 */
export const OPERATORS = [
  "StringEquals",
  "StringNotEquals",
  "StringEqualsIgnoreCase",
  "StringNotEqualsIgnoreCase",
  "StringLike",
  "StringNotLike",
  "ArnEquals",
  "ArnNotEquals",
  "ArnLike",
  "ArnNotLike",
  "Bool",
  "Null",
] as const;

/** What is asked of the policies: one action on one resource. */
export interface Question {
  /** E.g. `ec2:RunInstances`. */
  readonly action: string;
  /** An ARN, or `*` for an action that knows no resources. */
  readonly resource: string;
  /** Condition keys of the request; a list for a key of several values. Absent keys are not part of the request. */
  readonly context: Context;
}

/** One resource of a call, as it is asked for. */
export interface Resource {
  /** Another action than the call's own that it takes. */
  readonly action?: string;
  readonly resource: string;
  readonly context?: Context;
}

/** Condition keys and what they are in a request. */
export type Context = Readonly<Record<string, string | readonly string[] | undefined>>;
