import { assert } from "@std/assert";
import Ajv, { type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";
import { OUTPUTS } from "../../commands/outputs/mod.ts";
import { jsonSchema } from "../../commands/outputs/output.ts";
import { REGISTRY } from "../../commands/registry.ts";

const VALIDATORS = new Map<string, ValidateFunction>();

/**
 * Holds what a command printed, or an event, against its published schema. Here objects may have no property that
 * the schema doesn't tell of: published ones leave room for later ones.
 */
export function checkOutput(name: string, printed: unknown): void {
  const output = OUTPUTS[name];
  assert(output !== undefined, `${name} has no schema: add one to commands/outputs/`);
  const validate = VALIDATORS.get(name) ??
    compile(closed(jsonSchema(name, output)) as Record<string, unknown>);
  VALIDATORS.set(name, validate);
  if (validate(printed)) return;
  const [{ instancePath = "", message = "", params = {} } = {}] = validate.errors ?? [];
  throw new Error(
    `${name} --json is not as its schema says: ${instancePath || "all of it"} ${message} ${
      JSON.stringify(params)
    }\n` +
      JSON.stringify(printed, null, 2).slice(0, 2000),
  );
}

/** The same for a whole command line and what it printed; nothing where that was not to be JSON, or nothing came. */
export function checkJson(argv: readonly string[], stdout: string): void {
  if (!argv.includes("--json") || stdout === "") return;
  const name = [2, 1].map((count) => argv.slice(0, count).join(" ")).find((name) =>
    Object.hasOwn(REGISTRY, name)
  );
  if (name !== undefined) checkOutput(name, JSON.parse(stdout));
}

/** Holds every line of an event log against the schema of events; what is not a file, or not there, holds none. */
export function checkEvents(path: string): void {
  try {
    // A test of a log that hangs puts a pipe there.
    if (!Deno.statSync(path).isFile) return;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return;
    throw error;
  }
  const lines = Deno.readTextFileSync(path).split("\n").filter((line) => line !== "");
  for (const line of lines) checkOutput("event", JSON.parse(line));
}

/** A validator with the formats that the schemas use; unknown keywords are mistakes. */
export function compile(schema: Record<string, unknown>): ValidateFunction {
  const ajv = new Ajv.default({ allErrors: false, strict: true, allowUnionTypes: true });
  addFormats.default(ajv);
  return ajv.compile(schema);
}

function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== "object" || schema === null) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  return "properties" in inner && !("additionalProperties" in inner)
    ? { ...inner, additionalProperties: false }
    : inner;
}
