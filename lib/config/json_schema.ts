import { toJsonSchema } from "@valibot/to-json-schema";
import { ConfigFile } from "./schema.ts";

/** Name of the published schema file, next to the configuration that refers to it. */
export const SCHEMA_FILE = "slurm-ec2.schema.json";

/** The line that makes editors with a YAML language server check and complete a configuration. */
export const EDITOR_LINE = `# yaml-language-server: $schema=${SCHEMA_FILE}`;

/**
 * The configuration's JSON Schema (draft 7) as text, for editors: form, choices and defaults. What takes more
 * than one value to see, such as overlapping node names, only `config check` finds.
 */
export function jsonSchemaText(): string {
  const schema = toJsonSchema(ConfigFile, {
    typeMode: "input",
    // Checks that JSON Schema has no word for are made by config check.
    ignoreActions: ["check", "finite"],
    // JSON Schema's patterns are always read as with the flag u, the only one that is used here.
    overrideAction: ({ valibotAction, jsonSchema }) =>
      valibotAction.type === "regex" && "requirement" in valibotAction
        ? { ...jsonSchema, pattern: (valibotAction.requirement as RegExp).source }
        : undefined,
  });
  const { $schema, ...rest } = schema;
  const head = {
    $schema,
    title: "slurm-ec2.yaml",
    description: "Slurm's power-saving hooks for Amazon EC2: the site's configuration.",
  };
  return `${JSON.stringify({ ...head, ...rest }, null, 2)}\n`;
}
