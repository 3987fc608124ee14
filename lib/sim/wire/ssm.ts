import * as v from "valibot";
import { partitionOf } from "../../aws/partition.ts";
import type { Actions } from "../actions.ts";
import type { ParameterVersion } from "../world.ts";
import { Refusal } from "../refusal.ts";
import type { World } from "../world.ts";

/** The actions of Parameter Store that the simulator answers. */
export type SsmAction = "GetParameter" | "GetParameters" | "GetParametersByPath" | "PutParameter";

/** Each action's request as its API reference has it; fields that change nothing here are let through. */
const REQUESTS = {
  GetParameter: v.object({ Name: v.string(), WithDecryption: v.optional(v.boolean()) }),
  GetParameters: v.object({ Names: v.array(v.string()), WithDecryption: v.optional(v.boolean()) }),
  GetParametersByPath: v.object({
    Path: v.string(),
    Recursive: v.optional(v.boolean()),
    WithDecryption: v.optional(v.boolean()),
    MaxResults: v.optional(v.number()),
    NextToken: v.optional(v.string()),
  }),
  PutParameter: v.object({
    Name: v.string(),
    Value: v.string(),
    Type: v.optional(v.picklist(["String", "StringList", "SecureString"])),
    Overwrite: v.optional(v.boolean()),
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
  throw new Refusal(
    "ValidationException",
    `1 validation error detected at '${v.getDotPath(issue) ?? ""}': ${issue.message}`,
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
  PutParameter: ({ version }) => ({ Tier: "Standard", Version: version }),
};

function parameterJson({ settings: { region, account } }: World, parameter: ParameterVersion): object {
  const path = parameter.name.startsWith("/") ? parameter.name : `/${parameter.name}`;
  return {
    ARN: `arn:${partitionOf(region).id}:ssm:${region}:${account}:parameter${path}`,
    DataType: "text",
    LastModifiedDate: parameter.lastModified / 1000,
    Name: parameter.name,
    Type: parameter.type,
    Value: parameter.value,
    Version: parameter.version,
  };
}
