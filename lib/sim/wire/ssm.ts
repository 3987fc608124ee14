import * as v from "valibot";
import type { Actions } from "../actions.ts";
import { parameterArn } from "../iam/arns.ts";
import type { ShownParameter } from "../parameters.ts";
import { notModelled, Refusal } from "../refusal.ts";
import type { World } from "../world.ts";

/** The actions of Parameter Store that the simulator answers. */
export type SsmAction = "GetParameter" | "GetParameters" | "GetParametersByPath" | "PutParameter";

const filter = v.strictObject({
  Key: v.string(),
  Option: v.optional(v.string()),
  Values: v.optional(v.array(v.string())),
});

/** Each action's request as its API reference has it: what is not here is not modelled, and refused. */
const REQUESTS = {
  GetParameter: v.strictObject({ Name: v.string(), WithDecryption: v.optional(v.boolean()) }),
  GetParameters: v.strictObject({ Names: v.array(v.string()), WithDecryption: v.optional(v.boolean()) }),
  GetParametersByPath: v.strictObject({
    Path: v.string(),
    Recursive: v.optional(v.boolean()),
    ParameterFilters: v.optional(v.array(filter)),
    WithDecryption: v.optional(v.boolean()),
    MaxResults: v.optional(v.number()),
    NextToken: v.optional(v.string()),
  }),
  PutParameter: v.strictObject({
    Name: v.string(),
    Value: v.string(),
    // No call that the simulator answers shows it.
    Description: v.optional(v.string()),
    Type: v.optional(v.picklist(["String", "StringList", "SecureString"])),
    KeyId: v.optional(v.string()),
    Overwrite: v.optional(v.boolean()),
    AllowedPattern: v.optional(v.string()),
    Tags: v.optional(v.array(v.strictObject({ Key: v.string(), Value: v.string() }))),
    Tier: v.optional(v.picklist(["Standard", "Advanced", "Intelligent-Tiering"])),
    DataType: v.optional(v.string()),
  }),
} as const;

/** Whether a name is one of the actions above. */
export function isSsmAction(name: string): name is SsmAction {
  return Object.hasOwn(REQUESTS, name);
}

/**
 * Reads the JSON of a request.
 * @throws {Refusal} `SerializationException` or `ValidationException`.
 */
export function ssmRequest<A extends SsmAction>(action: A, body: string): Actions[A]["request"] {
  let data: unknown;
  try {
    data = JSON.parse(body || "{}");
  } catch {
    throw new Refusal("SerializationException", "The request body is not JSON");
  }
  const parsed = v.safeParse(REQUESTS[action], data);
  if (parsed.success) return parsed.output as Actions[A]["request"];
  const [issue] = parsed.issues;
  const field = v.getDotPath(issue);
  if (issue.type === "strict_object" && issue.expected === "never") {
    throw notModelled(`the field ${field} of ${action}`);
  }
  throw new Refusal(
    "ValidationException",
    `1 validation error detected at '${field ?? ""}': ${issue.message}`,
  );
}

/** The JSON that Parameter Store answers an action with. */
export function ssmAnswer<A extends SsmAction>(
  world: World,
  action: A,
  answer: Actions[A]["answer"],
): object {
  return (WRITERS[action] as (answer: Actions[A]["answer"], world: World) => object)(answer, world);
}

const WRITERS: { readonly [A in SsmAction]: (answer: Actions[A]["answer"], world: World) => object } = {
  GetParameter: (parameter, world) => ({ Parameter: parameterJson(world, parameter) }),
  GetParameters: ({ parameters, invalidParameters }, world) => ({
    InvalidParameters: invalidParameters,
    Parameters: parameters.map((one) => parameterJson(world, one)),
  }),
  GetParametersByPath: ({ items, nextToken }, world) => ({
    NextToken: nextToken,
    Parameters: items.map((one) => parameterJson(world, one)),
  }),
  PutParameter: ({ version, tier }) => ({ Tier: tier, Version: version }),
};

function parameterJson(world: World, parameter: ShownParameter): object {
  return {
    ARN: parameterArn(world, parameter.name),
    DataType: parameter.dataType,
    LastModifiedDate: parameter.lastModified / 1000,
    Name: parameter.name,
    Selector: parameter.selector,
    Type: parameter.type,
    Value: parameter.value,
    Version: parameter.version,
  };
}
