import { assert, assertEquals } from "@std/assert";
import { configSchema } from "../../../commands/config/schema.ts";
import { parseConfig } from "../../../lib/config/parse.ts";
import { parseYaml } from "../../../lib/config/yaml_document.ts";
import { runFake } from "../fake_host.ts";

const PUBLISHED = "deploy/slurm-ec2.schema.json";
const EXAMPLE = "deploy/slurm-ec2.example.yaml";

interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly pattern?: string;
  readonly description?: string;
  readonly additionalProperties?: JsonSchema | boolean;
}

Deno.test(
  "config schema prints what is published (deno run main.ts config schema --output " + PUBLISHED + ")",
  {
    permissions: { read: [PUBLISHED] },
  },
  async () => {
    const { exit, stdout } = await runFake(configSchema, []);
    assertEquals(exit, 0);
    assertEquals(stdout, await Deno.readTextFile(PUBLISHED));
  },
);

Deno.test(
  "config schema --output writes it to a file and says why it can't",
  { permissions: "none" },
  async () => {
    const { exit, stdout, files } = await runFake(configSchema, ["--output", "/x/s.json"]);
    assertEquals([exit, stdout], [0, ""]);
    assertEquals(JSON.parse(files.get("/x/s.json") as string).title, "slurm-ec2.yaml");
    const denied = await runFake(configSchema, ["--output", "/x"], {
      files: { "/x": new Deno.errors.PermissionDenied() },
    });
    assertEquals([denied.exit, denied.stderr], [
      1,
      "Can't write /x: permission denied; name a place that you may write to\n",
    ]);
  },
);

function* walk(schema: JsonSchema, path: string): Generator<[string, JsonSchema]> {
  yield [path, schema];
  for (const [key, inner] of Object.entries(schema.properties ?? {})) yield* walk(inner, `${path}.${key}`);
  if (schema.items) yield* walk(schema.items, `${path}[]`);
}

Deno.test("config schema gives editors patterns that compile and help for every key of ours", {
  permissions: "none",
}, async () => {
  const schema = JSON.parse((await runFake(configSchema, [])).stdout) as JsonSchema;
  const silent = [...walk(schema, "")].filter(([path, { description }]) =>
    description === undefined && /\.[a-z][A-Za-z]*$/.test(path) && !path.includes(".endpoints.")
  );
  assertEquals(silent.map(([path]) => path), []);
  for (const [, { pattern }] of walk(schema, "")) if (pattern !== undefined) new RegExp(pattern, "u");
});

Deno.test("the example configuration parses and uses every key", {
  permissions: { read: [PUBLISHED, EXAMPLE] },
}, async () => {
  const text = await Deno.readTextFile(EXAMPLE);
  parseConfig(text, EXAMPLE);
  const yaml = parseYaml(text);
  assert(yaml.kind === "document");
  const schema = JSON.parse(await Deno.readTextFile(PUBLISHED)) as JsonSchema;
  const used = new Set(keysOf(yaml.document.toJS(), ""));
  // Keys of defaults and of groups are the same, so one use of either will do; partitions take any Slurm key.
  const asUsed = (path: string) => path.replace(/^\.(defaults|nodeGroups\[\])\./, ".group.");
  const known = [...walk(schema, "")].map(([path]) => asUsed(path)).filter((path) =>
    path.startsWith(".") && !/\.[A-Z]/.test(path)
  );
  const inUse = new Set([...used].map(asUsed));
  assertEquals(known.filter((path) => !inUse.has(path) && !path.endsWith("[]")), []);
  assert(known.length > 50);
});

function* keysOf(value: unknown, path: string): Generator<string> {
  yield path;
  if (Array.isArray(value)) { for (const item of value) yield* keysOf(item, `${path}[]`); }
  else if (typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(value)) yield* keysOf(inner, `${path}.${key}`);
  }
}
