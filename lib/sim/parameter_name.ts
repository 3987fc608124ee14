import { parameterArn } from "./iam/arns.ts";
import { Refusal } from "./refusal.ts";
import type { World } from "./world.ts";

/** The limit counts the ARN's prefix too, whose length depends on region and account (API reference, PutParameter). */
const MAX_NAME = 1011;
const MAX_LEVELS = 15;

/** The parameter that a Get call names, and which version of it. */
export interface ParameterReference {
  readonly name: string;
  /** A version's number or a label, as the caller wrote it. */
  readonly selector?: string;
}

/**
 * Reads `NAME`, `NAME:VERSION`, or the ARN of a parameter of the caller's own with or without a version (API reference,
 * GetParameter).
 * @throws {Refusal} `ParameterNotFound` for an ARN of another account or Region.
 */
export function parseReference(world: World, text: string): ParameterReference {
  const own = parameterArn(world, "/");
  const isOwnArn = text.startsWith(own);
  if (!isOwnArn && text.startsWith("arn:")) throw new Refusal("ParameterNotFound", "");
  const [written = "", ...rest] = (isOwnArn ? text.slice(own.length - 1) : text).split(":");
  // `a` and `/a` have the same ARN.
  const names = isOwnArn ? [written, written.slice(1)] : [written];
  const name = names.find((one) => world.parameters.has(one)) ?? written;
  return rest.length === 0 ? { name } : { name, selector: rest.join(":") };
}

/** The rules for names that PutParameter's reference lists. */
export function checkName(name: string): void {
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

/** How Systems Manager refuses a field whose value breaks a rule. */
export function invalid(value: string, field: string, constraint: string): Refusal {
  return new Refusal(
    "ValidationException",
    `1 validation error detected: Value '${value}' at '${field}' failed to satisfy constraint: ${constraint}`,
  );
}
