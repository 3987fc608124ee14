import { DescribeInstancesCommand, EC2Client, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { assertEquals } from "@std/assert";
import { toStateChange } from "../../lib/aws/to_ec2.ts";
import { toInstance } from "../../lib/aws/to_instance.ts";
import { WORLD } from "../../lib/sim/fresh_world.ts";
import { serveAws } from "../../lib/sim/wire/server.ts";
import { clientsAt } from "./clients.ts";

Deno.test("ec2Client() reads the same of an answer as the SDK does of all of it", async () => {
  const aws = serveAws({});
  const ours = clientsAt(aws.url);
  const sdk = new EC2Client({
    region: "us-east-1",
    endpoint: aws.url,
    credentials: { accessKeyId: "simulated", secretAccessKey: "simulated" },
  });
  try {
    for (const [capacity, tags] of [["on-demand", "a&b <c> ü€"], ["spot", ""]] as const) {
      await ours.ec2.runInstances({
        ImageId: WORLD.imageIds.x86_64,
        InstanceType: "c7i.large",
        MinCount: 40,
        MaxCount: 40,
        SubnetId: WORLD.subnetIds[0],
        ClientToken: capacity,
        ...(capacity === "spot" && { InstanceMarketOptions: { MarketType: "spot" as const } }),
        TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "Name", Value: tags }] }],
      });
    }
    const { Reservations } = await sdk.send(new DescribeInstancesCommand({ MaxResults: 1000 }));
    const all = Reservations!.flatMap(({ Instances }) => Instances ?? []);
    const { items } = await ours.ec2.describeInstances({ MaxResults: 1000 });
    assertEquals(items, all.map((instance) => toInstance(instance, "DescribeInstances")));
    assertEquals(items.length, 80);

    const [first, second] = all.map(({ InstanceId }) => InstanceId!);
    const ended = await sdk.send(new TerminateInstancesCommand({ InstanceIds: [first!] }));
    const byOurs = await ours.ec2.terminateInstances({ InstanceIds: [second!] });
    const [byTheSdk] = (ended.TerminatingInstances ?? []).map((change) =>
      toStateChange(change, "TerminateInstances")
    );
    assertEquals(byOurs, [{ ...byTheSdk!, instanceId: second! }]);
  } finally {
    sdk.destroy();
    ours.destroy();
    await aws.close();
  }
});
