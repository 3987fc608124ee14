import { checkName, invalid } from "./parameter_name.ts";
import type { ParameterRequests } from "./parameters.ts";
import { notModelled, Refusal } from "./refusal.ts";
import type { ParameterTier, ParameterVersion, World } from "./world.ts";

/** Parameter Store keeps the newest 100 versions (Systems Manager user guide, "Working with parameter versions"). */
const MAX_VERSIONS = 100;
/** Bytes of a value by tier (API reference, PutParameter). */
const MAX_VALUE: Readonly<Record<ParameterTier, number>> = { Standard: 4096, Advanced: 8192 };
/** The key that a SecureString is encrypted with where none is named. */
const DEFAULT_KEY = "alias/aws/ssm";

type Request = ParameterRequests["PutParameter"];

/** PutParameter: a first version, or with Overwrite another one. */
export function putParameter(
  world: World,
  input: Request,
  now: number,
): {
  readonly world: World;
  readonly answer: { readonly version: number; readonly tier: ParameterTier };
} {
  checkName(input.Name);
  if (/^\/?aws/i.test(input.Name)) {
    throw new Refusal("AccessDeniedException", `No access to reserved parameter name: ${input.Name}.`);
  }
  if (input.Overwrite && (input.Tags?.length ?? 0) > 0) {
    throw new Refusal(
      "ValidationException",
      "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.",
    );
  }
  const versions = world.parameters.get(input.Name) ?? [];
  const last = versions.at(-1);
  if (last && !input.Overwrite) {
    throw new Refusal(
      "ParameterAlreadyExists",
      "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.",
    );
  }
  const type = typeOf(input, last);
  const tier = tierOf(input, last);
  checkValue(input, tier);
  const dataType = dataTypeOf(input, type);
  const next: ParameterVersion = {
    name: input.Name,
    type,
    value: input.Value,
    version: (last?.version ?? 0) + 1,
    lastModified: now,
    dataType,
    tier,
    ...(type === "SecureString" && { keyId: input.KeyId ?? last?.keyId ?? DEFAULT_KEY }),
  };
  const answer = { version: next.version, tier };
  if (dataType === "aws:ec2:image" && world.images.get(input.Value)?.state !== "available") {
    // AWS validates an image after it has answered: then the parameter is not written (API reference, PutParameter).
    return { world, answer };
  }
  const kept = [...versions, next].slice(-MAX_VERSIONS);
  return { world: { ...world, parameters: new Map(world.parameters).set(input.Name, kept) }, answer };
}

function typeOf(input: Request, last: ParameterVersion | undefined): ParameterVersion["type"] {
  if (last && input.Type !== undefined && input.Type !== last.type) {
    throw new Refusal(
      "HierarchyTypeMismatch",
      `The parameter type cannot be changed: ${input.Name} is a ${last.type}.`,
    );
  }
  const type = input.Type ?? last?.type;
  if (type === undefined) {
    throw new Refusal("ValidationException", "A parameter type is required when you create a parameter.");
  }
  if (input.KeyId !== undefined && type !== "SecureString") {
    throw new Refusal(
      "ValidationException",
      `KeyId is only for parameters of type SecureString, not ${type}.`,
    );
  }
  return type;
}

/** Systems Manager user guide, "Managing parameter tiers". */
function tierOf({ Tier, Value }: Request, last: ParameterVersion | undefined): ParameterTier {
  if (Tier === "Standard" && last?.tier === "Advanced") {
    throw new Refusal(
      "ValidationException",
      "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter tier to the standard-parameter tier. If necessary, you can delete the advanced parameter and recreate it as a standard parameter.",
    );
  }
  if (Tier !== "Intelligent-Tiering") return Tier ?? last?.tier ?? "Standard";
  return last?.tier === "Advanced" || bytes(Value) > MAX_VALUE.Standard ? "Advanced" : "Standard";
}

/** Data types without a rule for the value, or with one that the simulator knows. */
const DATA_TYPES: readonly string[] = ["text", "aws:ec2:image", "aws:ssm:integration"];
/** Data types whose rule for the value the simulator does not know (API reference, PutParameter). */
const UNMODELLED_DATA_TYPES: readonly string[] = [
  "aws:region",
  "aws:account:id",
  "boolean",
  "integer",
  "float",
  "binary",
  "hostname",
  "email",
  "ipv4-address",
  "ipv6-address",
  "url",
  "json",
  "jsonc",
];

function dataTypeOf({ DataType = "text" }: Request, type: ParameterVersion["type"]): string {
  if (UNMODELLED_DATA_TYPES.includes(DataType)) {
    throw notModelled(`the data type ${DataType} of PutParameter`);
  }
  if (!DATA_TYPES.includes(DataType)) {
    throw new Refusal(
      "ValidationException",
      `The following data type is not supported: ${DataType} (Data type names are all lowercase.)`,
    );
  }
  if (DataType === "aws:ec2:image" && type !== "String") {
    throw new Refusal(
      "ValidationException",
      `The data type ${DataType} is for parameters of type String only.`,
    );
  }
  return DataType;
}

function checkValue({ Value, AllowedPattern }: Request, tier: ParameterTier): void {
  if (Value === "") throw invalid(Value, "value", "Member must have length greater than or equal to 1");
  if (bytes(Value) > MAX_VALUE[tier]) {
    throw new Refusal(
      "ValidationException",
      tier === "Standard"
        ? "Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier."
        : "Advanced tier parameters support a maximum parameter value of 8192 characters.",
    );
  }
  if (/\{\{.*\}\}/s.test(Value)) {
    throw new Refusal(
      "ValidationException",
      'Parameter value can\'t nest another parameter. Do not use "{{}}" in the value.',
    );
  }
  if (AllowedPattern !== undefined && !pattern(AllowedPattern).test(Value)) {
    throw new Refusal(
      "ParameterPatternMismatchException",
      `Parameter value, cannot be validated against allowedPattern: ${AllowedPattern}`,
    );
  }
}

function pattern(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch {
    throw new Refusal(
      "InvalidAllowedPatternException",
      `The request does not meet the regular expression requirement: ${text}`,
    );
  }
}

function bytes(value: string): number {
  return new TextEncoder().encode(value).length;
}
