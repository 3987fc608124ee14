import { assertEquals, assertStringIncludes } from "@std/assert";
import { ssmDiff } from "../../../commands/ssm/diff.ts";
import { WORLD } from "../../../lib/sim/fresh_world.ts";
import { type AwsWorld, runWithAws } from "../aws_host.ts";
import { NAMES, PARAMETERS, SSM_CONFIG, ssmWorld } from "./world.ts";

const diff = (
  world: { readonly aws: AwsWorld["aws"]; readonly clock?: { now: number } },
  args: readonly string[],
  values = "",
) =>
  runWithAws(ssmDiff, args, { ...world, files: { "./slurm-ec2.yaml": SSM_CONFIG, "values.yaml": values } });

const yaml = (values: Readonly<Record<string, string>>) =>
  Object.entries(values).map(([name, value]) => `${name}: ${value}\n`).join("");

Deno.test("ssm diff exits 0 where file and SSM are the same", async () => {
  const { exit, stdout } = await diff(ssmWorld(), ["--from", "values.yaml"], yaml(PARAMETERS));
  assertEquals(exit, 0);
  assertStringIncludes(stdout, "3 of 3 the same");
});

Deno.test("ssm diff tells what is different, missing and extra", async () => {
  const there = { [NAMES.image]: WORLD.imageIds.arm64, [NAMES.securityGroups]: "sg-12345678" };
  const wanted = { [NAMES.image]: WORLD.imageIds.x86_64, [NAMES.keyPair]: "key" };
  const { exit, stdout } = await diff(ssmWorld(there), ["--from", "values.yaml", "--json"], yaml(wanted));
  assertEquals(exit, 3);
  assertEquals(JSON.parse(stdout).differences, [
    { name: NAMES.image, kind: "different", there: WORLD.imageIds.arm64, wanted: WORLD.imageIds.x86_64 },
    { name: NAMES.keyPair, kind: "missing", wanted: "key" },
    { name: NAMES.securityGroups, kind: "extra", there: "sg-12345678" },
  ]);
});

Deno.test("ssm diff compares with another prefix and spelling", async () => {
  const legacy = { [NAMES.image.replace("/chip/", "/stack/").replace("Ami/", "Amis/")]: "ami-12345678" };
  const { exit, stdout } = await diff(ssmWorld({ ...PARAMETERS, ...legacy }), [
    "--from-prefix",
    "stack",
    "--from-spelling",
    "SlurmNodeAmis",
    "--json",
  ]);
  assertEquals(exit, 3);
  const [image] = JSON.parse(stdout).differences;
  assertEquals(image, {
    name: NAMES.image,
    kind: "different",
    there: WORLD.imageIds.x86_64,
    wanted: "ami-12345678",
  });
});

Deno.test("ssm diff can't tell what it may not read, and shows no secret", async () => {
  const world = ssmWorld({});
  await world.aws.ssm.putParameter({ Name: NAMES.keyPair, Value: "hunter2", Type: "SecureString" });
  const secret = await diff(world, ["--from", "values.yaml"], yaml({ [NAMES.keyPair]: "key" }));
  assertEquals([secret.exit, secret.stdout.includes("hunter2")], [3, false]);
  const denied = ssmWorld();
  denied.aws.simulator.addFault({
    kind: "error",
    action: "GetParameters",
    times: 99,
    code: "AccessDeniedException",
  });
  const { exit, stdout } = await diff(
    denied,
    ["--from", "values.yaml", "--json"],
    yaml({ [NAMES.keyPair]: "key" }),
  );
  assertEquals(exit, 3);
  assertEquals(JSON.parse(stdout).differences[1], {
    name: NAMES.keyPair,
    kind: "can't tell",
    there: "AccessDeniedException",
    wanted: "key",
  });
});

Deno.test("ssm diff wants to know what to compare with", async () => {
  const { exit, stderr } = await diff(ssmWorld(), []);
  assertEquals([exit, stderr], [2, "Compare with what? --from FILE, --from-prefix or --from-spelling\n"]);
});
