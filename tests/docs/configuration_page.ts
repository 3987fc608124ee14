import { jsonSchemaText } from "../../lib/config/json_schema.ts";
import { PARTITION_KEYS } from "../../lib/config/partition_key.ts";
import { NOT_ENFORCED, UNENFORCED } from "../../lib/config/unenforced.ts";
import { markdownTable } from "./markdown.ts";

/** What this page reads of the published JSON Schema. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly (string | number)[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly pattern?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

const INTRODUCTION = `# The keys of slurm-ec2.yaml

Made from the schema that \`config check\` goes by; editors get the same one (\`slurm-ec2 config schema\`). A key that is
not listed here is an error, with the nearest one that there is. Durations are seconds, or \`90s\`, \`10m\`, \`2h\`, \`7d\`.
\`defaults\` takes every key of a node group that has no name of its own, and each group overrides it.
`;

/** docs/configuration.md. */
export function configurationPage(): string {
  const root = JSON.parse(jsonSchemaText()) as Schema;
  const sections = Object.entries(root.properties ?? {}).filter(([name]) => name !== "defaults");
  const single = sections.filter(([, schema]) => !hasKeys(schema));
  const groups = sections.filter(([, schema]) => hasKeys(schema));
  return [
    INTRODUCTION,
    "## At the top\n",
    table(single.map(([name, schema]) => row(name, schema, root.required?.includes(name) ?? false))),
    ...groups.flatMap(([name, schema]) => [`## ${name}\n`, ...section(name, schema)]),
    ...(UNENFORCED.length === 0 ? [] : [`## Accepted, and ${NOT_ENFORCED}\n`, unenforced()]),
  ].join("\n");
}

function hasKeys({ properties, items }: Schema): boolean {
  return properties !== undefined || items?.properties !== undefined;
}

function section(name: string, schema: Schema): string[] {
  const rows = rowsOf(schema, schema.items === undefined ? `${name}.` : `${name}[].`);
  const anyPartitionKey = rows.length < keysBelow(schema).length;
  return [
    `${schema.description ?? ""}.\n`,
    table(rows),
    ...(anyPartitionKey
      ? [`Besides these every key of slurm.conf's PartitionName line: ${partitionKeys()}.\n`]
      : []),
  ];
}

function partitionKeys(): string {
  return PARTITION_KEYS.map((key) => `\`${key}\``).join(", ");
}

/** Slurm's own keys are listed once, not key by key. */
const SLURMS_OWN: ReadonlySet<string> = new Set(PARTITION_KEYS);

function keysBelow(schema: Schema): string[] {
  const inner = schema.items ?? schema;
  return Object.entries(inner.properties ?? {}).flatMap(([key, value]) =>
    hasKeys(value) ? keysBelow(value) : [key]
  );
}

function rowsOf(schema: Schema, path: string): string[][] {
  const { properties = {}, required = [] } = schema.items ?? schema;
  return Object.entries(properties).flatMap(([key, value]) => {
    if (SLURMS_OWN.has(key)) return [];
    if (!hasKeys(value)) return [row(path + key, value, required.includes(key))];
    return rowsOf(value, value.items === undefined ? `${path}${key}.` : `${path}${key}[].`);
  });
}

function table(rows: readonly (readonly string[])[]): string {
  return markdownTable(["Key", "Values", "Unless given", "What it is"], rows);
}

function row(path: string, schema: Schema, required: boolean): string[] {
  return [`\`${path}\``, values(schema), unlessGiven(schema, required), schema.description ?? ""];
}

function unlessGiven(schema: Schema, required: boolean): string {
  if (schema.default !== undefined) return `\`${JSON.stringify(schema.default).replaceAll('"', "")}\``;
  return required ? "required" : "–";
}

function values(schema: Schema): string {
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${value}\``).join(", ");
  const { minimum, maximum, exclusiveMinimum } = schema;
  if (minimum !== undefined && maximum !== undefined) return `${minimum} to ${maximum}`;
  if (exclusiveMinimum !== undefined) return `above ${exclusiveMinimum}`;
  if (schema.type === "array") return "list";
  if (schema.type === "object") return "names and values";
  return schema.pattern?.includes("[0-9]+)d") ? "duration" : [schema.type ?? ""].flat()[0]!;
}

function unenforced(): string {
  return markdownTable(
    ["Key", "What happens"],
    UNENFORCED.map(({ key, instead }) => [`\`${key}\``, instead]),
  );
}
