import { type Flags, UsageError } from "./command.ts";

/** How findings can be printed. */
export const FORMATS = ["text", "json", "github"] as const;

/**
 * How findings are to be printed: `--format`, or `--json`.
 * @throws {UsageError} for an unknown format, and for two that exclude each other.
 */
export function readFormat(flags: Flags): typeof FORMATS[number] {
  const given = flags.get("format") ?? (flags.has("json") ? "json" : "text");
  const format = FORMATS.find((known) => known === given);
  if (format === undefined) throw new UsageError(`Unknown format: ${given}; one of ${FORMATS.join(", ")}`);
  if (flags.has("json") && format !== "json") {
    throw new UsageError(`--json and --format ${format} exclude each other`);
  }
  return format;
}
