import { assertEquals } from "@std/assert";
import { requestLimits, resourceLimits } from "../../lib/aws/token_bucket.ts";
import { requestBucket, resourceBucket } from "../../lib/sim/token_buckets.ts";

const OPERATIONS = [
  "RunInstances",
  "StartInstances",
  "StopInstances",
  "TerminateInstances",
  "CreateTags",
  "DescribeInstances",
  "DescribeSecurityGroups",
  "DescribeSubnets",
  "DescribeInstanceTypes",
  "GetConsoleOutput",
];

Deno.test("caller and simulator count EC2's tokens alike", { permissions: "none" }, () => {
  for (const operation of OPERATIONS) {
    for (const narrowed of [true, false]) {
      assertEquals(requestLimits(operation, narrowed), requestBucket(operation, narrowed).limits, operation);
    }
    assertEquals(resourceLimits(operation), resourceBucket(operation)?.limits, operation);
  }
});
