import { assertEquals } from "@std/assert";
import { WORLD, type WorldOptions } from "../../../lib/sim/fresh_world.ts";
import type { RunInstancesRequest } from "../../../lib/sim/run_instances_request.ts";
import { idsOf, launchRequest, Story } from "./worlds.ts";

const pure = { permissions: "none" } as const;
const SPOT = { InstanceMarketOptions: { MarketType: "spot" } } as const;
const GROUP = { Placement: { GroupName: WORLD.placementGroupName } } as const;
const RESERVED = {
  CapacityReservationSpecification: {
    CapacityReservationTarget: { CapacityReservationId: WORLD.capacityReservationId },
  },
} as const;
const GPU = { InstanceType: "g5.xlarge" } as const;

/** A launch after another, and how many instances each brought, or the code that it was refused with. */
type Launches = readonly (readonly [changes: Partial<RunInstancesRequest>, came: number | string])[];

const CASES: readonly (readonly [name: string, world: WorldOptions, launches: Launches])[] = [
  ["a spot pool runs out and the on-demand pool does not", { capacity: { "c7i.large:us-east-1a:spot": 1 } }, [
    [{ ...SPOT, MaxCount: 3 }, 1],
    [SPOT, "InsufficientInstanceCapacity"],
    [{ MaxCount: 3 }, 3],
  ]],
  ["an on-demand pool runs out and the spot pool does not", { capacity: { "c7i.large:us-east-1a": 1 } }, [
    [{ MaxCount: 3 }, 1],
    [{}, "InsufficientInstanceCapacity"],
    [{ ...SPOT, MaxCount: 3 }, 3],
  ]],
  ["a placement group runs out, the type and its zone do not", {
    capacity: { [`c7i.large:us-east-1a@${WORLD.placementGroupName}`]: 2, "c7i.large:us-east-1a": 5 },
  }, [
    [{ ...GROUP, MaxCount: 3 }, 2],
    [GROUP, "InsufficientInstanceCapacity"],
    [{ ...GROUP, InstanceType: "c7i.xlarge" }, 1],
    // What the group holds counts in the zone, too.
    [{ MaxCount: 9 }, 3],
    [{}, "InsufficientInstanceCapacity"],
  ]],
  ["a capacity reservation is a pool of its own", {
    capacity: { [WORLD.capacityReservationId]: 2, "c7i.large:us-east-1a": 0 },
  }, [
    [{}, "InsufficientInstanceCapacity"],
    [{ ...RESERVED, MinCount: 3, MaxCount: 3 }, "ReservationCapacityExceeded"],
    [{ ...RESERVED, MaxCount: 3 }, 2],
    [RESERVED, "ReservationCapacityExceeded"],
  ]],
  ["every set of families has a quota of its own, on-demand and spot", {
    quotas: { "L-1216C47A": 4, "L-3819A6DF": 4 },
  }, [
    [{ MaxCount: 3 }, "VcpuLimitExceeded"],
    [{ MaxCount: 2 }, 2],
    // m5 counts against the same quota as c7i.
    [{ InstanceType: "m5.large" }, "VcpuLimitExceeded"],
    [{ ...SPOT, MaxCount: 9 }, 9],
    [{ ...GPU, MaxCount: 9 }, 9],
    [{ ...GPU, ...SPOT }, 1],
    [{ ...GPU, ...SPOT }, "MaxSpotInstanceCountExceeded"],
  ]],
  ["a quota for all is each quota's own, unless one is named", {
    vcpuQuota: 4,
    quotas: { "L-DB2E81BA": 8 },
  }, [
    [{ MaxCount: 2 }, 2],
    [{}, "VcpuLimitExceeded"],
    [{ ...GPU, MaxCount: 2 }, 2],
    [GPU, "VcpuLimitExceeded"],
    [{ ...SPOT, MaxCount: 3 }, "MaxSpotInstanceCountExceeded"],
  ]],
  ["others hold most addresses of a subnet", { addresses: { [WORLD.subnetIds[0]]: 3 } }, [
    [{ MaxCount: 4 }, "InsufficientFreeAddressesInSubnet"],
    [{ MaxCount: 3 }, 3],
    [{}, "InsufficientFreeAddressesInSubnet"],
    [{ SubnetId: WORLD.subnetIds[1] }, 1],
  ]],
  ["the account may run so many instances of a type", { accountLimits: { instances: 2 } }, [
    [{ MaxCount: 3 }, "InstanceLimitExceeded"],
    [{ MaxCount: 2 }, 2],
    [SPOT, "InstanceLimitExceeded"],
    [{ InstanceType: "c7i.xlarge" }, 1],
  ]],
  ["the account may have so many network interfaces", { accountLimits: { networkInterfaces: 2 } }, [
    [{ MaxCount: 2 }, 2],
    [{ InstanceType: "c7i.xlarge" }, "NetworkInterfaceLimitExceeded"],
  ]],
  ["spot instances need the service-linked role", { lacksSpotRole: true }, [
    [SPOT, "AuthFailure.ServiceLinkedRoleCreationNotPermitted"],
    [{ ...SPOT, DryRun: true }, "AuthFailure.ServiceLinkedRoleCreationNotPermitted"],
    [{ ...SPOT, InstanceType: "c7i.xlarge" }, "AuthFailure.ServiceLinkedRoleCreationNotPermitted"],
    [{}, 1],
  ]],
];

for (const [name, options, launches] of CASES) {
  Deno.test(`runInstances(): ${name}`, pure, () => {
    const story = new Story(options);
    const came = launches.map(([changes]) => {
      const done = story.step("RunInstances", launchRequest(changes));
      return done.kind === "refusal" ? done.refusal.code : done.answer.instances.length;
    });
    assertEquals(came, launches.map(([, expected]) => expected));
  });
}

Deno.test(
  "startInstances() needs room in the pool, the reservation and the quota as a launch does",
  pure,
  () => {
    const capacity = { "c7i.large:us-east-1a": 2, [WORLD.capacityReservationId]: 1 };
    const story = new Story({ capacity, quotas: { "L-1216C47A": 8 } });
    const stopped = idsOf([...story.launch({ MaxCount: 2 }), ...story.launch(RESERVED)]);
    story.answer("StopInstances", { InstanceIds: stopped });
    story.launch(RESERVED);
    const start = (...InstanceIds: string[]) => story.code("StartInstances", { InstanceIds });
    assertEquals(start(stopped[2]!), "ReservationCapacityExceeded");
    story.launch({ MaxCount: 2 });
    assertEquals(start(stopped[0]!), "InsufficientInstanceCapacity");
    story.launch({ InstanceType: "m5.large" });
    assertEquals(start(stopped[0]!), "VcpuLimitExceeded");
  },
);

Deno.test(
  "describeSubnets() counts addresses down as instances launch, also those that others hold",
  pure,
  () => {
    const story = new Story({
      addresses: { [WORLD.subnetIds[0]]: 3 },
      subnets: [{ availabilityZone: "us-east-1a", cidrBlock: "10.0.96.0/28" }],
    });
    const free = () =>
      story.answer("DescribeSubnets", {}).items.map(({ availableIpAddressCount: count }) => count);
    assertEquals(free(), [3, 8187, 8187, 11]);
    const small = story.answer("DescribeSubnets", {}).items[3]!;
    assertEquals([small.availabilityZoneId, small.cidrBlock], ["use1-az1", "10.0.96.0/28"]);
    const launched = story.launch({ SubnetId: small.subnetId, MaxCount: 11 });
    assertEquals(launched.at(-1)?.network?.privateIpAddress, "10.0.96.14");
    story.launch({ MaxCount: 2 });
    assertEquals(free(), [1, 8187, 8187, 0]);
    assertEquals(
      story.code("RunInstances", launchRequest({ SubnetId: small.subnetId })),
      "InsufficientFreeAddressesInSubnet",
    );
    story.answer("TerminateInstances", { InstanceIds: idsOf(launched.slice(0, 4)) });
    assertEquals(free(), [1, 8187, 8187, 4]);
  },
);

Deno.test("runInstances() ends what the account has no room for on its volumes", pure, () => {
  const story = new Story({ accountLimits: { volumeGiB: 30 } });
  const sized = (VolumeSize: number) => ({
    BlockDeviceMappings: [{ DeviceName: "/dev/xvda", Ebs: { VolumeSize } }],
  });
  story.launch({ MaxCount: 2 });
  story.launch(sized(20));
  story.launch(sized(14));
  const reasons = story.answer("DescribeInstances", {}).items.map(({ state, stateReason }) =>
    state === "running" ? state : stateReason?.code
  );
  assertEquals(reasons, ["running", "running", "Client.VolumeLimitExceeded", "running"]);
});

Deno.test("listServiceQuotas() says what the world enforces", pure, () => {
  const story = new Story({ vcpuQuota: 4, quotas: { "L-DB2E81BA": 8 } });
  const quotas = story.answer("ListServiceQuotas", { ServiceCode: "ec2" }).items;
  const valueOf = (code: string) => quotas.find(({ quotaCode }) => quotaCode === code)?.value;
  assertEquals([valueOf("L-1216C47A"), valueOf("L-DB2E81BA"), valueOf("L-34B43A08")], [4, 8, 4]);
});

Deno.test("describeInstances() finds the instances of a capacity reservation", pure, () => {
  const story = new Story();
  const [reserved] = story.launch(RESERVED);
  story.launch();
  const Filters = [{ Name: "capacity-reservation-id", Values: ["cr-*"] }];
  assertEquals(idsOf(story.answer("DescribeInstances", { Filters }).items), [reserved!.instanceId]);
});
