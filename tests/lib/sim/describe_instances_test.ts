import { assertEquals } from "@std/assert";
import type { DescribeInstancesInput } from "../../../lib/aws/ec2_api.ts";
import { WORLD } from "../../../lib/sim/fresh_world.ts";
import { idsOf, Story } from "./worlds.ts";

const pure = { permissions: "none" } as const;
const UNKNOWN = "i-0123456789abcdef0";

/** Three instances: two tagged a=1, one spot elsewhere tagged a=2. */
function populated(): Story {
  const story = new Story();
  const tag = (Value: string) => [{ ResourceType: "instance" as const, Tags: [{ Key: "a", Value }] }];
  story.launch({ MaxCount: 2, ClientToken: "first", TagSpecifications: tag("1") });
  story.launch({
    SubnetId: WORLD.subnetIds[1],
    InstanceType: "c7i.xlarge",
    InstanceMarketOptions: { MarketType: "spot" },
    TagSpecifications: tag("2"),
  });
  return story;
}

function count(story: Story, Name: string, ...Values: string[]): number {
  return story.answer("DescribeInstances", { Filters: [{ Name, Values }] }).items.length;
}

Deno.test("describeInstances() selects by each filter", pure, () => {
  const story = populated();
  const [first] = story.answer("DescribeInstances", {}).items;
  const table: readonly (readonly [string, readonly string[], number])[] = [
    ["tag:a", ["1"], 2],
    ["tag:a", ["1", "2"], 3],
    ["tag:a", ["*"], 3],
    ["tag:A", ["1"], 0],
    ["tag-key", ["a"], 3],
    ["tag-key", ["?"], 3],
    ["tag-key", ["b"], 0],
    ["tag-value", ["2"], 1],
    ["instance-id", [first!.instanceId, UNKNOWN], 1],
    ["instance-state-name", ["running"], 3],
    ["instance-state-name", ["pending", "stop*"], 0],
    ["instance-state-code", ["16"], 3],
    ["instance-type", ["c7i.*"], 3],
    ["instance-type", ["c7i.?large"], 1],
    ["availability-zone", ["us-east-1b"], 1],
    ["availability-zone-id", ["use1-az2"], 1],
    ["subnet-id", [WORLD.subnetIds[0]], 2],
    ["vpc-id", [WORLD.vpcId], 3],
    ["image-id", [WORLD.imageIds.x86_64], 3],
    ["client-token", ["first"], 2],
    ["private-ip-address", ["10.0.0.5"], 1],
    ["private-dns-name", ["ip-10-0-0-5.ec2.internal"], 1],
    ["reservation-id", [first!.reservationId], 2],
    ["instance-lifecycle", ["spot"], 1],
    ["launch-index", ["0"], 2],
    ["instance.group-id", [WORLD.defaultSecurityGroupId], 3],
  ];
  for (const [name, values, expected] of table) {
    assertEquals(count(story, name, ...values), expected, `${name}=${values}`);
  }
});

Deno.test("describeInstances() shows what matches all filters", pure, () => {
  const Filters = [{ Name: "tag:a", Values: ["1", "2"] }, { Name: "instance-lifecycle", Values: ["spot"] }];
  assertEquals(populated().answer("DescribeInstances", { Filters }).items.length, 1);
});

Deno.test("describeInstances() refuses what EC2 refuses", pure, () => {
  const story = populated();
  const ids = idsOf(story.answer("DescribeInstances", {}).items);
  const many = (count: number) => Array.from({ length: count }, (_, i) => `v${i}`);
  const table: readonly (readonly [string, DescribeInstancesInput & { DryRun?: boolean }])[] = [
    ["InvalidParameterValue", { Filters: [{ Name: "colour", Values: ["red"] }] }],
    ["InvalidParameterValue", { Filters: [{ Name: "tag", Values: ["a"] }] }],
    ["InvalidParameterValue", { Filters: [{ Name: "constructor", Values: ["a"] }] }],
    ["InvalidParameterValue", { Filters: [{ Name: "instance-id", Values: [] }] }],
    ["FilterLimitExceeded", { Filters: [{ Name: "tag:a", Values: many(201) }] }],
    ["FilterLimitExceeded", { Filters: [{ Name: "tag:a", Values: ["v".repeat(256)] }] }],
    ["FilterLimitExceeded", { Filters: many(51).map((Value) => ({ Name: "tag:a", Values: [Value] })) }],
    ["InvalidParameterValue", { MaxResults: 4 }],
    ["InvalidParameterValue", { MaxResults: 1001 }],
    ["InvalidParameterValue", { MaxResults: 5, NextToken: "nonsense" }],
    ["InvalidParameterCombination", { MaxResults: 5, InstanceIds: ids }],
    ["InvalidInstanceID.NotFound", { InstanceIds: [...ids, UNKNOWN] }],
    ["InvalidInstanceID.Malformed", { InstanceIds: [...ids, "i-1"] }],
    ["InvalidInstanceID.Malformed", { InstanceIds: ["i-0123456789ABCDEF0"] }],
    ["MissingParameter", { InstanceIds: [""] }],
    ["DryRunOperation", { DryRun: true }],
  ];
  for (const [code, input] of table) {
    assertEquals(story.code("DescribeInstances", input), code, JSON.stringify(input));
  }
});

Deno.test("describeInstances() takes 200 values in a filter", pure, () => {
  const Values = Array.from({ length: 200 }, (_, i) => `v${i}`);
  assertEquals(populated().answer("DescribeInstances", { Filters: [{ Name: "tag:a", Values }] }).items, []);
});

Deno.test(
  "describeInstances() pages through every instance once, though some come and go meanwhile",
  pure,
  () => {
    const story = new Story({ terminatedMs: 0 });
    const ids = idsOf(story.launch({ MaxCount: 23 }));
    const first = story.answer("DescribeInstances", { MaxResults: 10 });
    assertEquals(idsOf(first.items), ids.slice(0, 10));
    story.answer("TerminateInstances", { InstanceIds: [ids[3]!, ids[9]!] });
    const second = story.answer("DescribeInstances", { MaxResults: 10, NextToken: first.nextToken });
    assertEquals(idsOf(second.items), ids.slice(10, 20));
    const later = idsOf(story.launch());
    const third = story.answer("DescribeInstances", { MaxResults: 10, NextToken: second.nextToken });
    assertEquals(idsOf(third.items), [...ids.slice(20), ...later]);
    assertEquals(third.nextToken, undefined);
  },
);

Deno.test("describeInstances() has no second page when the first is just full", pure, () => {
  const story = new Story();
  story.launch({ MaxCount: 5 });
  const page = story.answer("DescribeInstances", { MaxResults: 5 });
  assertEquals([page.items.length, page.nextToken], [5, undefined]);
});

Deno.test(
  "describeInstances() doesn't see a new instance before it is visible, in a list, by filter or by id",
  pure,
  () => {
    const story = new Story({ invisibleMs: 2000 });
    const [id] = idsOf(story.launch({ ClientToken: "one" }));
    const byId = { Filters: [{ Name: "instance-id", Values: [id!] }] };
    assertEquals(story.states(), {});
    assertEquals(story.answer("DescribeInstances", byId).items, []);
    assertEquals(story.code("DescribeInstances", { InstanceIds: [id!] }), "InvalidInstanceID.NotFound");
    assertEquals(story.code("TerminateInstances", { InstanceIds: [id!] }), "InvalidInstanceID.NotFound");
    assertEquals(idsOf(story.launch({ ClientToken: "one" })), [id]);
    story.now += 2000;
    assertEquals(story.states(), { [id!]: "running" });
  },
);

Deno.test(
  "describeInstances() shows a terminated instance for an hour, without its network, then forgets it",
  pure,
  () => {
    const story = new Story();
    const [id] = idsOf(story.launch());
    story.answer("TerminateInstances", { InstanceIds: [id!] });
    story.now += 3_599_999;
    const [instance] = story.answer("DescribeInstances", { InstanceIds: [id!] }).items;
    assertEquals([instance?.state, instance?.network], ["terminated", undefined]);
    assertEquals(instance?.stateReason?.code, "Client.UserInitiatedShutdown");
    story.now += 1;
    assertEquals(story.code("DescribeInstances", { InstanceIds: [id!] }), "InvalidInstanceID.NotFound");
  },
);
