import type { Parameter } from "../aws/ssm_api.ts";
import { Refusal } from "./refusal.ts";
import type { ParameterVersion, World } from "./world.ts";

/** Requests of the Parameter Store actions, by action. */
export interface ParameterRequests {
  readonly GetParameter: { readonly Name: string; readonly WithDecryption?: boolean };
  readonly GetParameters: { readonly Names: readonly string[]; readonly WithDecryption?: boolean };
  readonly GetParametersByPath: {
    readonly Path: string;
    readonly Recursive?: boolean;
    readonly WithDecryption?: boolean;
    readonly MaxResults?: number;
    readonly NextToken?: string;
  };
  readonly PutParameter: {
    readonly Name: string;
    readonly Value: string;
    readonly Type?: Parameter["type"];
    readonly Overwrite?: boolean;
  };
}

/** A parameter of type String as it is after its first PutParameter. */
export function firstVersion(name: string, value: string, now: number): ParameterVersion {
  return { name, type: "String", value, version: 1, lastModified: now };
}

/** GetParameter: the newest version, or the one asked for as `name:version`. */
export function getParameter(world: World, input: ParameterRequests["GetParameter"]): ParameterVersion {
  const [name, selector] = splitSelector(input.Name);
  checkName(name);
  const versions = world.parameters.get(name);
  if (!versions) throw new Refusal("ParameterNotFound", "");
  const version = selector === undefined
    ? versions.at(-1)
    : versions.find((one) => String(one.version) === selector);
  if (!version) {
    throw new Refusal(
      "ParameterVersionNotFound",
      `Systems Manager could not find version ${selector} of ${name}. Verify the version and try again.`,
    );
  }
  return shown(version, input.WithDecryption);
}

/** GetParameters: the names that exist, sorted, and those that don't. */
export function getParameters(
  world: World,
  input: ParameterRequests["GetParameters"],
): { readonly parameters: readonly ParameterVersion[]; readonly invalidParameters: readonly string[] } {
  if (input.Names.length < 1 || input.Names.length > MAX_NAMES) {
    const bound = input.Names.length < 1
      ? "greater than or equal to 1"
      : `less than or equal to ${MAX_NAMES}`;
    throw invalid(`[${input.Names.join(", ")}]`, "names", `Member must have length ${bound}`);
  }
  const parameters: ParameterVersion[] = [];
  const invalidParameters: string[] = [];
  for (const Name of new Set(input.Names)) {
    try {
      parameters.push(getParameter(world, { Name, WithDecryption: input.WithDecryption }));
    } catch (error) {
      if (!(error instanceof Refusal) || !error.code.endsWith("NotFound")) throw error;
      invalidParameters.push(Name);
    }
  }
  return { parameters: parameters.sort((a, b) => compare(a.name, b.name)), invalidParameters };
}

/** GetParametersByPath: a page of the parameters under a path, sorted by name. */
export function getParametersByPath(
  world: World,
  input: ParameterRequests["GetParametersByPath"],
): { readonly items: readonly ParameterVersion[]; readonly nextToken?: string } {
  const limit = input.MaxResults ?? MAX_NAMES;
  if (limit < 1 || limit > MAX_NAMES) {
    const bound = limit < 1 ? "greater than or equal to 1" : `less than or equal to ${MAX_NAMES}`;
    throw invalid(String(limit), "maxResults", `Member must have value ${bound}`);
  }
  if (!input.Path.startsWith("/")) {
    throw new Refusal(
      "ValidationException",
      'The parameter doesn\'t meet the parameter name requirements. The parameter name must begin with a forward slash "/".',
    );
  }
  const prefix = input.Path.endsWith("/") ? input.Path : `${input.Path}/`;
  const after = input.NextToken === undefined ? undefined : decodeToken(input.NextToken);
  const names = [...world.parameters.keys()]
    .filter((name) =>
      name.startsWith(prefix) && (input.Recursive || !name.slice(prefix.length).includes("/"))
    )
    .sort(compare)
    .filter((name) => after === undefined || compare(name, after) > 0);
  const items = names.slice(0, limit).map((name) =>
    shown(world.parameters.get(name)!.at(-1)!, input.WithDecryption)
  );
  return names.length > limit ? { items, nextToken: btoa(items.at(-1)!.name) } : { items };
}

/** PutParameter: a first version, or with Overwrite another one. */
export function putParameter(
  world: World,
  input: ParameterRequests["PutParameter"],
  now: number,
): { readonly world: World; readonly answer: { readonly version: number } } {
  checkName(input.Name);
  if (/^\/?aws/i.test(input.Name)) {
    throw new Refusal("AccessDeniedException", `No access to reserved parameter name: ${input.Name}.`);
  }
  checkValue(input.Value);
  const versions = world.parameters.get(input.Name) ?? [];
  const last = versions.at(-1);
  if (last && !input.Overwrite) {
    throw new Refusal(
      "ParameterAlreadyExists",
      "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.",
    );
  }
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
  const version = (last?.version ?? 0) + 1;
  const next = { name: input.Name, type, value: input.Value, version, lastModified: now };
  const kept = [...versions, next].slice(-MAX_VERSIONS);
  return {
    world: { ...world, parameters: new Map(world.parameters).set(input.Name, kept) },
    answer: { version },
  };
}

/** GetParameters and GetParametersByPath: at most ten (Systems Manager API reference). */
const MAX_NAMES = 10;
/** Parameter Store keeps the newest 100 versions (Systems Manager user guide, "Working with parameter versions"). */
const MAX_VERSIONS = 100;
/** Bytes of a parameter in the standard tier (API reference, PutParameter). */
const MAX_VALUE = 4096;
/** The limit counts the ARN's prefix too, whose length depends on region and account (API reference, PutParameter). */
const MAX_NAME = 1011;
const MAX_LEVELS = 15;

/** What a reader sees: a SecureString stays encrypted unless decryption was asked for. */
function shown(version: ParameterVersion, withDecryption: boolean | undefined): ParameterVersion {
  if (version.type !== "SecureString" || withDecryption) return version;
  return {
    ...version,
    value: `AQICAHg${btoa(unescape(encodeURIComponent(version.value))).split("").reverse().join("")}`,
  };
}

function splitSelector(name: string): [string, string | undefined] {
  const colon = name.indexOf(":");
  return colon < 0 || name.startsWith("arn:")
    ? [name, undefined]
    : [name.slice(0, colon), name.slice(colon + 1)];
}

/** The rules for names that PutParameter's reference lists. */
function checkName(name: string): void {
  if (name.length < 1 || name.length > MAX_NAME) {
    throw invalid(name, "name", `Member must have length between 1 and ${MAX_NAME}`);
  }
  if (!/^[a-zA-Z0-9_.\-/]+$/.test(name) || /^\/?ssm/i.test(name)) {
    throw new Refusal(
      "ValidationException",
      'Parameter name: can\'t be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_',
    );
  }
  if (name.includes("/") && !name.startsWith("/")) {
    throw new Refusal("ValidationException", "Parameter name must be a fully qualified name.");
  }
  if (name.split("/").length - 1 > MAX_LEVELS) {
    throw new Refusal(
      "HierarchyLevelLimitExceededException",
      `Parameter name exceeds the limit of ${MAX_LEVELS} levels.`,
    );
  }
}

function checkValue(value: string): void {
  if (value === "") throw invalid(value, "value", "Member must have length greater than or equal to 1");
  if (new TextEncoder().encode(value).length > MAX_VALUE) {
    throw new Refusal(
      "ValidationException",
      "Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier.",
    );
  }
  if (/\{\{.*\}\}/s.test(value)) {
    throw new Refusal(
      "ValidationException",
      'Parameter value can\'t nest another parameter. Do not use "{{}}" in the value.',
    );
  }
}

function decodeToken(token: string): string {
  try {
    return atob(token);
  } catch {
    throw new Refusal("InvalidNextToken", "The specified token isn't valid.");
  }
}

function invalid(value: string, field: string, constraint: string): Refusal {
  return new Refusal(
    "ValidationException",
    `1 validation error detected: Value '${value}' at '${field}' failed to satisfy constraint: ${constraint}`,
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
