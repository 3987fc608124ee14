import { assertEquals } from "@std/assert";
import { readPolicyFile } from "../../../../lib/sim/iam/policy_file.ts";

const pure = { permissions: "none" } as const;
const SCOPE = { region: "cn-north-1", account: "111122223333" };
const policy = (Resource: unknown) => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "ec2:*", Resource }],
});
const template = (document: unknown) => ({
  AWSTemplateFormatVersion: "2010-09-09",
  Resources: {
    Policy1: { Type: "AWS::IAM::ManagedPolicy", Properties: { PolicyDocument: document } },
    Key: { Type: "AWS::EC2::KeyPair", Properties: {} },
  },
});
const resources = (data: unknown) =>
  readPolicyFile(data, "f", SCOPE).statements.map(({ resource }) => resource.patterns);

Deno.test("readPolicyFile() takes a policy, or several that are attached together", pure, () => {
  assertEquals(resources(policy("*")), [["*"]]);
  assertEquals(resources([policy("*"), policy("arn:aws:ec2:::x/y")]), [["*"], ["arn:aws:ec2:::x/y"]]);
});

Deno.test("readPolicyFile() fills in a template's partition, account and region", pure, () => {
  const text = "arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:key-pair/a${!*}";
  assertEquals(resources(template(policy([{ "Fn::Sub": text }]))), [[
    "arn:aws-cn:ec2:cn-north-1:111122223333:key-pair/a${*}",
  ]]);
});

Deno.test("readPolicyFile() says in which policy of a file something is wrong", pure, () => {
  const wrong = { ...policy("*"), Statement: [{ ...policy("*").Statement[0], Effect: "x" }] };
  const problems = (data: unknown) => readPolicyFile(data, "f", SCOPE).problems;
  assertEquals(problems([policy("*"), wrong]), [
    'f[1]: Statement[0].Effect: Allow or Deny is wanted, not "x"',
  ]);
  assertEquals(problems(template(wrong)), [
    'f Policy1: Statement[0].Effect: Allow or Deny is wanted, not "x"',
  ]);
  assertEquals(problems(template(policy({ Ref: "Other" }))), [
    'f Policy1: Statement[0].Resource: a text or a list of texts is wanted, not {"Ref":"Other"}',
  ]);
  assertEquals(problems({ Resources: {} }), [
    "f: holds no policy: neither a Statement nor an AWS::IAM::ManagedPolicy",
  ]);
  assertEquals(problems([]), ["f: holds no policy: neither a Statement nor an AWS::IAM::ManagedPolicy"]);
});
