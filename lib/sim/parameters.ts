import type { Tag } from "../aws/ec2_api.ts";
import type { Parameter } from "../aws/ssm_api.ts";
import { type ParameterFilter, parameterFilter } from "./parameter_filter.ts";
import { checkName, invalid, parseReference } from "./parameter_name.ts";
import { Refusal } from "./refusal.ts";
import type { ParameterTier, ParameterVersion, World } from "./world.ts";

/** Requests of the Parameter Store actions, by action. */
export interface ParameterRequests {
  readonly GetParameter: { readonly Name: string; readonly WithDecryption?: boolean };
  readonly GetParameters: { readonly Names: readonly string[]; readonly WithDecryption?: boolean };
  readonly GetParametersByPath: {
    readonly Path: string;
    readonly Recursive?: boolean;
    readonly ParameterFilters?: readonly ParameterFilter[];
    readonly WithDecryption?: boolean;
    readonly MaxResults?: number;
    readonly NextToken?: string;
  };
  readonly PutParameter: {
    readonly Name: string;
    readonly Value: string;
    readonly Type?: Parameter["type"];
    readonly Overwrite?: boolean;
    readonly AllowedPattern?: string;
    readonly Tags?: readonly Tag[];
    readonly Tier?: ParameterTier | "Intelligent-Tiering";
    readonly DataType?: string;
    readonly KeyId?: string;
  };
}

/** A parameter version as a Get call answers with it. */
export interface ShownParameter extends ParameterVersion {
  /** `:version`, where it was asked for so. */
  readonly selector?: string;
}

/** GetParameter: the newest version, or the one asked for as `name:version`; the name may be the parameter's ARN. */
export function getParameter(world: World, input: ParameterRequests["GetParameter"]): ShownParameter {
  const { name, selector } = parseReference(world, input.Name);
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
  const seen = shown(version, input.WithDecryption);
  return selector === undefined ? seen : { ...seen, selector: `:${selector}` };
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
  const parameters: ShownParameter[] = [];
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
  const fits = parameterFilter(input.ParameterFilters ?? []);
  const after = input.NextToken === undefined ? undefined : decodeToken(input.NextToken);
  const names = [...world.parameters.keys()]
    .filter((name) =>
      name.startsWith(prefix) && (input.Recursive || !name.slice(prefix.length).includes("/")) &&
      fits(world.parameters.get(name)!.at(-1)!)
    )
    .sort(compare)
    .filter((name) => after === undefined || compare(name, after) > 0);
  const items = names.slice(0, limit).map((name) =>
    shown(world.parameters.get(name)!.at(-1)!, input.WithDecryption)
  );
  return names.length > limit ? { items, nextToken: btoa(items.at(-1)!.name) } : { items };
}

/** GetParameters and GetParametersByPath: at most ten (Systems Manager API reference). */
const MAX_NAMES = 10;
/** What a reader sees: a SecureString stays encrypted unless decryption was asked for. */
function shown(version: ParameterVersion, withDecryption: boolean | undefined): ParameterVersion {
  if (version.type !== "SecureString" || withDecryption) return version;
  return {
    ...version,
    value: `AQICAHg${btoa(unescape(encodeURIComponent(version.value))).split("").reverse().join("")}`,
  };
}

function decodeToken(token: string): string {
  try {
    return atob(token);
  } catch {
    throw new Refusal("InvalidNextToken", "The specified token isn't valid.");
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
