import { assertEquals } from "@std/assert";
import { CLOUDFORMATION_SCOPE, cloudformationTemplate } from "../../../lib/iam/cloudformation.ts";
import { ec2Arn } from "../../../lib/iam/arn.ts";
import { policyDocument } from "../../../lib/iam/policy.ts";

Deno.test("cloudformationTemplate() has CloudFormation fill in its own values and leaves IAM's alone", {
  permissions: "none",
}, () => {
  const scope = { ...CLOUDFORMATION_SCOPE, region: "eu-west-1" };
  const policy = policyDocument([
    { Sid: "A", Effect: "Allow", Action: "ec2:RunInstances", Resource: [ec2Arn(scope, "key-pair/a*b"), "*"] },
  ]);
  const template = cloudformationTemplate({ name: "P", description: "D", policies: [policy, policy] });
  const resource = {
    Type: "AWS::IAM::ManagedPolicy",
    Properties: {
      Description: "D",
      PolicyDocument: {
        Version: "2012-10-17",
        Statement: [{
          Sid: "A",
          Effect: "Allow",
          Action: "ec2:RunInstances",
          Resource: [
            { "Fn::Sub": "arn:${AWS::Partition}:ec2:eu-west-1:${AWS::AccountId}:key-pair/a${!*}b" },
            "*",
          ],
        }],
      },
    },
  };
  assertEquals((template as { Resources: unknown }).Resources, { P1: resource, P2: resource });
});
