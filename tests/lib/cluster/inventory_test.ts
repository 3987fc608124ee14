import { assertEquals } from "@std/assert";
import { AwsError } from "../../../lib/aws/aws_error.ts";
import type { DescribeInstancesInput } from "../../../lib/aws/ec2_api.ts";
import { listCluster } from "../../../lib/cluster/inventory.ts";
import { instanceTags } from "../../../lib/identity/tags.ts";
import { makeInstance } from "../../fixtures/make_instance.ts";

const pure = { permissions: "none" } as const;

Deno.test("listCluster() reads every page, again after a throttle, and names the nodes", pure, async () => {
  const tags = Object.fromEntries(
    instanceTags({ cluster: "test", nodeGroup: "c", nodes: "c[0-1]" }).map(({ Key, Value }) => [Key, Value]),
  );
  const pages = [0, 1].map((amiLaunchIndex) =>
    makeInstance({ instanceId: `i-${amiLaunchIndex}`, amiLaunchIndex, tags })
  );
  const asked: DescribeInstancesInput[] = [];
  const describeInstances = (input: DescribeInstancesInput) => {
    asked.push(input);
    if (asked.length === 2) {
      const code = "RequestLimitExceeded";
      return Promise.reject(new AwsError({ code, message: code, operation: "DescribeInstances" }));
    }
    const at = Number(input.NextToken ?? 0);
    return Promise.resolve({ items: [pages[at]!], ...(at === 0 && { nextToken: "1" }) });
  };
  const patience = { now: () => 0, sleep: () => Promise.resolve(), random: () => 0, deadline: 1 };
  const found = await listCluster({ ec2: { describeInstances }, ...patience }, "test");
  assertEquals(found.map(({ nodeName }) => nodeName), ["c0", "c1"]);
  assertEquals(asked.map(({ NextToken }) => NextToken), [undefined, "1", "1"]);
  assertEquals(asked[0]!.Filters!.map(({ Name }) => Name), ["tag:slurm-ec2:cluster", "instance-state-name"]);
});
