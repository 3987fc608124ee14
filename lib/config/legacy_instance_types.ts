import type { InstanceTypeFacts } from "../aws/ec2_api.ts";
import type { InstanceConfigFile } from "./legacy_schema.ts";

/**
 * The instance types that the legacy plugin chose from all types there are, by name. Patterns match whole names;
 * excluding wins, a family's exclusion skips its types, and MaxSizeOnly excludes even types that are listed.
 * Empty Include lists include nothing, although the legacy documentation says they include everything.
 */
export function legacyInstanceTypes(
  { Include, Exclude }: Pick<InstanceConfigFile, "Include" | "Exclude">,
  facts: ReadonlyMap<string, InstanceTypeFacts>,
): string[] {
  const isExcludedFamily = matcher(Exclude.InstanceFamilies);
  const isExcludedType = matcher(Exclude.InstanceTypes);
  const isIncludedFamily = matcher(Include.InstanceFamilies);
  const isIncludedType = matcher(Include.InstanceTypes);
  const largest = Include.MaxSizeOnly ? new Set(largestTypes(facts)) : undefined;
  return [...facts.keys()].sort().filter((type) => {
    const family = familyOf(type);
    if (isExcludedFamily(family) || isExcludedType(type)) return false;
    if (largest && !largest.has(type)) return false;
    return isIncludedFamily(family) || isIncludedType(type);
  });
}

/** The first type with the most cores of each family. */
function largestTypes(facts: ReadonlyMap<string, InstanceTypeFacts>): string[] {
  const largest = new Map<string, InstanceTypeFacts>();
  for (const type of [...facts.keys()].sort()) {
    const fact = facts.get(type)!;
    const known = largest.get(familyOf(type));
    if (!known || fact.defaultCores > known.defaultCores) largest.set(familyOf(type), fact);
  }
  return [...largest.values()].map(({ instanceType }) => instanceType);
}

function matcher(patterns: readonly string[]): (name: string) => boolean {
  // As the plugin wrote them: an alternative at the top of a pattern takes only one of the anchors.
  const expressions = patterns.map((pattern) => new RegExp(`^${pattern}$`));
  return (name) => expressions.some((expression) => expression.test(name));
}

function familyOf(type: string): string {
  return type.split(".")[0]!;
}
