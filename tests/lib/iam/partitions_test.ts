import { assertEquals } from "@std/assert";
import { PARTITIONS } from "../../../lib/aws/partition.ts";
import { controllerPolicy } from "../../../lib/iam/controller_policy.ts";
import { TagKey } from "../../../lib/identity/tags.ts";
import { WORLD } from "../../../lib/sim/fresh_world.ts";
import { readPolicy } from "../../../lib/sim/iam/read_policy.ts";
import { testConfig } from "../../fixtures/test_config.ts";
import { idsOf, launchRequest, Story } from "../sim/worlds.ts";

for (const { id, prefix } of PARTITIONS) {
  const region = prefix === "" ? "eu-west-1" : `${prefix}east-1`;
  Deno.test(`controllerPolicy() suffices for a launch with a role and a key in ${id}`, {
    permissions: "none",
  }, () => {
    const config = testConfig({ region });
    const nodeGroups = config.nodeGroups.map((group) => ({
      ...group,
      instanceProfile: WORLD.instanceProfileName,
      rootVolume: { kmsKeyId: "1" },
    }));
    const policy = controllerPolicy({ ...config, nodeGroups }, {
      scope: { partition: id, region, account: WORLD.account },
    });
    const { statements, problems } = readPolicy(policy);
    assertEquals(problems, []);
    const story = new Story({ policies: statements, region });
    const [instance] = idsOf(
      story.answer(
        "RunInstances",
        launchRequest({
          IamInstanceProfile: { Name: WORLD.instanceProfileName },
          BlockDeviceMappings: [{ DeviceName: "/dev/xvda", Ebs: { KmsKeyId: "1" } }],
          TagSpecifications: (["instance", "volume", "network-interface"] as const).map((ResourceType) => ({
            ResourceType,
            Tags: [{ Key: TagKey.Cluster, Value: config.cluster }],
          })),
        }),
      ).instances,
    );
    story.now += 1;
    const [seen] = story.answer("DescribeInstances", { InstanceIds: [instance!] }).items;
    assertEquals([seen!.state, seen!.stateReason], ["running", undefined]);
  });
}
