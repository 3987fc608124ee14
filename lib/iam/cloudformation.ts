import type { PolicyDocument } from "./policy.ts";

/** What CloudFormation fills in when it makes the policy. */
export const CLOUDFORMATION_SCOPE = { partition: "${AWS::Partition}", account: "${AWS::AccountId}" } as const;

/** Parts of a policy as a template wants them. */
export interface TemplateInput {
  /** Beginning of the resources' names, e.g. `ControllerPolicy`. */
  readonly name: string;
  /** One sentence. */
  readonly description: string;
  /** At least one; each becomes a managed policy. */
  readonly policies: readonly PolicyDocument[];
}

/**
 * A CloudFormation template, as data, whose managed policies can be attached to a role or to a user.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-managedpolicy.html
 */
export function cloudformationTemplate({ name, description, policies }: TemplateInput): object {
  const names = policies.map((_, i) => (policies.length === 1 ? name : `${name}${i + 1}`));
  return {
    AWSTemplateFormatVersion: "2010-09-09",
    Description: description,
    Resources: Object.fromEntries(policies.map((PolicyDocument, i) => [names[i]!, {
      Type: "AWS::IAM::ManagedPolicy",
      Properties: { Description: description, PolicyDocument: substituted(PolicyDocument) },
    }])),
    Outputs: Object.fromEntries(names.map((one) => [`${one}Arn`, {
      Description: "Attach this policy",
      Value: { Ref: one },
    }])),
  };
}

/** Strings with one of CloudFormation's own values are marked to be filled in; IAM's variables stay as they are. */
function substituted(value: unknown): unknown {
  if (typeof value === "string") {
    return value.includes("${AWS::") ? { "Fn::Sub": value.replace(/\$\{([*?$])\}/g, "${!$1}") } : value;
  }
  if (Array.isArray(value)) return value.map(substituted);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, substituted(item)]));
}
