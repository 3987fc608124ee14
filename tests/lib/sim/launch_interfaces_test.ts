import { assertEquals, assertMatch } from "@std/assert";
import type { NetworkInterfaceSpecification } from "../../../lib/aws/ec2_api.ts";
import { EXAMPLE_INSTANCE_TYPES } from "../../../lib/sim/example_instance_types.ts";
import { WORLD } from "../../../lib/sim/fresh_world.ts";
import { efaInterfaces } from "../../../lib/power_up/network_interfaces.ts";
import { launchRequest, Story } from "./worlds.ts";

const pure = { permissions: "none" } as const;
const [SUBNET] = WORLD.subnetIds;
const ATTACHED = { subnetId: SUBNET, securityGroupIds: [WORLD.securityGroupId] };
const TWO_CARDS = efaInterfaces(EXAMPLE_INSTANCE_TYPES.get("c6in.32xlarge")!.efa, ATTACHED);

function request(
  NetworkInterfaces: readonly NetworkInterfaceSpecification[],
  more: Parameters<typeof launchRequest>[0] = {},
) {
  const whole = { InstanceType: "c6in.32xlarge", SubnetId: undefined, SecurityGroupIds: undefined };
  return launchRequest({ ...whole, NetworkInterfaces, ...more });
}

Deno.test(
  "runInstances() makes the interfaces that it is asked for, each with a number of its own",
  pure,
  () => {
    const [first, second] = new Story().launch(request(TWO_CARDS, { MaxCount: 2 }));
    assertEquals(first!.network!.subnetId, SUBNET);
    assertEquals(first!.network!.securityGroupIds, [WORLD.securityGroupId]);
    assertEquals(
      first!.network!.further.map(({ networkCardIndex, deviceIndex }) => [networkCardIndex, deviceIndex]),
      [[0, 1], [1, 0]],
    );
    const ids = [first!, second!].flatMap(({ network }) =>
      [network!, ...network!.further].map(({ networkInterfaceId }) => networkInterfaceId)
    );
    assertEquals(new Set(ids).size, 6);
    for (const id of ids) assertMatch(id, /^eni-[0-9a-f]{17}$/);
  },
);

Deno.test("runInstances() refuses interfaces that EC2 refuses, in its words", pure, () => {
  const story = new Story();
  const code = (...args: Parameters<typeof request>) => story.code("RunInstances", request(...args));
  const [primary, , other] = TWO_CARDS;
  const efa = efaInterfaces(undefined, ATTACHED);
  assertEquals(code(efa, { InstanceType: "c7i.large" }), "UnsupportedOperation");
  assertEquals(code(TWO_CARDS, { SubnetId: SUBNET }), "InvalidParameterCombination");
  assertEquals(code(TWO_CARDS, { SecurityGroupIds: [WORLD.securityGroupId] }), "InvalidParameterCombination");
  assertEquals(code([primary!, primary!]), "InvalidParameterValue");
  assertEquals(code([other!]), "InvalidParameterValue");
  assertEquals(code([{ ...primary!, InterfaceType: "efa-only" }]), "InvalidParameterCombination");
  assertEquals(code([primary!, { ...other!, NetworkCardIndex: 2 }]), "InvalidParameterValue");
  const three = [...TWO_CARDS, { ...other!, DeviceIndex: 1 }];
  assertEquals(code(three), "AttachmentLimitExceeded");
  assertEquals(
    code(TWO_CARDS.map((one) => ({ ...one, SubnetId: "subnet-0f000000000000009" }))),
    "InvalidSubnetID.NotFound",
  );
  assertEquals(
    code(TWO_CARDS.map((one) => ({ ...one, Groups: ["sg-0f000000000000009"] }))),
    "InvalidGroup.NotFound",
  );
  assertEquals(story.states(), {});
});

Deno.test("runInstances() counts every interface against the account's limit", pure, () => {
  const story = new Story({ accountLimits: { networkInterfaces: 7 } });
  assertEquals(story.launch(request(TWO_CARDS, { MaxCount: 2 })).length, 2);
  assertEquals(story.code("RunInstances", request(TWO_CARDS)), "NetworkInterfaceLimitExceeded");
});
