import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { configCheck } from "../../../commands/config/check.ts";
import { jsonSchemaText } from "../../../lib/config/json_schema.ts";
import { parseConfig } from "../../../lib/config/parse.ts";
import { PARTITION_KEYS } from "../../../lib/config/partition_key.ts";
import { configTemplate } from "../../../lib/config/template.ts";
import { NOT_ENFORCED, obeyedConfig, UNENFORCED, unenforcedNotes } from "../../../lib/config/unenforced.ts";
import { runFake } from "../../commands/fake_host.ts";
import { leafKeys, readersOf } from "./readers.ts";

const ROOT = new URL("../../../", import.meta.url);
const pure = { permissions: "none" } as const;

/** What checks, prints or tries a configuration obeys none of it. */
const NO_READER =
  /^lib\/(config|preflight|slurm_conf|iam|sim|install|report)\/|^commands\/(config|doctor|ssm|iam|install|simulate|completion|outputs)\//;

/** Keys that nothing else of the program reads, with the reason why they are obeyed all the same. */
const OBEYED_ELSEWHERE: Readonly<Record<string, string>> = {
  "aws.profile": "handed as a whole to lib/aws/client_settings.ts, which has a type of its own",
  "slurm.onPremConf": "rendered into slurm.conf as an Include: slurmctld obeys it",
  "slurm.ready": "rendered into slurm.conf as PrologSlurmctld: slurmctld obeys it",
  "nodeGroups[].features": "rendered into slurm.conf: slurmctld obeys it",
  "nodeGroups[].weight": "rendered into slurm.conf: slurmctld obeys it",
  "nodeGroups[].gres": "rendered into slurm.conf: slurmctld obeys it",
  ...Object.fromEntries(
    PARTITION_KEYS.flatMap((key) => [`partitions[].${key}`, `slurm.partitionOptions.${key}`]).map((key) => [
      key,
      "rendered into slurm.conf: slurmctld obeys it",
    ]),
  ),
};

/** The last step of a key's path. */
const property = (key: string) => key.split(".").at(-1)!;

const isPartitionKey = (key: string) => PARTITION_KEYS.some((name) => key.endsWith(`.${name}`));

function sources(folder: string): string[] {
  return [...Deno.readDirSync(new URL(folder, ROOT))].flatMap(({ name, isDirectory }) =>
    isDirectory ? sources(`${folder}${name}/`) : name.endsWith(".ts") ? [`${folder}${name}`] : []
  );
}

Deno.test("UNENFORCED has every key of the schema that nothing reads but checks and printers", async (t) => {
  const keys = leafKeys();
  const read = readersOf(
    decodeURIComponent(ROOT.pathname),
    keys.filter((key) => !isPartitionKey(key)),
    [...sources("lib/"), ...sources("commands/")].filter((path) => !NO_READER.test(path)),
  );
  const unread = keys.filter((key) => (read.get(key) ?? []).length === 0);
  const listed = (key: string) => UNENFORCED.some((entry) => entry.property === property(key));
  await t.step("a key without a reader is called unenforced, or its reason is here", () => {
    assertEquals(unread.filter((key) => !listed(key) && !(key in OBEYED_ELSEWHERE)), []);
  });
  await t.step("a reason stands here only as long as it is needed", () => {
    assertEquals(Object.keys(OBEYED_ELSEWHERE).filter((key) => !unread.includes(key)), []);
  });
  await t.step("a whole key that something reads now is no longer called unenforced", () => {
    const whole = UNENFORCED.filter(({ key, property }) => key.endsWith(property));
    const obeyed = keys.filter((key) => whole.some((entry) => entry.property === property(key)));
    assertEquals(obeyed.filter((key) => !unread.includes(key)), []);
  });
  await t.step("readersOf() is not misled by a property of the same name", () => {
    const files = read.get("nodeGroups[].rootVolume.size")!;
    assert(files.length > 0 && !files.some((file) => file.startsWith("lib/base/")), files.join());
  });
});

/** A file that uses all of them, and one that uses none. */
const ALL = `cluster: chip
region: eu-west-1
defaults:
  os: {distribution: Rocky, version: 9}
nodeGroups:
  - {name: a, nodes: "a-[0-1]", instanceTypes: [c7i.large, c6i.large], subnets: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]}
  - {name: b, nodes: b-0, instanceTypes: [c7i.large], subnets: [subnet-0123456789abcdef0], powerDownAction: stop, maxStoppedDuration: 8h}
  - {name: c, nodes: c-0, instanceTypes: [c7i.large], subnets: [subnet-0123456789abcdef0], capacityType: spot-then-on-demand}
`;
const NONE = ALL.replace(", c6i.large", "").replace(", subnet-0123456789abcdef1", "")
  .replace(", maxStoppedDuration: 8h", "").replace("spot-then-on-demand", "spot");

Deno.test("unenforcedNotes() names each unenforced key that a file uses, and where", pure, () => {
  const config = parseConfig(ALL, "f.yaml");
  const notes = unenforcedNotes(config);
  assertEquals(notes.length, UNENFORCED.length);
  for (const [at, { key, uses }] of UNENFORCED.entries()) {
    assertStringIncludes(notes[at]!, `is ${NOT_ENFORCED}: `);
    for (const word of [key, ...uses(config)!]) assertStringIncludes(notes[at]!, word);
  }
  assertEquals(unenforcedNotes(parseConfig(NONE, "f.yaml")), []);
});

Deno.test("obeyedConfig() is what the hooks make of a file, and nothing of it is unenforced", pure, () => {
  assertEquals(unenforcedNotes(obeyedConfig(parseConfig(ALL, "f.yaml"))), []);
  const plain = parseConfig(NONE, "f.yaml");
  assertEquals(obeyedConfig(plain), plain);
});

Deno.test("config check says what a file asks for in vain", pure, async () => {
  const { exit, stdout } = await runFake(configCheck, ["f.yaml"], { files: { "f.yaml": ALL } });
  assertEquals(exit, 0);
  for (const note of unenforcedNotes(parseConfig(ALL, "f.yaml"))) {
    assertStringIncludes(stdout, `Note: ${note}\n`);
  }
});

Deno.test("the JSON Schema says of each unenforced key that it is", pure, () => {
  const schema = jsonSchemaText();
  for (const { key, instead } of UNENFORCED) {
    assertStringIncludes(schema, `${key} is ${NOT_ENFORCED}: ${instead}`);
  }
});

/** A line that promises what an entry of the table says is not done. */
const PROMISES: Readonly<Record<string, RegExp>> = {
  maxStoppedDuration: /maxStoppedDuration/,
  capacityType: /spot-then-on-demand/,
  instanceTypes: /instanceTypes: \[[^\]]*,|\badd (?:more )?(?:instance )?types\b|any of its instance types/i,
  subnets: /\badd (?:more )?subnets?\b|subnets in other zones|one for each zone is good/i,
};

/** The lines of a text that promise an unenforced key without a word that it is not enforced. */
function promises(text: string): string[] {
  return text.split("\n").filter((line) =>
    !line.includes(NOT_ENFORCED) && !/^\| /.test(line) &&
    UNENFORCED.some(({ property }) => PROMISES[property]!.test(line))
  );
}

Deno.test("no template, example or page promises an unenforced key", async (t) => {
  for (const { property } of UNENFORCED) assert(property in PROMISES, `PROMISES lacks ${property}`);
  const template = configTemplate({
    cluster: "chip",
    region: "eu-west-1",
    subnets: ["subnet-0123456789abcdef0"],
    distribution: "Rocky",
    version: "9",
  });
  await t.step("config init's file", () => assertEquals(promises(template), []));
  assertEquals(unenforcedNotes(parseConfig(template, "f.yaml")), []);
  const pages = [
    "README.md",
    "deploy/slurm-ec2.example.yaml",
    ...["docs/", "deploy/ami/", "deploy/cloudformation/", "deploy/hooks/", "deploy/iam/", "deploy/node/"]
      .flatMap((folder) =>
        [...Deno.readDirSync(new URL(folder, ROOT))].filter(({ name }) => name.endsWith(".md"))
          .map(({ name }) => `${folder}${name}`)
      ),
  ];
  for (const page of pages) {
    await t.step(page, async () => {
      assertEquals(promises(await Deno.readTextFile(new URL(page, ROOT))), []);
    });
  }
});
