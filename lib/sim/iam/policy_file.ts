import { partitionOf } from "../../aws/partition.ts";
import { readPolicy } from "./read_policy.ts";
import type { Statement } from "./statement.ts";

/** What CloudFormation fills in by itself. */
export interface FileScope {
  readonly region: string;
  /** Twelve digits. */
  readonly account: string;
}

/** What reading a file came to; with problems, its statements must not be used. */
export interface ReadPolicyFile {
  readonly statements: readonly Statement[];
  /** Each with file and place, e.g. `controller.json: Statement[0].Effect: …`. */
  readonly problems: readonly string[];
}

/**
 * The statements of a file: one policy, a list of policies that are attached together, or a CloudFormation template
 * whose policies need nothing of a stack.
 * @param data What the file's JSON or YAML holds.
 */
export function readPolicyFile(data: unknown, file: string, scope: FileScope): ReadPolicyFile {
  const found = documents(data, scope);
  if (found.length === 0) {
    return {
      statements: [],
      problems: [`${file}: holds no policy: neither a Statement nor an AWS::IAM::ManagedPolicy`],
    };
  }
  const read = found.map(({ policy }) => readPolicy(policy));
  return {
    statements: read.flatMap(({ statements }) => statements),
    problems: read.flatMap(({ problems }, i) => problems.map((one) => `${file}${found[i]!.place}: ${one}`)),
  };
}

/** A policy, and where in its file it is: nothing, `[1]` or ` ControllerPolicy`. */
interface PolicyAt {
  readonly place: string;
  readonly policy: unknown;
}

function documents(data: unknown, scope: FileScope): PolicyAt[] {
  if (Array.isArray(data)) return data.map((policy, i) => ({ place: `[${i}]`, policy }));
  if (typeof data !== "object" || data === null || !("Resources" in data)) {
    return [{ place: "", policy: data }];
  }
  return Object.entries((data.Resources ?? {}) as Readonly<Record<string, TemplateResource>>).flatMap(
    ([name, { Type, Properties }]) =>
      POLICY_TYPES.includes(Type ?? "")
        ? [{ place: ` ${name}`, policy: substituted(Properties?.PolicyDocument, scope) }]
        : [],
  );
}

interface TemplateResource {
  readonly Type?: string;
  readonly Properties?: { readonly PolicyDocument?: unknown };
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_IAM.html */
const POLICY_TYPES = [
  "AWS::IAM::ManagedPolicy",
  "AWS::IAM::Policy",
  "AWS::IAM::RolePolicy",
  "AWS::IAM::UserPolicy",
];

/** The texts of `Fn::Sub` filled in, as far as they need no stack; what does need one is left for IAM to refuse. */
function substituted(value: unknown, scope: FileScope): unknown {
  if (Array.isArray(value)) return value.map((one) => substituted(one, scope));
  if (typeof value !== "object" || value === null) return value;
  if ("Fn::Sub" in value && typeof value["Fn::Sub"] === "string") return filledIn(value["Fn::Sub"], scope);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, substituted(one, scope)]));
}

function filledIn(text: string, { region, account }: FileScope): string {
  const known: Readonly<Record<string, string>> = {
    "AWS::AccountId": account,
    "AWS::Partition": partitionOf(region).id,
    "AWS::Region": region,
  };
  return text.replace(
    /\$\{(!?)([^}]*)\}/g,
    (found, escaped: string, name: string) => escaped !== "" ? `\${${name}}` : known[name] ?? found,
  );
}
