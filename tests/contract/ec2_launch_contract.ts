import { efaInterfaces } from "../../lib/power_up/network_interfaces.ts";
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import type { Clause } from "./clause.ts";
import { type AwsFixture, instancesOf, inState, launched, launchOf, RUN_TAG } from "./fixture.ts";
import { assertClass, assertCode } from "./refusal.ts";

/**
 * What we rely on when launching, starting, stopping and terminating
 * (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html and its neighbours).
 */
export const EC2_LAUNCH_CLAUSES: readonly Clause<AwsFixture>[] = [
  {
    name: "a launch gives every instance an index of its own",
    async holds(fixture) {
      const { instances, run } = await launched(fixture, 3);
      assertEquals(indices(instances), [0, 1, 2]);
      assertEquals(new Set(instances.map(({ instanceId }) => instanceId)).size, 3);
      const described = await instancesOf(fixture, run);
      const byId = new Map(described.map((instance) => [instance.instanceId, instance.amiLaunchIndex]));
      for (const { instanceId, amiLaunchIndex } of instances) {
        assertEquals(byId.get(instanceId), amiLaunchIndex);
      }
    },
  },
  {
    name: "a launch launches as many as it can, up to MaxCount",
    async holds(fixture) {
      const { instances } = await launched(fixture, 1, { MaxCount: 4 });
      assertEquals(indices(instances), [0, 1, 2, 3]);
    },
  },
  {
    name: "a launch answers with everything that naming and addressing need",
    async holds(fixture) {
      const { instances } = await launched(fixture, 2);
      const [subnet] = (await fixture.ec2.describeSubnets({ SubnetIds: [fixture.subnetId] })).items;
      for (const instance of instances) {
        assert(instance.state === "pending" || instance.state === "running", instance.state);
        assertEquals(instance.instanceType, "c7i.large");
        assertEquals(instance.imageId, fixture.imageId);
        assertEquals(instance.subnetId, fixture.subnetId);
        assertEquals(instance.availabilityZone, subnet?.availabilityZone);
        assertEquals(instance.capacityType, "on-demand");
        assert(Math.abs(Date.now() - instance.launchTime) < 600_000, String(instance.launchTime));
      }
      const addresses = instances.map(({ privateIpAddress }) => privateIpAddress);
      assertEquals(new Set(addresses).size, 2);
      for (const address of addresses) assert(/^\d+\.\d+\.\d+\.\d+$/.test(address ?? ""), String(address));
    },
  },
  {
    name: "a launch with EFAs has its subnet and groups at its interfaces, and one address",
    async holds(fixture) {
      const attached = { subnetId: fixture.subnetId, securityGroupIds: [] };
      const NetworkInterfaces = efaInterfaces(
        { interfaces: 2, cards: 2, primaryInterfaces: 8, onPrimary: true },
        attached,
      );
      const more = { InstanceType: "c6in.32xlarge", SubnetId: undefined, NetworkInterfaces };
      const { instances: [instance] } = await launched(fixture, 1, more);
      assertEquals(instance?.subnetId, fixture.subnetId);
      assert(instance?.privateIpAddress !== undefined);
    },
  },
  {
    name: "EFAs are refused to a type that takes none, and so is a subnet next to those of interfaces",
    async holds(fixture) {
      const attached = { subnetId: fixture.subnetId, securityGroupIds: [] };
      const NetworkInterfaces = efaInterfaces(undefined, attached);
      const none = launchOf(fixture, 1, { SubnetId: undefined, NetworkInterfaces });
      await assertCode(() => fixture.ec2.runInstances(none), "UnsupportedOperation");
      const both = launchOf(fixture, 1, { InstanceType: "c6in.32xlarge", NetworkInterfaces });
      await assertCode(() => fixture.ec2.runInstances(both), "InvalidParameterCombination");
    },
  },
  {
    name: "a launch tags its instances in the request itself",
    async holds(fixture) {
      const tags = [{ Key: RUN_TAG, Value: "x" }, { Key: "nodes.1", Value: "c7i-[0-9]" }];
      const { instances } = await launched(fixture, 1, {
        TagSpecifications: [{ ResourceType: "instance", Tags: tags }, { ResourceType: "volume", Tags: tags }],
      });
      assertEquals(instances[0]?.tags, { [RUN_TAG]: "x", "nodes.1": "c7i-[0-9]" });
    },
  },
  {
    name: "the same client token with the same request launches nothing new",
    async holds(fixture) {
      const input = launchOf(fixture, 2);
      const first = await fixture.ec2.runInstances(input);
      const second = await fixture.ec2.runInstances(input);
      assertEquals(ids(second), ids(first));
      assertEquals((await instancesOf(fixture, input.run)).length, 2);
    },
  },
  {
    name: "the same client token with another request is refused",
    async holds(fixture) {
      const input = launchOf(fixture, 1);
      await fixture.ec2.runInstances(input);
      const other = { ...input, InstanceType: "m5.large" };
      await assertCode(() => fixture.ec2.runInstances(other), "IdempotentParameterMismatch");
    },
  },
  {
    name: "an instance tells its client token",
    async holds(fixture) {
      const { run, instances } = await launched(fixture, 1);
      assertEquals(instances[0]?.clientToken, run);
    },
  },
  {
    name: "a spot launch makes spot instances",
    async holds(fixture) {
      const { instances } = await launched(fixture, 1, { InstanceMarketOptions: { MarketType: "spot" } });
      assertEquals(instances[0]?.capacityType, "spot");
    },
  },
  {
    name: "a dry run launches nothing and says that it could",
    async holds(fixture) {
      const input = launchOf(fixture, 1, { DryRun: true });
      await assertCode(() => fixture.ec2.runInstances(input), "DryRunOperation");
      assertEquals(await instancesOf(fixture, input.run), []);
    },
  },
  ...refusedLaunches(),
  {
    name: "user data over 16 KB is refused",
    async holds(fixture) {
      const fits = btoa("x".repeat(16_384));
      const tooLong = btoa("x".repeat(16_385));
      await launched(fixture, 1, { UserData: fits });
      await assertCode(() => launched(fixture, 1, { UserData: tooLong }), "InvalidParameterValue");
    },
  },
  {
    name: "stop and start keep index, tags, address and client token",
    async holds(fixture) {
      const { ids, run } = await launched(fixture, 2);
      const [before] = await inState(fixture, [ids[1]!], "running");
      const changes = await fixture.ec2.stopInstances({ InstanceIds: [ids[1]!] });
      assertEquals(changes.map(({ instanceId, previousState }) => [instanceId, previousState]), [[
        ids[1],
        "running",
      ]]);
      const [stopped] = await inState(fixture, [ids[1]!], "stopped");
      assertEquals(stopped?.privateIpAddress, before?.privateIpAddress);
      await fixture.ec2.startInstances({ InstanceIds: [ids[1]!] });
      const [after] = await inState(fixture, [ids[1]!], "running");
      assertEquals(after?.amiLaunchIndex, before?.amiLaunchIndex);
      assertEquals(after?.privateIpAddress, before?.privateIpAddress);
      assertEquals(after?.tags, before?.tags);
      assertEquals(after?.clientToken, before?.clientToken);
      assertEquals((await instancesOf(fixture, run)).length, 2);
    },
  },
  {
    name: "a terminated instance can't be started",
    async holds(fixture) {
      const { ids } = await launched(fixture, 1);
      await fixture.ec2.terminateInstances({ InstanceIds: ids });
      await inState(fixture, ids, "terminated");
      await assertCode(() => fixture.ec2.startInstances({ InstanceIds: ids }), "IncorrectInstanceState");
    },
  },
  {
    name: "terminating is idempotent, and the instance stays visible for a while",
    async holds(fixture) {
      const { ids, run } = await launched(fixture, 2);
      const changes = await fixture.ec2.terminateInstances({ InstanceIds: ids });
      assertEquals(changes.map(({ instanceId }) => instanceId).sort(), [...ids].sort());
      for (const { currentState } of changes) assert(["shutting-down", "terminated"].includes(currentState));
      await inState(fixture, ids, "terminated");
      const again = await fixture.ec2.terminateInstances({ InstanceIds: ids });
      assertEquals(again.map(({ instanceId }) => instanceId).sort(), [...ids].sort());
      const described = await instancesOf(fixture, run);
      assertEquals(described.map(({ state }) => state), ["terminated", "terminated"]);
    },
  },
  {
    name: "a terminated instance has lost its address",
    async holds(fixture) {
      const { ids } = await launched(fixture, 1);
      await fixture.ec2.terminateInstances({ InstanceIds: ids });
      const [dead] = await inState(fixture, ids, "terminated");
      assertEquals(dead?.privateIpAddress, undefined);
    },
  },
  {
    name: "one unknown id fails a whole terminate, and nothing is terminated",
    async holds(fixture) {
      const { ids } = await launched(fixture, 1);
      const InstanceIds = [...ids, "i-0123456789abcdef0"];
      await assertCode(() => fixture.ec2.terminateInstances({ InstanceIds }), "InvalidInstanceID.NotFound");
      const { items } = await fixture.ec2.describeInstances({ InstanceIds: ids });
      assertNotEquals(items[0]?.state, "terminated");
      assertNotEquals(items[0]?.state, "shutting-down");
    },
  },
  {
    name: "a dry run of a terminate terminates nothing",
    async holds(fixture) {
      const { ids } = await launched(fixture, 1);
      await assertCode(
        () => fixture.ec2.terminateInstances({ InstanceIds: ids, DryRun: true }),
        "DryRunOperation",
      );
      await inState(fixture, ids, "running");
    },
  },
];

/** Requests that name something that is not there: refused, and no other request would do better. */
function refusedLaunches(): readonly Clause<AwsFixture>[] {
  const refused = (
    what: string,
    code: string,
    others: Parameters<typeof launchOf>[2],
  ): Clause<AwsFixture> => ({
    name: `a launch with ${what} is refused`,
    async holds(fixture) {
      const input = launchOf(fixture, 1, others);
      await assertCode(() => fixture.ec2.runInstances(input), code);
      assertEquals(await instancesOf(fixture, input.run), []);
    },
  });
  return [
    refused("an unknown image", "InvalidAMIID.NotFound", { ImageId: "ami-0123456789abcdef0" }),
    refused("a malformed image id", "InvalidAMIID.Malformed", { ImageId: "ami-none" }),
    refused("an unknown subnet", "InvalidSubnetID.NotFound", { SubnetId: "subnet-0123456789abcdef0" }),
    refused("an unknown security group", "InvalidGroup.NotFound", {
      SecurityGroupIds: ["sg-0123456789abcdef0"],
    }),
    refused("an unknown key pair", "InvalidKeyPair.NotFound", { KeyName: "no-such-key" }),
    {
      name: "a launch of an unknown instance type is the request's fault",
      holds: (fixture) => assertClass(() => launched(fixture, 1, { InstanceType: "zz9.plural" }), "request"),
    },
    {
      name: "a MinCount above MaxCount is the request's fault",
      holds: (fixture) => assertClass(() => launched(fixture, 2, { MaxCount: 1 }), "request"),
    },
    {
      name: "a launch with an unknown instance profile is the request's fault",
      holds: (fixture) =>
        assertClass(
          () => launched(fixture, 1, { IamInstanceProfile: { Name: "no-such-profile" } }),
          "request",
        ),
    },
  ];
}

function indices(instances: readonly { readonly amiLaunchIndex: number }[]): number[] {
  return instances.map(({ amiLaunchIndex }) => amiLaunchIndex).sort((one, other) => one - other);
}

function ids(instances: readonly { readonly instanceId: string }[]): string[] {
  return instances.map(({ instanceId }) => instanceId).sort();
}
