import { assertEquals, assertThrows } from "@std/assert";
import { AwsError } from "../../../lib/aws/aws_error.ts";
import {
  toImage,
  toInstanceStatus,
  toInstanceTypeFacts,
  toSecurityGroup,
  toStateChange,
  toSubnet,
} from "../../../lib/aws/to_ec2.ts";
import { type SdkInstance, toInstance } from "../../../lib/aws/to_instance.ts";

const PENDING: SdkInstance = { InstanceId: "i-1", State: { Name: "pending" }, AmiLaunchIndex: 0 };

Deno.test("toInstance() fills in what a terminated instance has lost", { permissions: "none" }, () => {
  const instance = toInstance(
    { ...PENDING, State: { Name: "terminated" }, PrivateIpAddress: "" },
    "DescribeInstances",
  );
  assertEquals(instance, {
    instanceId: "i-1",
    state: "terminated",
    amiLaunchIndex: 0,
    instanceType: "",
    imageId: "",
    subnetId: "",
    availabilityZone: "",
    launchTime: 0,
    capacityType: "on-demand",
    tags: {},
  });
});

Deno.test(
  "toInstance() gives a missing launch index a value that is not an index",
  { permissions: "none" },
  () => {
    assertEquals(toInstance({ ...PENDING, AmiLaunchIndex: undefined }, "RunInstances").amiLaunchIndex, -1);
  },
);

Deno.test("toInstance() keeps why an instance died", { permissions: "none" }, () => {
  const dead = { ...PENDING, State: { Name: "terminated" }, StateReason: { Code: "Client.InternalError" } };
  assertEquals(toInstance(dead, "DescribeInstances").stateReasonCode, "Client.InternalError");
});

Deno.test("toInstance() calls only spot instances spot", { permissions: "none" }, () => {
  const typeOf = (lifecycle?: string) =>
    toInstance({ ...PENDING, InstanceLifecycle: lifecycle }, "X").capacityType;
  assertEquals([undefined, "spot", "scheduled", "capacity-block"].map(typeOf), [
    "on-demand",
    "spot",
    "on-demand",
    "on-demand",
  ]);
});

Deno.test(
  "conversions throw InvalidResponse where an answer lacks what we rely on",
  { permissions: "none" },
  () => {
    const broken: readonly (() => unknown)[] = [
      () => toInstance({ ...PENDING, InstanceId: undefined }, "RunInstances"),
      () => toInstance({ ...PENDING, State: undefined }, "RunInstances"),
      () => toInstance({ ...PENDING, State: { Name: "dreaming" } }, "RunInstances"),
      () => toStateChange({ InstanceId: "i-1", CurrentState: { Name: "stopped" } }, "StopInstances"),
      () => toSubnet({ SubnetId: "subnet-1", AvailabilityZone: "us-east-1a" }, "DescribeSubnets"),
      () => toImage({ ImageId: "ami-1", State: "available" }, "DescribeImages"),
      () => toSecurityGroup({}, "DescribeSecurityGroups"),
      () => toInstanceTypeFacts({ InstanceType: "c7i.large" }, "DescribeInstanceTypes"),
    ];
    for (const convert of broken) assertEquals(assertThrows(convert, AwsError).code, "InvalidResponse");
  },
);

Deno.test("toSecurityGroup() joins both families of addresses and leaves out what is absent", {
  permissions: "none",
}, () => {
  const rule = {
    IpProtocol: "tcp",
    FromPort: 22,
    ToPort: 22,
    IpRanges: [{ CidrIp: "10.0.0.0/8" }],
    Ipv6Ranges: [{ CidrIpv6: "fd00::/8" }],
    UserIdGroupPairs: [{ GroupId: "sg-2" }, {}],
  };
  assertEquals(toSecurityGroup({ GroupId: "sg-1", IpPermissions: [rule] }, "DescribeSecurityGroups"), {
    groupId: "sg-1",
    groupName: "",
    vpcId: "",
    ingress: [{
      ipProtocol: "tcp",
      fromPort: 22,
      toPort: 22,
      cidrs: ["10.0.0.0/8", "fd00::/8"],
      groupIds: ["sg-2"],
    }],
    egress: [],
  });
});

Deno.test("toInstanceTypeFacts() counts a fraction of a GPU as one device", { permissions: "none" }, () => {
  const facts = toInstanceTypeFacts({
    InstanceType: "g6f.large",
    VCpuInfo: { DefaultVCpus: 2 },
    MemoryInfo: { SizeInMiB: 8192 },
    GpuInfo: {
      Gpus: [{
        Name: "L4",
        Manufacturer: "NVIDIA",
        Count: 0,
        LogicalGpuCount: 1,
        MemoryInfo: { SizeInMiB: 2861 },
      }],
    },
  }, "DescribeInstanceTypes");
  assertEquals(facts.gpus, [{ name: "L4", manufacturer: "NVIDIA", count: 1, memoryMiB: 2861 }]);
  assertEquals([facts.defaultCores, facts.defaultThreadsPerCore], [2, 1]);
});

Deno.test("toInstanceStatus() reads checks and events, and takes no unknown word for ok", {
  permissions: "none",
}, () => {
  const since = new Date(1_700_000_000_000);
  const status = toInstanceStatus({
    InstanceId: "i-1",
    AvailabilityZone: "us-east-1a",
    InstanceState: { Name: "running" },
    SystemStatus: { Status: "impaired", Details: [{ ImpairedSince: since }] },
    InstanceStatus: { Status: "pondering", Details: [{}] },
    AttachedEbsStatus: { Status: "ok" },
    Events: [{ Code: "system-reboot", InstanceEventId: "instance-event-1", NotBefore: since }, {
      Code: "new",
    }],
  }, "DescribeInstanceStatus");
  assertEquals(status, {
    instanceId: "i-1",
    state: "running",
    availabilityZone: "us-east-1a",
    system: { status: "impaired", impairedSince: 1_700_000_000_000 },
    instance: { status: "insufficient-data" },
    attachedEbs: { status: "ok" },
    events: [
      { eventId: "instance-event-1", code: "system-reboot", description: "", notBefore: 1_700_000_000_000 },
      { eventId: "", code: "new", description: "" },
    ],
  });
  const bare = { InstanceId: "i-1", InstanceState: { Name: "stopped" } };
  assertEquals(toInstanceStatus(bare, "x").system, { status: "insufficient-data" });
  assertEquals("attachedEbs" in toInstanceStatus(bare, "x"), false);
  for (const broken of [{ ...bare, InstanceId: "" }, { InstanceId: "i-1" }, { ...bare, Events: [{}] }]) {
    assertThrows(() => toInstanceStatus(broken, "x"), AwsError, "x answered with");
  }
});
