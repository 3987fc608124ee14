import { JSON_FLAG, UsageError } from "./command.ts";

/** How findings can be printed. */
export const FORMATS = ["text", "json", "github"] as const;

/** The flags that say how to print: `--format` with these values, and `--json`. */
export function formatFlags<const V extends readonly string[]>(values: V) {
  return [
    { name: "format", value: "FORMAT", values, summary: `${values.join(", ")} (text)` },
    { ...JSON_FLAG, summary: "Same as --format json" },
  ] as const;
}

/**
 * How findings are to be printed: `--format`, or `--json`.
 * @throws {UsageError} for two that exclude each other.
 */
export function readFormat<V extends string>(
  flags: { readonly choice: { readonly format: V | undefined }; has(name: "json"): boolean },
): V | "text" | "json" {
  const format = flags.choice.format ?? (flags.has("json") ? "json" : "text");
  if (flags.has("json") && format !== "json") {
    throw new UsageError(`--json and --format ${format} exclude each other`);
  }
  return format;
}
