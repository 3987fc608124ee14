import type { Path } from "./path.ts";
import { kindOf, type Shape, unwrap } from "./shape.ts";

/**
 * The file's data with every piece that a schema refuses left out or, where it is required, replaced by an
 * empty one: so that what is sound can still be compared, and all problems come at once.
 */
export function salvage(value: unknown, faults: readonly Path[], schema: Shape): unknown {
  const root = { file: structuredClone(value) };
  for (const fault of faults) {
    replace(root, ["file", ...fault], { type: "strict_object", entries: { file: schema } });
  }
  return root.file;
}

function replace(container: unknown, path: Path, outer: Shape): void {
  if (typeof container !== "object" || container === null) return;
  const [key, ...rest] = path as [string | number, ...Path];
  const shape = unwrap(outer);
  const inner = shape.entries?.[key] ?? shape.item ?? shape.value;
  if (!inner) return;
  const holder = container as Record<string | number, unknown>;
  if (rest.length > 0 && typeof holder[key] === "object") return replace(holder[key], rest, inner);
  if (isOptional(inner) || shape.type === "record") delete holder[key];
  else holder[key] = empty(inner);
}

function isOptional(shape: Shape): boolean {
  return shape.type === "optional";
}

function empty(outer: Shape): unknown {
  const shape = unwrap(outer);
  switch (kindOf(shape)) {
    case "map":
      return Object.fromEntries(
        Object.entries(shape.entries ?? {}).filter(([, entry]) => !isOptional(entry)).map((
          [key, entry],
        ) => [key, empty(entry)]),
      );
    case "list":
      return [];
    default:
      return shape.type === "picklist" ? shape.options?.[0] : "";
  }
}
