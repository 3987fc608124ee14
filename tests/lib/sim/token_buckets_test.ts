import { assertEquals } from "@std/assert";
import { requestBucket, resourceBucket } from "../../../lib/sim/token_buckets.ts";

const REQUESTS: readonly (readonly [action: string, narrowed: boolean, name: string, size: number])[] = [
  ["RunInstances", true, "RunInstances requests", 5],
  ["RunInstances", false, "RunInstances requests", 5],
  ["StopInstances", true, "StopInstances requests", 50],
  ["DescribeInstances", true, "DescribeInstances requests", 100],
  ["DescribeInstances", false, "DescribeInstances unfiltered requests", 50],
  ["DescribeImages", false, "DescribeImages requests", 100],
  ["GetParameter", true, "Parameter Store reads", 40],
  ["GetParametersByPath", true, "Parameter Store reads", 40],
  ["PutParameter", true, "Parameter Store writes", 3],
];

for (const [action, narrowed, name, size] of REQUESTS) {
  Deno.test({
    name: `requestBucket() of ${action}${narrowed ? "" : " without filter or pages"} is ${name}`,
    permissions: "none",
    fn() {
      const bucket = requestBucket(action, narrowed);
      assertEquals([bucket.name, bucket.limits.size], [name, size]);
    },
  });
}

Deno.test("resourceBucket() is one an action, and none for reads", { permissions: "none" }, () => {
  const limits = { size: 1000, refill: 20 };
  assertEquals(resourceBucket("TerminateInstances"), { name: "TerminateInstances resources", limits });
  assertEquals(resourceBucket("DescribeInstances"), undefined);
});
