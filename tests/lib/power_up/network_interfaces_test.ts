import { assert, assertEquals } from "@std/assert";
import { snapshotInstanceTypes } from "../../../lib/aws/instance_type_snapshot.ts";
import { efaInterfaces } from "../../../lib/power_up/network_interfaces.ts";
import { checkInterfaces } from "../../../lib/sim/launch_interfaces.ts";

const ATTACHED = { subnetId: "subnet-0a000000000000001", securityGroupIds: ["sg-0a000000000000001"] };

/** Card, device and kind of each interface. */
async function placesOf(instanceType: string): Promise<string[]> {
  const { efa } = (await snapshotInstanceTypes()).get(instanceType)!;
  return efaInterfaces(efa, ATTACHED).map(({ NetworkCardIndex, DeviceIndex, InterfaceType }) =>
    `${NetworkCardIndex}.${DeviceIndex} ${InterfaceType}`
  );
}

Deno.test("efaInterfaces() gives each kind of type what AWS documents for it", async () => {
  assertEquals(await placesOf("c5n.18xlarge"), ["0.0 efa"]);
  assertEquals(await placesOf("c6in.32xlarge"), ["0.0 interface", "0.1 efa-only", "1.0 efa-only"]);
  assertEquals(await placesOf("hpc6id.32xlarge"), ["0.0 efa", "1.0 efa-only"]);
  assertEquals(await placesOf("i7ie.48xlarge"), ["0.0 interface", "0.1 efa-only"]);
  const p5 = await placesOf("p5.48xlarge");
  assertEquals(p5.length, 33);
  assertEquals(p5.slice(-1), ["31.0 efa-only"]);
  const p6 = await placesOf("p6-b300.48xlarge");
  assertEquals(p6.slice(0, 2), ["0.0 interface", "1.0 efa-only"]);
  assertEquals(p6.length, 17);
});

Deno.test("efaInterfaces() gives every type as many EFAs as it takes, in places that EC2 takes", async () => {
  for (const type of (await snapshotInstanceTypes()).values()) {
    if (type.efa === undefined) continue;
    const interfaces = efaInterfaces(type.efa, ATTACHED);
    const efas = interfaces.filter(({ InterfaceType }) => InterfaceType !== "interface");
    assertEquals(efas.length, type.efa.interfaces, type.instanceType);
    const withAddress = interfaces.filter(({ InterfaceType }) => InterfaceType !== "efa-only");
    assertEquals(withAddress.length, 1, type.instanceType);
    checkInterfaces(
      {
        ImageId: "",
        InstanceType: type.instanceType,
        MinCount: 1,
        MaxCount: 1,
        NetworkInterfaces: interfaces,
      },
      type,
    );
    assert(
      interfaces.every(({ SubnetId, Groups }) => SubnetId === ATTACHED.subnetId && Groups!.length === 1),
    );
  }
});

Deno.test("efaInterfaces() asks for one EFA of a type that is not known, and for the VPC's own group", () => {
  assertEquals(efaInterfaces(undefined, { ...ATTACHED, securityGroupIds: [] }), [{
    NetworkCardIndex: 0,
    DeviceIndex: 0,
    InterfaceType: "efa",
    SubnetId: ATTACHED.subnetId,
    DeleteOnTermination: true,
  }]);
});
