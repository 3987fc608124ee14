import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ssmPut } from "../../../commands/ssm/put.ts";
import { AwsError } from "../../../lib/aws/aws_error.ts";
import type { Image } from "../../../lib/aws/ec2_api.ts";
import { WORLD } from "../../../lib/sim/fresh_world.ts";
import { replacing } from "../../fixtures/rig.ts";
import { type AwsWorld, runWithAws } from "../aws_host.ts";
import { NAMES, PARAMETERS, SSM_CONFIG, ssmWorld, stored } from "./world.ts";

const put = (
  world: { readonly aws: AwsWorld["aws"]; readonly clock?: { now: number } },
  args: readonly string[],
  files: Readonly<Record<string, string>> = {},
) => runWithAws(ssmPut, args, { ...world, files: { "./slurm-ec2.yaml": SSM_CONFIG, ...files } });

const built: Image = {
  imageId: "ami-0123456789abcdef0",
  name: "slurm-node-2026",
  architecture: "x86_64",
  state: "available",
  ownerId: WORLD.account,
  rootDeviceName: "/dev/xvda",
  rootDeviceType: "ebs",
};
const ALL = [
  "--image",
  WORLD.imageIds.x86_64,
  "--key-pair",
  WORLD.keyName,
  "--security-groups",
  WORLD.securityGroupId,
];

Deno.test("ssm put says what it would write, and writes nothing", async () => {
  const world = ssmWorld({});
  const { exit, stdout } = await put(world, ALL);
  assertEquals([exit, stored(world.aws)], [0, {}]);
  assertStringIncludes(stdout, "Nothing is written yet: --apply writes 3");
  assertEquals(world.aws.simulator.calls().PutParameter, undefined);
});

Deno.test("ssm put --apply writes what a launch needs", async () => {
  const world = ssmWorld({});
  const { exit, stdout } = await put(world, [...ALL, "--apply"]);
  assertEquals([exit, stored(world.aws)], [0, PARAMETERS]);
  assertStringIncludes(stdout, "Wrote 3 of 3");
  const again = await put(world, [...ALL, "--apply"]);
  assertEquals([again.exit, world.aws.simulator.calls().PutParameter], [0, 3]);
});

Deno.test("ssm put keeps another value unless asked to overwrite", async () => {
  const world = ssmWorld(PARAMETERS, { images: [built] });
  const kept = await put(world, ["--image", built.imageId, "--apply"]);
  assertEquals([kept.exit, stored(world.aws)], [3, PARAMETERS]);
  assertStringIncludes(kept.stdout, "1 kept, which --overwrite replaces");
  const changed = await put(world, ["--image", built.imageId, "--apply", "--overwrite"]);
  assertEquals([changed.exit, stored(world.aws)[NAMES.image]], [0, built.imageId]);
});

Deno.test("ssm put --overwrite keeps a parameter's type", async () => {
  const world = ssmWorld({}, {});
  await world.aws.ssm.putParameter({ Name: NAMES.securityGroups, Value: "sg-12345678", Type: "StringList" });
  await put(world, ["--security-groups", WORLD.securityGroupId, "--apply", "--overwrite"]);
  const parameter = await world.aws.ssm.getParameter({ Name: NAMES.securityGroups });
  assertEquals([parameter.type, parameter.value], ["StringList", WORLD.securityGroupId]);
});

Deno.test("ssm put --ami-from takes the account's own image of that name", async () => {
  const stranger = { ...built, imageId: "ami-0fedcba9876543210", ownerId: "999999999999" };
  const world = ssmWorld({}, { images: [stranger, built] });
  const { exit } = await put(world, ["--ami-from", built.name, "--apply"]);
  assertEquals([exit, stored(world.aws)[NAMES.image]], [0, built.imageId]);
  const foreign = await put(ssmWorld({}, { images: [stranger] }), ["--ami-from", built.name, "--apply"]);
  assertEquals(foreign.exit, 1);
  assertEquals(foreign.stderr, `Account ${WORLD.account} has no image "${built.name}" in us-east-1\n`);
  const twice = ssmWorld({}, { images: [built, { ...built, imageId: "ami-0aaaaaaaaaaaaaaaa" }] });
  const ambiguous = await put(twice, ["--ami-from", built.name, "--apply"]);
  assertEquals([ambiguous.exit, stored(twice.aws)], [1, {}]);
  assertStringIncludes(ambiguous.stderr, "has 2 images");
});

Deno.test("ssm put --ami-from takes a name by the letter", async () => {
  const world = ssmWorld({}, { images: [built] });
  assertEquals((await put(world, ["--ami-from", "slurm-node-*"])).exit, 1);
});

const REFUSED: readonly (readonly [args: readonly string[], says: string])[] = [
  [["--key-pair", "lost"], 'Key pair "lost" does not exist'],
  [["--security-groups", "sg-0123456789abcdef0"], "sg-0123456789abcdef0 does not exist"],
  [["--security-groups", "sg 1"], "several ids are separated by commas"],
  [["--from", "values.yaml"], 'holds "UNDEFINED"'],
];
for (const [args, says] of REFUSED) {
  Deno.test(`ssm put refuses ${args.join(" ")}, as ssm validate would`, async () => {
    const world = ssmWorld({});
    const ran = await put(world, [...args, "--apply"], { "values.yaml": `${NAMES.image}: UNDEFINED` });
    assertEquals([ran.exit, stored(world.aws)], [1, {}]);
    assertStringIncludes(ran.stdout, says);
    assertStringIncludes(ran.stdout, "Nothing is written: correct what fails above");
  });
}

Deno.test("ssm put writes an image only for groups of its architecture", async () => {
  const world = ssmWorld({});
  const { exit, stderr } = await put(world, ["--image", WORLD.imageIds.arm64, "--apply"]);
  assertEquals(exit, 2);
  assertStringIncludes(stderr, "No node group reads an image of architecture arm64 from SSM");
  const config =
    `${SSM_CONFIG}  - { name: g, nodes: "g[0-9]", os: { distribution: Rocky, version: 9 }, instanceTypes: [c7g.large], subnets: [${
      WORLD.subnetIds[0]
    }] }\n`;
  await put(world, ["--image", WORLD.imageIds.arm64, "--apply"], { "./slurm-ec2.yaml": config });
  assertEquals(stored(world.aws), { [NAMES.image.replace("x86_64", "arm64")]: WORLD.imageIds.arm64 });
});

Deno.test("ssm put asks for the node group where an image could be meant for several", async () => {
  const config =
    `${SSM_CONFIG}  - { name: b, nodes: "b[0-9]", os: { distribution: Amazon, version: 2023 }, instanceTypes: [c7i.large], subnets: [${
      WORLD.subnetIds[0]
    }] }\n`;
  const world = ssmWorld({});
  const files = { "./slurm-ec2.yaml": config };
  const unclear = await put(world, ["--image", WORLD.imageIds.x86_64, "--apply"], files);
  assertEquals(unclear.exit, 2);
  assertStringIncludes(unclear.stderr, "say for which node group by --group NAME");
  await put(world, ["--image", WORLD.imageIds.x86_64, "--group", "b", "--apply"], files);
  assertEquals(Object.keys(stored(world.aws)), ["/chip/SlurmNodeAmi/Amazon/2023/x86_64/us-east-1"]);
});

Deno.test("ssm put --from-prefix takes over a legacy stack's parameters", async () => {
  const legacy = Object.fromEntries(
    Object.entries(PARAMETERS).map((
      [name, value],
    ) => [name.replace("/chip/", "/stack/").replace("Ami/", "Amis/"), value]),
  );
  const world = ssmWorld(legacy);
  const { exit } = await put(world, [
    "--from-prefix",
    "stack",
    "--from-spelling",
    "SlurmNodeAmis",
    "--apply",
  ]);
  assertEquals([exit, stored(world.aws)], [0, { ...legacy, ...PARAMETERS }]);
});

Deno.test("ssm put --from-prefix says when there is nothing, and copies no secret", async () => {
  const nothing = await put(ssmWorld({}), ["--from-prefix", "stack"]);
  assertEquals(nothing.exit, 1);
  assertEquals(
    nothing.stderr,
    "No parameter is found below /stack/ in spelling SlurmNodeAmi: check --from-prefix and --from-spelling\n",
  );
  const world = ssmWorld({});
  const name = NAMES.keyPair.replace("/chip/", "/stack/");
  await world.aws.ssm.putParameter({ Name: name, Value: "hunter2", Type: "SecureString" });
  const secret = await put(world, ["--from-prefix", "stack", "--apply"]);
  assertEquals([secret.exit, stored(world.aws)], [1, { [name]: "hunter2" }]);
  assertStringIncludes(secret.stderr, `Parameter "${name}" is a SecureString`);
});

Deno.test("ssm put writes the rest when one parameter is denied", async () => {
  const world = ssmWorld({});
  const ssm = replacing(world.aws.ssm, {
    putParameter(input) {
      if (input.Name !== NAMES.keyPair) return world.aws.ssm.putParameter(input);
      throw new AwsError({
        code: "AccessDeniedException",
        operation: "PutParameter",
        message: "Not authorized",
      });
    },
  });
  const { exit, stdout } = await put({ ...world, aws: { ...world.aws, ssm } }, [...ALL, "--apply"]);
  assertEquals([exit, Object.keys(stored(world.aws))], [3, [NAMES.image, NAMES.securityGroups]]);
  assertStringIncludes(stdout, `${NAMES.keyPair}: AccessDeniedException: Not authorized`);
  assertStringIncludes(stdout, "Wrote 2 of 3");
});

Deno.test("ssm put waits out throttling and a lost answer", async () => {
  const world = ssmWorld({});
  world.aws.simulator.addFault({ kind: "throttle", action: "PutParameter", times: 3 });
  world.aws.simulator.addFault({ kind: "lost-answer", action: "PutParameter", times: 1 });
  const { exit } = await put(world, [...ALL, "--apply"]);
  assertEquals([exit, stored(world.aws)], [0, PARAMETERS]);
});

Deno.test("ssm put --json says what was written", async () => {
  const { stdout } = await put(ssmWorld({ [NAMES.keyPair]: "old" }), [...ALL, "--json", "--apply"]);
  const report = JSON.parse(stdout);
  assertEquals([report.applied, report.refused], [true, false]);
  assertEquals(
    report.writes.map((
      { name, action, version, before }: Record<string, unknown>,
    ) => [name, action, version, before]),
    [
      [NAMES.image, "create", 1, undefined],
      [NAMES.keyPair, "keep", undefined, "old"],
      [NAMES.securityGroups, "create", 1, undefined],
    ],
  );
  assert(Array.isArray(report.findings));
});

const MISTAKES: readonly (readonly [args: readonly string[], says: string])[] = [
  [
    [],
    "Nothing to write: name values by --image, --ami-from, --key-pair, --security-groups, --from or --from-prefix",
  ],
  [["--image", "ami-12345678", "--ami-from", "x"], "--image and --ami-from exclude each other"],
  [["--image", "x"], 'Not an AMI id: "x"; by its name say --ami-from'],
  [["--group", "z", "--key-pair", "k"], 'Unknown node group: "z" (did you mean "a"?)'],
  [
    ["--from", "values.yaml"],
    "Not read by this configuration: /chip/Other; ssm validate lists the names that are",
  ],
  [
    ["--from", "values.yaml", "--from-prefix", "x"],
    "--from and --from-prefix or --from-spelling exclude each other",
  ],
  [["--from-spelling", "x"], 'Unknown value of --from-spelling: "x"; it takes SlurmNodeAmi, SlurmNodeAmis'],
  [["--from-prefix", "chip"], "The configuration reads just these: /chip/SlurmNodeAmi/…; name another place"],
];
for (const [args, says] of MISTAKES) {
  Deno.test(`ssm put refuses ${args.join(" ") || "nothing at all"}`, async () => {
    const { exit, stderr } = await put(ssmWorld({}), args, { "values.yaml": "/chip/Other: x" });
    assertEquals([exit, stderr], [2, `${says}\n`]);
  });
}
