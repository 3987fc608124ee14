import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { WORLD } from "../../../lib/sim/fresh_world.ts";
import { httpStatusOf } from "../../../lib/sim/refusal.ts";
import type { RunInstancesRequest } from "../../../lib/sim/run_instances_request.ts";
import { idsOf, launchRequest, Story } from "./worlds.ts";

const pure = { permissions: "none" } as const;

Deno.test(
  "runInstances() launches MaxCount with distinct indices, ids and addresses of the subnet",
  pure,
  () => {
    const instances = new Story().launch({ MaxCount: 300, SubnetId: WORLD.subnetIds[1] });
    assertEquals(instances.map((i) => i.amiLaunchIndex), Array.from({ length: 300 }, (_, i) => i));
    assertEquals(new Set(idsOf(instances)).size, 300);
    for (const { instanceId } of instances) assertMatch(instanceId, /^i-[0-9a-f]{17}$/);
    assertEquals(instances[0]?.network?.privateIpAddress, "10.0.32.4");
    assertEquals(instances[299]?.network?.privateIpAddress, "10.0.33.47");
    assertEquals(instances[0]?.network?.privateDnsName, "ip-10-0-32-4.ec2.internal");
    assertEquals(new Set(instances.map((i) => i.reservationId)).size, 1);
    assertEquals(instances[0]?.availabilityZone, "us-east-1b");
    assertEquals(instances[0]?.state, "pending");
  },
);

Deno.test("runInstances() counts indices from 0 in every call", pure, () => {
  const story = new Story();
  story.launch({ MaxCount: 3 });
  assertEquals(story.launch({ MaxCount: 2 }).map((i) => i.amiLaunchIndex), [0, 1]);
});

Deno.test(
  "runInstances() launches what the pool has when that lies between MinCount and MaxCount",
  pure,
  () => {
    const story = new Story({ capacity: { "c7i.large:us-east-1a": 3 } });
    assertEquals(story.launch({ MinCount: 2, MaxCount: 10 }).length, 3);
  },
);

Deno.test("runInstances() launches nothing when the pool has fewer than MinCount", pure, () => {
  const story = new Story({ capacity: { "c7i.large:us-east-1a": 3 } });
  assertEquals(
    story.code("RunInstances", launchRequest({ MinCount: 4, MaxCount: 10 })),
    "InsufficientInstanceCapacity",
  );
  assertEquals(story.states(), {});
});

Deno.test("runInstances() keeps spot and on-demand capacity apart", pure, () => {
  const story = new Story({ capacity: { "c7i.large:us-east-1a": 0, "c7i.large:us-east-1a:spot": 2 } });
  const spot = story.launch({ MaxCount: 5, InstanceMarketOptions: { MarketType: "spot" } });
  assertEquals(spot.map((i) => i.capacityType), ["spot", "spot"]);
  assertMatch(spot[0]!.spotInstanceRequestId!, /^sir-/);
  assertEquals(story.code("RunInstances", launchRequest()), "InsufficientInstanceCapacity");
});

Deno.test("runInstances() finds room in another zone when the request names none", pure, () => {
  const story = new Story({ capacity: { "c7i.large:us-east-1a": 0 } });
  assertEquals(story.launch({ SubnetId: undefined })[0]?.availabilityZone, "us-east-1b");
  assertEquals(
    story.launch({ SubnetId: undefined, Placement: { AvailabilityZone: "us-east-1c" } })[0]?.availabilityZone,
    "us-east-1c",
  );
});

Deno.test(
  "runInstances() answers the same token and request with the same instances as they are now",
  pure,
  () => {
    const story = new Story({ pendingMs: 1000 });
    const request = { ClientToken: "one", MaxCount: 3 };
    const first = story.launch(request);
    story.now += 1000;
    const second = story.launch(request);
    assertEquals(idsOf(second), idsOf(first));
    assertEquals(second.map((i) => i.state), ["running", "running", "running"]);
    assertEquals(Object.keys(story.states()).length, 3);
  },
);

Deno.test("runInstances() compares requests by content, not by the order of their fields", pure, () => {
  const story = new Story();
  const { ImageId, ...rest } = launchRequest({ ClientToken: "one" });
  const first = story.answer("RunInstances", { ImageId, ...rest });
  assertEquals(story.answer("RunInstances", { ...rest, ImageId }).reservationId, first.reservationId);
});

Deno.test("runInstances() refuses a token that was used for another request", pure, () => {
  const story = new Story();
  story.launch({ ClientToken: "one" });
  for (const changes of [{ MaxCount: 2 }, { UserData: btoa("x") }, { InstanceType: "c7i.xlarge" }]) {
    const request = launchRequest({ ClientToken: "one", ...changes });
    assertEquals(story.code("RunInstances", request), "IdempotentParameterMismatch");
  }
});

Deno.test("runInstances() takes a token for another zone as another token", pure, () => {
  const story = new Story();
  const first = story.launch({ ClientToken: "one" });
  const second = story.launch({ ClientToken: "one", SubnetId: WORLD.subnetIds[1] });
  assertNotEquals(idsOf(second), idsOf(first));
});

Deno.test("runInstances() refuses a token all of whose instances are terminated or forgotten", pure, () => {
  const story = new Story({ terminatedMs: 1000 });
  const ids = idsOf(story.launch({ ClientToken: "one", MaxCount: 2 }));
  story.answer("TerminateInstances", { InstanceIds: ids.slice(0, 1) });
  assertEquals(story.launch({ ClientToken: "one", MaxCount: 2 }).length, 2);
  story.answer("TerminateInstances", { InstanceIds: ids });
  const again = launchRequest({ ClientToken: "one", MaxCount: 2 });
  assertEquals(story.code("RunInstances", again), "IdempotentInstanceTerminated");
  story.now += 1000;
  assertEquals(story.states(), {});
  assertEquals(story.code("RunInstances", again), "IdempotentInstanceTerminated");
});

Deno.test("runInstances() keeps tags, user data and what else the request says", pure, () => {
  const [instance] = new Story().launch({
    TagSpecifications: [
      { ResourceType: "instance", Tags: [{ Key: "slurm-ec2:cluster", Value: "hpc" }] },
      { ResourceType: "volume", Tags: [{ Key: "v", Value: "1" }] },
    ],
    UserData: btoa("hello"),
    KeyName: WORLD.keyName,
    SecurityGroupIds: [WORLD.securityGroupId],
    IamInstanceProfile: { Name: WORLD.instanceProfileName },
    InstanceInitiatedShutdownBehavior: "terminate",
    CpuOptions: { CoreCount: 1, ThreadsPerCore: 1 },
    ClientToken: "token",
    Placement: { GroupName: WORLD.placementGroupName },
  });
  assertEquals(instance?.tags, { "slurm-ec2:cluster": "hpc" });
  assertEquals(instance?.volumeTags, { v: "1" });
  assertEquals(instance?.userData, btoa("hello"));
  assertEquals(instance?.network?.securityGroupIds, [WORLD.securityGroupId]);
  assertEquals(instance?.iamInstanceProfile?.arn, WORLD.instanceProfileArn);
  assertEquals(instance?.shutdownBehavior, "terminate");
  assertEquals([instance?.cores, instance?.threadsPerCore], [1, 1]);
  assertEquals(instance?.clientToken, "token");
});

Deno.test(
  "runInstances() gives every instance the address and name that the world says",
  pure,
  () => {
    const story = new Story({ instanceAddress: "127.0.0.1", instanceDnsName: "localhost" });
    const [first, second] = story.launch({ MaxCount: 2 });
    assertEquals([first?.network?.privateIpAddress, second?.network?.privateIpAddress], [
      "127.0.0.1",
      "127.0.0.1",
    ]);
    assertEquals(first?.network?.privateDnsName, "localhost");
  },
);

const base64Of = (bytes: number) => btoa("x".repeat(bytes));
const tags = (count: number) => Array.from({ length: count }, (_, i) => ({ Key: `k${i}`, Value: "v" }));
const withTags = (...Tags: { Key: string; Value: string }[]): Partial<RunInstancesRequest> => ({
  TagSpecifications: [{ ResourceType: "instance", Tags }],
});

const REFUSED: readonly (readonly [name: string, changes: Partial<RunInstancesRequest>, code: string])[] = [
  ["an image that isn't there", { ImageId: "ami-0123456789abcdef0" }, "InvalidAMIID.NotFound"],
  ["a malformed image id", { ImageId: "ami-xyz" }, "InvalidAMIID.Malformed"],
  ["no image id", { ImageId: "" }, "MissingParameter"],
  ["an image of the other architecture", { ImageId: WORLD.imageIds.arm64 }, "InvalidParameterValue"],
  ["an unknown instance type", { InstanceType: "c99.huge" }, "InvalidParameterValue"],
  ["an unknown key pair", { KeyName: "nobody" }, "InvalidKeyPair.NotFound"],
  ["an unknown security group", { SecurityGroupIds: ["sg-0123456789abcdef0"] }, "InvalidGroup.NotFound"],
  ["a malformed security group id", { SecurityGroupIds: ["sg_x"] }, "InvalidGroupId.Malformed"],
  ["an unknown subnet", { SubnetId: "subnet-0123456789abcdef0" }, "InvalidSubnetID.NotFound"],
  ["a malformed subnet id", { SubnetId: "net-1" }, "InvalidSubnetID.Malformed"],
  [
    "an unknown zone",
    { SubnetId: undefined, Placement: { AvailabilityZone: "mars-1a" } },
    "InvalidParameterValue",
  ],
  ["an unknown instance profile", { IamInstanceProfile: { Name: "nobody" } }, "InvalidParameterValue"],
  ["an unknown placement group", { Placement: { GroupName: "nobody" } }, "InvalidPlacementGroup.Unknown"],
  [
    "an unknown capacity reservation",
    { CapacityReservationSpecification: { CapacityReservationTarget: { CapacityReservationId: "cr-1" } } },
    "InvalidCapacityReservationId.NotFound",
  ],
  ["MinCount 0", { MinCount: 0 }, "InvalidParameterValue"],
  ["MinCount above MaxCount", { MinCount: 2, MaxCount: 1 }, "InvalidParameterCombination"],
  ["user data that are not base64", { UserData: "#!/bin/sh" }, "InvalidUserData.Malformed"],
  ["user data of 16,385 bytes", { UserData: base64Of(16_385) }, "InvalidParameterValue"],
  ["a token of 65 characters", { ClientToken: "x".repeat(65) }, "InvalidParameterValue"],
  ["51 tags", withTags(...tags(51)), "TagLimitExceeded"],
  ["a tag key of 129 characters", withTags({ Key: "k".repeat(129), Value: "" }), "InvalidParameterValue"],
  ["a tag value of 257 characters", withTags({ Key: "k", Value: "v".repeat(257) }), "InvalidParameterValue"],
  ["a reserved tag key", withTags({ Key: "aws:x", Value: "" }), "InvalidParameterValue"],
  ["a tag key twice", withTags({ Key: "k", Value: "1" }, { Key: "k", Value: "2" }), "InvalidParameterValue"],
  [
    "a tag key with a slash where the metadata show tags",
    { ...withTags({ Key: "a/b", Value: "" }), MetadataOptions: { InstanceMetadataTags: "enabled" } },
    "InvalidParameterValue",
  ],
  ["a hop limit of 65", { MetadataOptions: { HttpPutResponseHopLimit: 65 } }, "InvalidParameterValue"],
  ["more cores than the type has", { CpuOptions: { CoreCount: 64 } }, "InvalidParameterValue"],
  [
    "a one-time spot request that stops",
    { InstanceMarketOptions: { MarketType: "spot", SpotOptions: { InstanceInterruptionBehavior: "stop" } } },
    "InvalidParameterCombination",
  ],
  ...([
    ["operations of a gp2 volume", { VolumeType: "gp2", Iops: 3000 }, "InvalidParameterCombination"],
    ["operations of a volume without a type", { Iops: 3000 }, "InvalidParameterCombination"],
    ["an io2 volume without operations", { VolumeType: "io2" }, "MissingParameter"],
    [
      "throughput of an io1 volume",
      { VolumeType: "io1", Iops: 100, Throughput: 125 },
      "InvalidParameterCombination",
    ],
  ] as const).map(([name, Ebs, code]) =>
    [name, { BlockDeviceMappings: [{ DeviceName: "/dev/sdb", Ebs }] }, code] as const
  ),
  ["two volumes on one device", {
    BlockDeviceMappings: [{ DeviceName: "/dev/sdb", Ebs: {} }, { DeviceName: "/dev/sdb", Ebs: {} }],
  }, "InvalidBlockDeviceMapping"],
  ["a dry run", { DryRun: true }, "DryRunOperation"],
];

for (const [name, changes, code] of REFUSED) {
  Deno.test(`runInstances() refuses ${name} with ${code} and launches nothing`, pure, () => {
    const story = new Story();
    assertEquals(story.code("RunInstances", launchRequest(changes)), code);
    assertEquals(story.states(), {});
  });
}

Deno.test("runInstances() grants what lies just within the limits", pure, () => {
  const story = new Story();
  story.launch({ UserData: base64Of(16_384), ClientToken: "x".repeat(64), ...withTags(...tags(50)) });
  story.launch({ ...withTags({ Key: "k".repeat(128), Value: "v".repeat(256) }) });
  story.launch({
    ...withTags({ Key: "slurm-ec2:nodes.1", Value: "c[0-9]" }),
    MetadataOptions: { InstanceMetadataTags: "enabled", HttpPutResponseHopLimit: 64 },
  });
  assertEquals(Object.keys(story.states()).length, 3);
});

Deno.test(
  "runInstances() says Unsupported where the zone doesn't offer the type, and names those that do",
  pure,
  () => {
    const story = new Story({ unsupported: [{ instanceType: "c7i.large", availabilityZone: "us-east-1a" }] });
    const done = story.step("RunInstances", launchRequest());
    assert(done.kind === "refusal");
    assertEquals(done.refusal.code, "Unsupported");
    assertMatch(done.refusal.message, /choosing us-east-1b, us-east-1c/);
    assertEquals(story.launch({ SubnetId: undefined })[0]?.availabilityZone, "us-east-1b");
  },
);

Deno.test("runInstances() refuses a whole call that the subnet has too few addresses for", pure, () => {
  const story = new Story();
  assertEquals(story.launch({ MaxCount: 8000 }).length, 8000);
  assertEquals(
    story.code("RunInstances", launchRequest({ MinCount: 1, MaxCount: 188 })),
    "InsufficientFreeAddressesInSubnet",
  );
  assertEquals(story.launch({ MaxCount: 187 }).length, 187);
  assertEquals(story.code("RunInstances", launchRequest()), "InsufficientFreeAddressesInSubnet");
});

Deno.test(
  "runInstances() launches what addresses and quota allow where limits are not for the whole call",
  pure,
  () => {
    const story = new Story({ wholeCallLimits: false, vcpuQuota: 10 });
    assertEquals(story.launch({ MaxCount: 100 }).length, 5);
    assertEquals(story.code("RunInstances", launchRequest()), "VcpuLimitExceeded");
  },
);

Deno.test("runInstances() refuses a whole call beyond the vCPU quota, spot having its own", pure, () => {
  const story = new Story({ vcpuQuota: 10 });
  assertEquals(story.code("RunInstances", launchRequest({ MaxCount: 6 })), "VcpuLimitExceeded");
  story.launch({ MaxCount: 5 });
  const spot = { InstanceMarketOptions: { MarketType: "spot" } } as const;
  story.launch({ MaxCount: 5, ...spot });
  assertEquals(story.code("RunInstances", launchRequest(spot)), "MaxSpotInstanceCountExceeded");
});

Deno.test("runInstances() hands out no address twice, and none again at once", pure, () => {
  const story = new Story();
  const [first] = story.launch();
  story.answer("TerminateInstances", { InstanceIds: [first!.instanceId] });
  const [second] = story.launch();
  assertEquals([first, second].map((i) => i!.network!.privateIpAddress), ["10.0.0.4", "10.0.0.5"]);
});

Deno.test("runInstances() makes the same ids from the same seed and others from another", pure, () => {
  const ids = (seed: number) => idsOf(new Story({ seed }).launch({ MaxCount: 3 }));
  assertEquals(ids(1), ids(1));
  assertNotEquals(ids(1), ids(2));
});

Deno.test(
  "httpStatusOf() gives capacity and throttling a server's status, as the SDK's retries look at it",
  pure,
  () => {
    const table = [
      ["InsufficientInstanceCapacity", 500],
      ["RequestLimitExceeded", 503],
      ["DryRunOperation", 412],
      ["UnauthorizedOperation", 403],
      ["AuthFailure", 401],
      ["InvalidAMIID.NotFound", 400],
      ["VcpuLimitExceeded", 400],
    ] as const;
    for (const [code, status] of table) assertEquals(httpStatusOf(code), status);
  },
);
