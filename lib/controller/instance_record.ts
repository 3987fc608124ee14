import type { OwnedInstance } from "../identity/node_of_instance.ts";
import type { InstanceRecord } from "./state.ts";

/** What the store keeps of an instance that EC2 has named for the first time. */
export function recordOf(
  { instance, nodeGroup, nodeName }: OwnedInstance,
  known: Pick<InstanceRecord, "generation" | "knownSince" | "seen">,
): InstanceRecord {
  return {
    id: instance.instanceId,
    node: nodeName,
    nodeGroup,
    ...known,
    launchTime: instance.launchTime,
    state: instance.state,
    end: "no",
    endAction: "terminate",
    ...(instance.state === "stopped" && { stoppedSince: known.knownSince }),
    instanceType: instance.instanceType,
    subnetId: instance.subnetId,
    availabilityZone: instance.availabilityZone,
    capacityType: instance.capacityType,
    imageId: instance.imageId,
    ...(instance.privateIpAddress !== undefined && { privateIpAddress: instance.privateIpAddress }),
    ...(instance.clientToken !== undefined && { clientToken: instance.clientToken }),
  };
}
