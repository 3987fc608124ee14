import { assert, assertEquals, assertThrows } from "@std/assert";
import { schema } from "../../commands/schema.ts";
import { OUTPUTS, schemaFile } from "../../commands/outputs/mod.ts";
import { jsonSchema, jsonSchemaText } from "../../commands/outputs/output.ts";
import { VERDICTS } from "../../commands/outputs/hooks.ts";
import { REGISTRY } from "../../commands/registry.ts";
import { checkOutput, compile } from "./check_output.ts";
import { runFake } from "./fake_host.ts";

const ROOT = new URL("../../", import.meta.url);
const PUBLISHED = new URL("deploy/schemas/", ROOT);

/** What has a schema and no flag --json: the event log. */
const WITHOUT_FLAG = ["event"];

Deno.test("every command with --json has a schema, and nothing else has", async () => {
  const commands = await Promise.all(Object.values(REGISTRY).map(({ load }) => load()));
  const withJson = commands.filter(({ flags }) => flags.some(({ name }) => name === "json")).map(({ name }) =>
    name
  );
  assertEquals(Object.keys(OUTPUTS).sort(), [...withJson, ...WITHOUT_FLAG].sort());
});

Deno.test("the published schemas are those of this version (deno task schemas)", async () => {
  const files = [...Deno.readDirSync(PUBLISHED)].map(({ name }) => name).sort();
  assertEquals(files, Object.keys(OUTPUTS).map(schemaFile).sort());
  for (const [name, output] of Object.entries(OUTPUTS)) {
    assertEquals(
      await Deno.readTextFile(new URL(schemaFile(name), PUBLISHED)),
      jsonSchemaText(name, output),
      name,
    );
  }
});

Deno.test("every schema has an id with its version, a description, and leaves room for what is added", () => {
  const ids = Object.entries(OUTPUTS).map(([name, output]) => {
    const schema = jsonSchema(name, output);
    compile(schema);
    assertEquals(schema.$id, `urn:slurm-ec2:${name.replaceAll(" ", "-")}:${output.version}`);
    assert(output.description.length > 10 && Number.isInteger(output.version));
    assert(!JSON.stringify(schema).includes('"additionalProperties":false'), name);
    return schema.$id;
  });
  assertEquals(new Set(ids).size, ids.length);
});

const DIFFERENCE = { differences: [{ name: "/a", kind: "same", there: "x", wanted: "x" }] };

for (
  const [what, printed, says] of [
    ["a property that is not in it", { ...DIFFERENCE, more: 1 }, "additional"],
    ["a property that is missing", {}, "required"],
    ["another type", { differences: "none" }, "array"],
    ["a value that is not one", { differences: [{ name: "/a", kind: "alike" }] }, "allowed values"],
  ] as const
) {
  Deno.test(`checkOutput() finds ${what}`, () => {
    checkOutput("ssm diff", DIFFERENCE);
    assertThrows(() => checkOutput("ssm diff", printed), Error, says);
  });
}

Deno.test("a published schema takes properties that a later version adds", () => {
  const validate = compile(jsonSchema("ssm diff", OUTPUTS["ssm diff"]!));
  assert(validate({ ...DIFFERENCE, more: 1 }));
  assert(!validate({}));
});

Deno.test("doctor's output has its schema", () => {
  const finding = {
    section: "dns",
    check: "dns",
    status: "can't tell",
    what: "head",
    evidence: "no answer",
    code: "Timeout",
  };
  checkOutput("doctor", {
    cluster: "c",
    region: "r",
    where: "node",
    counts: { "can't tell": 1 },
    findings: [finding],
  });
});

Deno.test("the verdicts of the schema are those that the README explains", async () => {
  const readme = await Deno.readTextFile(new URL("README.md", ROOT));
  const table = readme.slice(readme.indexOf("| Verdict"));
  const rows = table.slice(0, table.indexOf("\n\n")).split("\n").slice(2);
  const explained = rows.flatMap((row) =>
    [...row.split("|")[1]!.matchAll(/`([a-z-]+)`/g)].map((match) => match[1]!)
  );
  assertEquals(explained.sort(), [...VERDICTS].sort());
});

Deno.test("slurm-ec2 schema lists, prints and writes", async () => {
  const list = await runFake(schema, []);
  assertEquals(list.stdout.trimEnd().split("\n").length, Object.keys(OUTPUTS).length);
  const one = await runFake(schema, ["ssm", "validate"]);
  assertEquals(one.stdout, jsonSchemaText("ssm validate", OUTPUTS["ssm validate"]!));
  const all = await runFake(schema, ["--out", "/x/"]);
  assertEquals(
    [...all.files.keys()].sort(),
    Object.keys(OUTPUTS).map((name) => `/x/${schemaFile(name)}`).sort(),
  );
  assertEquals(all.stdout, `Wrote ${Object.keys(OUTPUTS).length} schemas to /x\n`);
});

for (
  const [args, says] of [
    [
      ["ssm", "validat"],
      'Command schema takes [COMMAND…], got "ssm" "validat" (did you mean ssm validate?); slurm-ec2 schema lists them',
    ],
    [["version"], 'Command schema takes [COMMAND…], got "version"; slurm-ec2 schema lists them'],
    [["resume", "--out", "x"], "Flag --out writes all schemas: leave the command out"],
  ] as const
) {
  Deno.test(`slurm-ec2 schema ${args.join(" ")} says what is wrong`, async () => {
    const { exit, stderr } = await runFake(schema, args);
    assertEquals([exit, stderr], [2, `${says}\n`]);
  });
}
