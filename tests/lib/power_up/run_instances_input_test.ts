import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { identityFromTags } from "../../../lib/identity/tags.ts";
import { CASES, goldenText, requestOf } from "./run_instances_cases.ts";

const pure = { permissions: "none" } as const;
const GOLDEN = new URL("../../golden/run_instances/", import.meta.url);

for (const name of Object.keys(CASES)) {
  Deno.test(`runInstancesInput() asks EC2 for what tests/golden/run_instances/${name}.json has`, {
    permissions: { read: [GOLDEN] },
  }, () => {
    assertEquals(goldenText(name), Deno.readTextFileSync(new URL(`${name}.json`, GOLDEN)));
  });
}

Deno.test(
  "tests/golden/run_instances has no request that no case makes",
  { permissions: { read: [GOLDEN] } },
  () => {
    const files = [...Deno.readDirSync(GOLDEN)].map(({ name }) => name).filter((name) =>
      name.endsWith(".json")
    );
    assertEquals(files.sort(), Object.keys(CASES).map((name) => `${name}.json`).sort());
  },
);

Deno.test("runInstancesInput() differs between any two cases", pure, () => {
  const texts = Object.keys(CASES).filter((name) =>
    !/root_volume_(CentOS|RedHat|Rocky|AlmaLinux|Ubuntu)/.test(name)
  )
    .map(goldenText);
  assertEquals(new Set(texts).size, texts.length);
});

Deno.test("runInstancesInput() gives the same bytes for the same plan and token", pure, () => {
  for (const name of Object.keys(CASES)) assertEquals(goldenText(name), goldenText(name));
  assertNotEquals(goldenText("plain"), goldenText("spot"));
});

Deno.test("runInstancesInput() tells the node in user data what its tags say", pure, () => {
  const { UserData, TagSpecifications } = requestOf(CASES.long_hostlist!);
  const userData = new TextDecoder().decode(Uint8Array.fromBase64(UserData!));
  const [tags] = TagSpecifications!;
  assertEquals(tags!.ResourceType, "instance");
  const identity = identityFromTags(Object.fromEntries(tags!.Tags.map(({ Key, Value }) => [Key, Value])))!;
  assert(userData.includes(`\nNODES=${identity.nodes}\n`));
  assert(
    tags!.Tags.some(({ Key }) => Key === "slurm-ec2:nodes.1"),
    "the hostlist is not longer than one tag",
  );
});

Deno.test("runInstancesInput() tags volumes and interfaces too, within EC2's limits", pure, () => {
  for (const name of Object.keys(CASES)) {
    const { TagSpecifications } = requestOf(CASES[name]!);
    assertEquals(TagSpecifications!.map(({ ResourceType }) => ResourceType), [
      "instance",
      "volume",
      "network-interface",
    ]);
    for (const { Tags } of TagSpecifications!) {
      assert(
        Tags.length <= 50 && Tags.every(({ Key, Value }) => Key.length <= 128 && Value.length <= 256),
        name,
      );
      assertEquals(new Set(Tags.map(({ Key }) => Key)).size, Tags.length, name);
    }
  }
});

Deno.test(
  "runInstancesInput() leaves CPU options to EC2 when the cores of the type are not known",
  pure,
  () => {
    assertEquals(requestOf({ group: { threadsPerCore: 1 } }).CpuOptions, undefined);
    assertEquals(requestOf({ request: { cores: 4 } }).CpuOptions, undefined);
  },
);
