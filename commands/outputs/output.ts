import { toJsonSchema } from "@valibot/to-json-schema";
import * as v from "valibot";

/** What a command prints for programs, or what is written for them. */
export interface Output {
  /** Raised when what is there changes its meaning or goes away; what is added leaves it as it is. */
  readonly version: number;
  readonly description: string;
  readonly schema: v.GenericSchema;
}

/**
 * An output whose schema is typed by what is printed: where that changes, its schema has to follow to compile. What
 * the type can't tell, a test does: it holds real outputs against the schema.
 */
export function output<T>(version: number, description: string, schema: v.GenericSchema<T>): Output {
  return { version, description, schema };
}

/** Text that says what it is. */
export const text = (description: string) => v.pipe(v.string(), v.description(description));

/** A whole number of something, none at least. */
export const count = (description: string) =>
  v.pipe(v.number(), v.integer(), v.minValue(0), v.description(description));

/** Seconds, with fractions. */
export const seconds = v.pipe(v.number(), v.minValue(0), v.description("Seconds"));

/** Sentences for a person. */
export const sentences = (description: string) => v.pipe(v.array(v.string()), v.description(description));

/** The JSON Schema (draft 7) of an output, under an id of its own. */
export function jsonSchema(name: string, { version, description, schema }: Output): Record<string, unknown> {
  const { $schema, ...rest } = toJsonSchema(schema, { typeMode: "output" });
  const id = `urn:slurm-ec2:${name.replaceAll(" ", "-")}:${version}`;
  return { $schema, $id: id, title: name, description, ...rest };
}

/** The same as a file. */
export function jsonSchemaText(name: string, output: Output): string {
  return `${JSON.stringify(jsonSchema(name, output), null, 2)}\n`;
}
