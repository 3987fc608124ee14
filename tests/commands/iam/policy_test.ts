import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { parse } from "yaml";
import { iamPolicy } from "../../../commands/iam/policy.ts";
import { type PolicyDocument, policySize } from "../../../lib/iam/policy.ts";
import { runFake } from "../fake_host.ts";

const ROOT = new URL("../../../", import.meta.url).pathname;
const EXAMPLE = await Deno.readTextFile(`${ROOT}deploy/slurm-ec2.example.yaml`);
const SMALL = `
cluster: chip
region: eu-west-1
nodeGroups:
  - { name: a, nodes: "a[0-9]", os: { distribution: Rocky, version: 9 }, instanceTypes: [c7i.large], subnets: [subnet-12345678] }
`;

const run = (args: readonly string[], text = SMALL) =>
  runFake(iamPolicy, args, { files: { "./slurm-ec2.yaml": text } });

const DEFAULTS: readonly (readonly [file: string, args: readonly string[]])[] = [
  ["controller.json", []],
  ["controller.yaml", ["--format", "cloudformation"]],
  ["node.json", ["--for", "node"]],
  ["node.yaml", ["--for", "node", "--format", "cloudformation"]],
];

for (const [name, args] of DEFAULTS) {
  Deno.test(`deploy/iam/${name} is what iam policy prints for the example configuration`, async () => {
    const { exit, stdout } = await run(args, EXAMPLE);
    assertEquals(exit, 0);
    const path = `${ROOT}deploy/iam/${name}`;
    if (Deno.env.get("UPDATE_IAM") === "1") await Deno.writeTextFile(path, stdout);
    else {assertEquals(
        await Deno.readTextFile(path),
        stdout,
        "run UPDATE_IAM=1 deno test -A tests/commands/iam/policy_test.ts",
      );}
  });
}

Deno.test("iam policy prints JSON with the partition of the region and the account given", async () => {
  const china = SMALL.replace("eu-west-1", "cn-north-1");
  const { stdout, stderr, exit } = await run(["--account", "111122223333"], china);
  assertEquals([exit, stderr], [0, ""]);
  assertStringIncludes(stdout, "arn:aws-cn:ec2:cn-north-1:111122223333:instance/*");
  assert(policySize(JSON.parse(stdout)) < 6_144);
});

Deno.test("iam policy --format cloudformation leaves account and partition to CloudFormation", async () => {
  const { stdout } = await run(["--format", "cloudformation"]);
  const template = parse(stdout);
  const { Statement } = template.Resources.ControllerPolicy.Properties.PolicyDocument;
  assertEquals(Statement[0].Resource, {
    "Fn::Sub": "arn:${AWS::Partition}:ec2:eu-west-1:${AWS::AccountId}:instance/*",
  });
  assertEquals(template.Outputs.ControllerPolicyArn.Value, { Ref: "ControllerPolicy" });
  assert(!stdout.includes("&a1"), "CloudFormation takes no YAML anchors");
});

Deno.test("iam policy says which role it takes the nodes to have", async () => {
  const text = SMALL.replace("instanceTypes:", "instanceProfile: Node, instanceTypes:");
  assertStringIncludes(
    (await run([], text)).stderr,
    "like their instance profile (Node): else say --node-role",
  );
  const { stdout, stderr } = await run(["--node-role", "nodes/SlurmNode"], text);
  assertEquals(stderr, "");
  assertStringIncludes(stdout, '"arn:aws:iam::*:role/nodes/SlurmNode"');
});

Deno.test("iam policy reports a policy that IAM would refuse, and --split makes it small enough", async () => {
  const subnets = Array.from({ length: 120 }, (_, i) => `subnet-${String(i).padStart(17, "0")}`).join(", ");
  const text = SMALL.replace("subnet-12345678", subnets);
  const whole = await run([], text);
  assertEquals(whole.exit, 3);
  assertStringIncludes(whole.stderr, "a managed policy takes 6144: print it with --split");
  const split = await run(["--split"], text);
  assertEquals([split.exit, split.stderr], [0, ""]);
  const policies = JSON.parse(split.stdout) as PolicyDocument[];
  assert(policies.length > 1);
  for (const policy of policies) assert(policySize(policy) <= 6_144);
  const template = parse((await run(["--split", "--format", "cloudformation"], text)).stdout);
  assertEquals(Object.keys(template.Resources).slice(0, 2), ["ControllerPolicy1", "ControllerPolicy2"]);
});

Deno.test("iam policy reports more policies than a role takes", async () => {
  const subnets = Array.from({ length: 1500 }, (_, i) => `subnet-${String(i).padStart(17, "0")}`).join(", ");
  const { exit, stderr, stdout } = await run(["--split"], SMALL.replace("subnet-12345678", subnets));
  const { length } = JSON.parse(stdout);
  assertEquals([exit, length > 10], [3, true]);
  assertStringIncludes(stderr, `These are ${length} policies, and a role or user takes 10`);
  const text = SMALL.replace("subnet-12345678", subnets);
  const template = await run(["--split", "--format", "cloudformation"], text);
  assertStringIncludes(template.stderr, "bytes, of which a call takes 51200: deploy it through a bucket");
});

Deno.test("iam policy --from-prefix reads another stack's parameters, and writes none of them", async () => {
  const { stdout } = await run(["--with-put", "--from-prefix", "old/stack"]);
  const { Statement } = JSON.parse(stdout) as PolicyDocument;
  const at = (sid: string) => JSON.stringify(Statement.find(({ Sid }) => Sid === sid)?.Resource);
  assertStringIncludes(at("ReadParameters"), "parameter/old/stack/SlurmNodeAmis/*");
  assertStringIncludes(at("ListParameters"), "parameter/old/stack");
  assert(!at("WriteParameters").includes("old"));
});

Deno.test("iam policy --for node reads the munge key and nothing else", async () => {
  const { stdout } = await run(["--for", "node", "--munge-key", "secrets/munge", "--kms-key", "1234-5678"]);
  const { Statement } = JSON.parse(stdout) as PolicyDocument;
  assertEquals(Statement.map(({ Action, Resource }) => [Action, Resource]), [
    ["ssm:GetParameter", "arn:aws:ssm:eu-west-1:*:parameter/chip/secrets/munge"],
    ["kms:Decrypt", "arn:aws:kms:eu-west-1:*:key/1234-5678"],
  ]);
});

Deno.test("iam policy --for node reads the munge key that user data names", async () => {
  const named = SMALL.replace("instanceTypes:", "userData: {MUNGE_KEY: ssm:/keys/munge}, instanceTypes:");
  const { stdout } = await run(["--for", "node"], named);
  const { Statement } = JSON.parse(stdout) as PolicyDocument;
  assertEquals(Statement.map(({ Resource }) => Resource), [
    "arn:aws:ssm:eu-west-1:*:parameter/keys/munge",
  ]);
});

Deno.test("iam policy --for node says that nodes need none where their munge key is a file", async () => {
  const named = SMALL.replace(
    "instanceTypes:",
    "userData: {MUNGE_KEY: /opt/slurm/munge.key}, instanceTypes:",
  );
  const { exit, stdout, stderr } = await run(["--for", "node"], named);
  assertEquals([exit, stdout], [1, ""]);
  assertStringIncludes(stderr, "No node group's MUNGE_KEY is in SSM: the nodes' role needs no policy at all");
});

const MISTAKES: readonly (readonly [args: readonly string[], says: string])[] = [
  [["--for", "user"], 'Unknown value of --for: "user"; it takes controller, node'],
  [["--format", "xml"], 'Unknown value of --format: "xml"; it takes json, cloudformation'],
  [["--account", "1234"], 'Not an account number: "1234"; it has twelve digits'],
  [["--munge-key", "Key"], "--munge-key goes with --for node"],
  [["--for", "node", "--munge-key", "a b"], 'Not the name of an SSM parameter: "a b"'],
  [["--for", "node", "--from-prefix", "old"], "--from-prefix goes with --for controller"],
  [["--from-prefix", "/old"], 'Not a prefix of SSM parameters: "/old"'],
  [["--for", "node", "--with-put"], "--with-put goes with --for controller"],
  [["extra"], 'Command iam policy takes no arguments, got "extra"'],
];
for (const [args, says] of MISTAKES) {
  Deno.test(`iam policy refuses ${args.join(" ")}`, async () => {
    const { exit, stderr, stdout } = await run(args);
    assertEquals([exit, stderr, stdout], [2, `${says}\n`, ""]);
  });
}
