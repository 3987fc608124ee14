import { assert, assertEquals } from "@std/assert";
import { REQUEST_ABORTED } from "../../lib/aws/error_codes.ts";
import { collectPages } from "../../lib/aws/paginate.ts";
import type { Clause } from "./clause.ts";
import { type AwsFixture, inState, launched, RUN_TAG } from "./fixture.ts";
import { assertCode } from "./refusal.ts";

const UNKNOWN_INSTANCE = "i-0123456789abcdef0";

/**
 * What we rely on when describing and tagging
 * (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html and its neighbours).
 */
export const EC2_DESCRIBE_CLAUSES: readonly Clause<AwsFixture>[] = [
  {
    name: "filters are joined by and, their values by or",
    async holds(fixture) {
      const { ids, run } = await launched(fixture, 3);
      await fixture.ec2.terminateInstances({ InstanceIds: [ids[0]!] });
      const { items } = await fixture.ec2.describeInstances({
        Filters: [
          { Name: `tag:${RUN_TAG}`, Values: [run, "another"] },
          { Name: "instance-state-name", Values: ["pending", "running"] },
        ],
      });
      assertEquals(items.map(({ instanceId }) => instanceId).sort(), ids.slice(1).sort());
    },
  },
  {
    name: "the instance-id filter passes over ids that are not there",
    async holds(fixture) {
      const { ids } = await launched(fixture, 2);
      const { items } = await fixture.ec2.describeInstances({
        Filters: [{ Name: "instance-id", Values: [ids[0]!, UNKNOWN_INSTANCE] }],
      });
      assertEquals(items.map(({ instanceId }) => instanceId), [ids[0]]);
    },
  },
  {
    name: "the subnet-id filter works",
    async holds(fixture) {
      const { run } = await launched(fixture, 1);
      const Filters = (subnet: string) => [
        { Name: `tag:${RUN_TAG}`, Values: [run] },
        { Name: "subnet-id", Values: [subnet] },
      ];
      const found = (subnet: string) => fixture.ec2.describeInstances({ Filters: Filters(subnet) });
      assertEquals((await found(fixture.subnetId)).items.length, 1);
      assertEquals((await found("subnet-0123456789abcdef0")).items.length, 0);
    },
  },
  {
    name: "the client-token filter works",
    async holds(fixture) {
      const { ids, run } = await launched(fixture, 1);
      const { items } = await fixture.ec2.describeInstances({
        Filters: [{ Name: "client-token", Values: [run] }],
      });
      assertEquals(items.map(({ instanceId }) => instanceId), ids);
    },
  },
  {
    name: "an unknown filter is refused",
    holds: (fixture) =>
      assertCode(
        () => fixture.ec2.describeInstances({ Filters: [{ Name: "no-such-filter", Values: ["x"] }] }),
        "InvalidParameterValue",
      ),
  },
  {
    name: "all pages together hold every instance once",
    async holds(fixture) {
      const { ids, run } = await launched(fixture, 12);
      const items = await collectPages((NextToken) =>
        fixture.ec2.describeInstances({
          Filters: [{ Name: `tag:${RUN_TAG}`, Values: [run] }],
          MaxResults: 5,
          NextToken,
        })
      );
      assertEquals(items.map(({ instanceId }) => instanceId).sort(), ids.sort());
    },
  },
  {
    name: "a page holds at most MaxResults instances",
    async holds(fixture) {
      const { run } = await launched(fixture, 7);
      const Filters = [{ Name: `tag:${RUN_TAG}`, Values: [run] }];
      const page = await fixture.ec2.describeInstances({ Filters, MaxResults: 5 });
      assert(page.items.length <= 5, String(page.items.length));
      assert(page.nextToken !== undefined);
    },
  },
  {
    name: "MaxResults under 5 is refused",
    holds: (fixture) =>
      assertCode(() => fixture.ec2.describeInstances({ MaxResults: 4 }), "InvalidParameterValue"),
  },
  {
    name: "MaxResults and ids together are refused",
    async holds(fixture) {
      const { ids } = await launched(fixture, 1);
      await assertCode(
        () => fixture.ec2.describeInstances({ InstanceIds: ids, MaxResults: 5 }),
        "InvalidParameterCombination",
      );
    },
  },
  {
    name: "an unknown instance id is refused",
    holds: (fixture) =>
      assertCode(
        () => fixture.ec2.describeInstances({ InstanceIds: [UNKNOWN_INSTANCE] }),
        "InvalidInstanceID.NotFound",
      ),
  },
  {
    name: "a malformed instance id is refused",
    holds: (fixture) =>
      assertCode(
        () => fixture.ec2.describeInstances({ InstanceIds: ["i-none"] }),
        "InvalidInstanceID.Malformed",
      ),
  },
  {
    name: "status checks are told of instances that run, and of others where asked",
    async holds(fixture) {
      const { ids } = await launched(fixture, 2);
      await inState(fixture, ids, "running");
      await fixture.ec2.stopInstances({ InstanceIds: [ids[1]!] });
      await inState(fixture, [ids[1]!], "stopped");
      const found = async (IncludeAllInstances: boolean) => {
        const answer = await fixture.ec2.describeInstanceStatus({ InstanceIds: ids, IncludeAllInstances });
        return new Map(answer.items.map((status) => [status.instanceId, status]));
      };
      assertEquals([...(await found(false)).keys()], [ids[0]]);
      const all = await found(true);
      assertEquals([...all.keys()].sort(), [...ids].sort());
      const running = all.get(ids[0]!)!;
      assert(["ok", "initializing"].includes(running.system.status), running.system.status);
      assert(["ok", "initializing"].includes(running.instance.status), running.instance.status);
      const { state, system, instance } = all.get(ids[1]!)!;
      assertEquals([state, system.status, instance.status], ["stopped", "not-applicable", "not-applicable"]);
      const [described] = (await fixture.ec2.describeInstances({ InstanceIds: [ids[0]!] })).items;
      assertEquals(running.availabilityZone, described!.availabilityZone);
    },
  },
  {
    name: "the status of an unknown instance is refused",
    holds: (fixture) =>
      assertCode(
        () => fixture.ec2.describeInstanceStatus({ InstanceIds: [UNKNOWN_INSTANCE] }),
        "InvalidInstanceID.NotFound",
      ),
  },
  {
    name: "all pages of instance status together hold every instance once",
    async holds(fixture) {
      const { ids } = await launched(fixture, 7);
      await inState(fixture, ids, "running");
      const statuses = await collectPages((NextToken) =>
        fixture.ec2.describeInstanceStatus({ MaxResults: 5, NextToken })
      );
      const mine = statuses.map(({ instanceId }) => instanceId).filter((id) => ids.includes(id));
      assertEquals(mine.sort(), [...ids].sort());
    },
  },
  {
    name: "tags can be added and changed later",
    async holds(fixture) {
      const { ids, run } = await launched(fixture, 2);
      await fixture.ec2.createTags({ Resources: ids, Tags: [{ Key: "Name", Value: "a" }] });
      await fixture.ec2.createTags({
        Resources: ids,
        Tags: [{ Key: "Name", Value: "b" }, { Key: "empty", Value: "" }],
      });
      const { items } = await fixture.ec2.describeInstances({ InstanceIds: ids });
      for (const { tags } of items) assertEquals(tags, { [RUN_TAG]: run, Name: "b", empty: "" });
    },
  },
  {
    name: "tagging an unknown instance is refused",
    holds: (fixture) =>
      assertCode(
        () => fixture.ec2.createTags({ Resources: [UNKNOWN_INSTANCE], Tags: [{ Key: "a", Value: "b" }] }),
        "InvalidInstanceID.NotFound",
      ),
  },
  {
    name: "console output is text, and refused for an unknown instance",
    async holds(fixture) {
      const { ids } = await launched(fixture, 1);
      const { output } = await fixture.ec2.getConsoleOutput({ InstanceId: ids[0]! });
      assertEquals(typeof output, "string");
      await assertCode(
        () => fixture.ec2.getConsoleOutput({ InstanceId: UNKNOWN_INSTANCE }),
        "InvalidInstanceID.NotFound",
      );
    },
  },
  {
    name: "a subnet's free addresses go down with each instance",
    async holds(fixture) {
      const free = async () => {
        const { items } = await fixture.ec2.describeSubnets({ SubnetIds: [fixture.subnetId] });
        assertEquals(items.map(({ subnetId }) => subnetId), [fixture.subnetId]);
        assert(items[0]!.availabilityZone.length > 0 && items[0]!.vpcId.startsWith("vpc-"));
        return items[0]!.availableIpAddressCount;
      };
      const before = await free();
      await launched(fixture, 3);
      assertEquals(await free(), before - 3);
    },
  },
  {
    name: "an image has an architecture and a state",
    async holds(fixture) {
      const { items } = await fixture.ec2.describeImages({ ImageIds: [fixture.imageId] });
      assertEquals(items.map(({ imageId, architecture, state }) => [imageId, architecture, state]), [
        [fixture.imageId, "x86_64", "available"],
      ]);
    },
  },
  {
    name: "a key pair is found by name",
    async holds(fixture) {
      const pairs = await fixture.ec2.describeKeyPairs({ KeyNames: [fixture.keyName] });
      assertEquals(pairs.map(({ keyName }) => keyName), [fixture.keyName]);
    },
  },
  {
    name: "a security group has its rules",
    async holds(fixture) {
      const { items } = await fixture.ec2.describeSecurityGroups({ GroupIds: [fixture.securityGroupId] });
      assertEquals(items.map(({ groupId }) => groupId), [fixture.securityGroupId]);
      assert(
        items[0]!.egress.some(({ ipProtocol, cidrs }) => ipProtocol === "-1" && cidrs.includes("0.0.0.0/0")),
      );
    },
  },
  {
    name: "an instance type has its public facts",
    async holds(fixture) {
      const { items } = await fixture.ec2.describeInstanceTypes({ InstanceTypes: ["c7i.large"] });
      assertEquals(items.length, 1);
      const { architectures, defaultVCpus, defaultCores, defaultThreadsPerCore, memoryMiB, bareMetal, gpus } =
        items[0]!;
      assertEquals(
        [architectures, defaultVCpus, defaultCores, defaultThreadsPerCore, memoryMiB, bareMetal, gpus],
        [["x86_64"], 2, 1, 2, 4096, false, []],
      );
    },
  },
  {
    name: "an instance type says what it takes of EFAs",
    async holds(fixture) {
      const names = ["c6in.32xlarge", "c7i.large"];
      const { items } = await fixture.ec2.describeInstanceTypes({ InstanceTypes: names });
      const facts = new Map(items.map(({ instanceType, efa }) => [instanceType, efa]));
      const two = { interfaces: 2, cards: 2, primaryInterfaces: 8, onPrimary: true };
      assertEquals(names.map((name) => facts.get(name)), [two, undefined]);
    },
  },
  {
    name: "instance types are offered by zone, a page at a time",
    async holds(fixture) {
      const [subnet] = (await fixture.ec2.describeSubnets({ SubnetIds: [fixture.subnetId] })).items;
      const Filters = [{ Name: "instance-type", Values: ["c7i.large", "zz9.plural"] }];
      const offerings = await collectPages((NextToken) =>
        fixture.ec2.describeInstanceTypeOfferings({ LocationType: "availability-zone", Filters, NextToken })
      );
      assertEquals([...new Set(offerings.map(({ instanceType }) => instanceType))], ["c7i.large"]);
      assert(
        offerings.some(({ location }) => location === subnet!.availabilityZone),
        JSON.stringify(offerings),
      );
    },
  },
  ...notFoundClauses(),
  {
    name: "an aborted call is ended before it is made",
    async holds(fixture) {
      const signal = AbortSignal.abort(new Error("Enough"));
      await assertCode(() => fixture.ec2.describeInstances({}, { signal }), REQUEST_ABORTED);
      await assertCode(() => fixture.ssm.getParameter({ Name: "/x" }, { signal }), REQUEST_ABORTED);
      await assertCode(() => fixture.sts.getCallerIdentity({ signal }), REQUEST_ABORTED);
    },
  },
];

function notFoundClauses(): readonly Clause<AwsFixture>[] {
  const clause = (
    what: string,
    code: string,
    call: (fixture: AwsFixture) => Promise<unknown>,
  ): Clause<AwsFixture> => ({
    name: `an unknown ${what} is refused`,
    holds: (fixture) => assertCode(() => call(fixture), code),
  });
  return [
    clause(
      "subnet",
      "InvalidSubnetID.NotFound",
      ({ ec2 }) => ec2.describeSubnets({ SubnetIds: ["subnet-0123456789abcdef0"] }),
    ),
    clause(
      "image",
      "InvalidAMIID.NotFound",
      ({ ec2 }) => ec2.describeImages({ ImageIds: ["ami-0123456789abcdef0"] }),
    ),
    clause(
      "key pair",
      "InvalidKeyPair.NotFound",
      ({ ec2 }) => ec2.describeKeyPairs({ KeyNames: ["no-such-key"] }),
    ),
    clause(
      "security group",
      "InvalidGroup.NotFound",
      ({ ec2 }) => ec2.describeSecurityGroups({ GroupIds: ["sg-0123456789abcdef0"] }),
    ),
    clause(
      "instance type",
      "InvalidInstanceType",
      ({ ec2 }) => ec2.describeInstanceTypes({ InstanceTypes: ["zz9.plural"] }),
    ),
  ];
}
