import { assertEquals } from "@std/assert";
import { dnsSuffix, partitionOf } from "../../../lib/aws/partition.ts";
import { ec2Arn, roleArn } from "../../../lib/iam/arn.ts";

Deno.test("partitionOf() knows the partitions by their regions", { permissions: "none" }, () => {
  const partitions = [
    ["eu-west-1", "aws"],
    ["cn-north-1", "aws-cn"],
    ["us-gov-west-1", "aws-us-gov"],
    ["us-iso-east-1", "aws-iso"],
    ["us-isob-east-1", "aws-iso-b"],
    ["eusc-de-east-1", "aws-eusc"],
  ] as const;
  for (const [region, partition] of partitions) assertEquals(partitionOf(region), partition, region);
  assertEquals([dnsSuffix("cn-north-1"), dnsSuffix("eu-west-1")], ["amazonaws.com.cn", "amazonaws.com"]);
});

Deno.test("ec2Arn() gives images no account and leaves it open for what can be shared", {
  permissions: "none",
}, () => {
  const scope = { partition: "aws", region: "eu-west-1", account: "111122223333" };
  assertEquals(ec2Arn(scope, "image/ami-1"), "arn:aws:ec2:eu-west-1::image/ami-1");
  assertEquals(ec2Arn(scope, "subnet/subnet-1"), "arn:aws:ec2:eu-west-1:*:subnet/subnet-1");
  assertEquals(ec2Arn(scope, "instance/*"), "arn:aws:ec2:eu-west-1:111122223333:instance/*");
  assertEquals(ec2Arn(scope, "key-pair/a/b?"), "arn:aws:ec2:eu-west-1:111122223333:key-pair/a/b${?}");
  assertEquals(roleArn(scope, "Node"), "arn:aws:iam::111122223333:role/Node");
});
