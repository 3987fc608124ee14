import { assertEquals } from "@std/assert";
import { ec2Arn, roleArn } from "../../../lib/iam/arn.ts";

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
