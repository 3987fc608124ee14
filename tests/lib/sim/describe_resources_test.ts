import { assertEquals } from "@std/assert";
import { snapshotInstanceTypes } from "../../../lib/aws/instance_type_snapshot.ts";
import { EXAMPLE_INSTANCE_TYPES } from "../../../lib/sim/example_instance_types.ts";
import { WORLD } from "../../../lib/sim/fresh_world.ts";
import type { Action } from "../../../lib/sim/actions.ts";
import { Story } from "./worlds.ts";

const pure = { permissions: "none" } as const;

Deno.test(
  "describeSubnets() counts the addresses that are free, stopped instances holding theirs",
  pure,
  () => {
    const story = new Story();
    const InstanceIds = story.launch({ MaxCount: 10 }).map((i) => i.instanceId);
    const free = () =>
      story.answer("DescribeSubnets", { SubnetIds: [WORLD.subnetIds[0]] }).items[0]?.availableIpAddressCount;
    assertEquals(free(), 8177);
    story.answer("StopInstances", { InstanceIds });
    assertEquals(free(), 8177);
    story.answer("TerminateInstances", { InstanceIds });
    assertEquals(free(), 8187);
  },
);

Deno.test("Describe calls select by name and by filter", pure, () => {
  const story = new Story();
  const filter = (Name: string, ...Values: string[]) => ({ Filters: [{ Name, Values }] });
  const table: readonly (readonly [Action, object, number])[] = [
    ["DescribeSubnets", {}, 3],
    ["DescribeSubnets", filter("availability-zone", "us-east-1a", "us-east-1b"), 2],
    ["DescribeSubnets", filter("cidr-block", "10.0.32.0/19"), 1],
    ["DescribeSubnets", filter("tag:Name", "x"), 0],
    ["DescribeImages", { Owners: ["self"] }, 2],
    ["DescribeImages", { Owners: ["amazon"] }, 0],
    ["DescribeImages", filter("architecture", "arm64"), 1],
    ["DescribeImages", filter("name", "slurm-node-*"), 2],
    ["DescribeSecurityGroups", filter("group-name", "default"), 1],
    ["DescribeSecurityGroups", { GroupNames: [WORLD.securityGroupName] }, 1],
    ["DescribeInstanceTypes", filter("processor-info.supported-architecture", "arm64"), 5],
    ["DescribeInstanceTypes", { InstanceTypes: ["c7i.large", "g5.xlarge"] }, 2],
  ];
  for (const [action, request, expected] of table) {
    const { items } = story.answer(action, request as never) as { items: readonly unknown[] };
    assertEquals(items.length, expected, `${action} ${JSON.stringify(request)}`);
  }
  assertEquals(story.answer("DescribeKeyPairs", filter("key-name", "cluster-*")).length, 1);
  assertEquals(story.answer("DescribeAvailabilityZones", { ZoneNames: ["us-east-1b"] }).length, 1);
});

Deno.test("Describe calls refuse what EC2 refuses", pure, () => {
  const story = new Story();
  const table: readonly (readonly [Action, object, string])[] = [
    ["DescribeSubnets", { SubnetIds: ["subnet-0123456789abcdef0"] }, "InvalidSubnetID.NotFound"],
    ["DescribeSubnets", { SubnetIds: ["x"] }, "InvalidSubnetID.Malformed"],
    ["DescribeSubnets", { Filters: [{ Name: "colour", Values: ["red"] }] }, "InvalidParameterValue"],
    ["DescribeSubnets", { SubnetIds: [WORLD.subnetIds[0]], MaxResults: 5 }, "InvalidParameterCombination"],
    ["DescribeImages", { ImageIds: ["ami-0123456789abcdef0"] }, "InvalidAMIID.NotFound"],
    ["DescribeImages", { ImageIds: ["UNDEFINED"] }, "InvalidAMIID.Malformed"],
    ["DescribeSecurityGroups", { GroupIds: ["sg-0123456789abcdef0"] }, "InvalidGroup.NotFound"],
    ["DescribeSecurityGroups", { GroupIds: ["x"] }, "InvalidGroupId.Malformed"],
    ["DescribeKeyPairs", { KeyNames: ["nobody"] }, "InvalidKeyPair.NotFound"],
    ["DescribeInstanceTypes", { InstanceTypes: ["c99.huge"] }, "InvalidInstanceType"],
    ["DescribeInstanceTypes", { InstanceTypes: Array(101).fill("c7i.large") }, "InvalidParameterValue"],
    ["DescribeInstanceTypes", { MaxResults: 101 }, "InvalidParameterValue"],
    ["DescribeAvailabilityZones", { ZoneNames: ["mars-1a"] }, "InvalidParameterValue"],
    ["DescribeImages", { DryRun: true }, "DryRunOperation"],
    ["GetConsoleOutput", { InstanceId: "i-0123456789abcdef0" }, "InvalidInstanceID.NotFound"],
  ];
  for (const [action, request, code] of table) {
    assertEquals(story.code(action, request as never), code, `${action} ${JSON.stringify(request)}`);
  }
});

Deno.test("describeInstanceTypes() pages through all types once", pure, () => {
  const story = new Story();
  const names: string[] = [];
  let NextToken: string | undefined;
  do {
    const page = story.answer("DescribeInstanceTypes", { MaxResults: 5, NextToken });
    names.push(...page.items.map((type) => type.instanceType));
    NextToken = page.nextToken;
  } while (NextToken !== undefined);
  assertEquals(names, [...EXAMPLE_INSTANCE_TYPES.keys()]);
});

Deno.test("EXAMPLE_INSTANCE_TYPES has the facts of the snapshot", async () => {
  const snapshot = await snapshotInstanceTypes();
  for (const [name, facts] of EXAMPLE_INSTANCE_TYPES) {
    assertEquals(facts, snapshot.get(name), name);
  }
});
