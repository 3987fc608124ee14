import type { RunInstancesInput, Tag } from "../aws/ec2_api.ts";
import type { NodeGroup } from "../config/model.ts";
import { ROOT_DEVICE } from "../aws/root_device.ts";
import { instanceTags, ownerTags } from "../identity/tags.ts";
import type { Offering } from "../capacity/offering.ts";
import { encodeBase64 } from "../base/base64.ts";
import type { LaunchPlan } from "./launch_plan.ts";
import { efaInterfaces } from "./network_interfaces.ts";

/**
 * The RunInstances request of a plan; the same plan and token give the same bytes, so that a replay is the
 * same launch. MinCount is 1 (whatever EC2 has of it is taken, the rest is shortfall) unless the plan is whole.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html
 */
export function runInstancesInput(cluster: string, plan: LaunchPlan, clientToken: string): RunInstancesInput {
  const { group, offering, settings } = plan;
  const identity = { cluster, nodeGroup: group.name, nodes: plan.hostlist };
  const siteTags = Object.keys(group.tags).sort().map((Key): Tag => ({ Key, Value: group.tags[Key]! }));
  const tagged = (ResourceType: "instance" | "volume" | "network-interface", own: readonly Tag[]) => ({
    ResourceType,
    Tags: [...own, ...siteTags],
  });
  return {
    ImageId: settings.imageId,
    InstanceType: offering.instanceType,
    MinCount: plan.whole ? plan.nodes.length : 1,
    MaxCount: plan.nodes.length,
    ClientToken: clientToken,
    ...(settings.keyName !== undefined && { KeyName: settings.keyName }),
    ...network(plan),
    UserData: encodeBase64(plan.userData),
    ...profile(group),
    InstanceInitiatedShutdownBehavior: group.powerDownAction,
    ...(offering.capacityType === "spot" && SPOT),
    MetadataOptions: {
      HttpEndpoint: "enabled",
      HttpTokens: group.metadataOptions.httpTokens,
      HttpPutResponseHopLimit: group.metadataOptions.httpPutResponseHopLimit,
    },
    ...cpuOptions(plan),
    ...(group.placementGroup !== undefined && { Placement: { GroupName: group.placementGroup } }),
    ...reserved(offering),
    ...volumes(group),
    TagSpecifications: [
      tagged("instance", instanceTags(identity)),
      tagged("volume", ownerTags(identity)),
      tagged("network-interface", ownerTags(identity)),
    ],
  };
}

/** One-time and terminate: an interrupted node is given back to Slurm, never resurrected by EC2. */
const SPOT: Pick<RunInstancesInput, "InstanceMarketOptions"> = {
  InstanceMarketOptions: {
    MarketType: "spot",
    SpotOptions: { SpotInstanceType: "one-time", InstanceInterruptionBehavior: "terminate" },
  },
};

/** EC2 takes subnet and groups of the instance, or of each of its interfaces. */
function network(
  { group, offering: { subnetId }, settings: { securityGroupIds }, efa }: LaunchPlan,
): Pick<RunInstancesInput, "SubnetId" | "SecurityGroupIds" | "NetworkInterfaces"> {
  if (group.efa) return { NetworkInterfaces: efaInterfaces(efa, { subnetId, securityGroupIds }) };
  return {
    SubnetId: subnetId,
    ...(securityGroupIds.length > 0 && { SecurityGroupIds: securityGroupIds }),
  };
}

function profile({ instanceProfile }: NodeGroup): Pick<RunInstancesInput, "IamInstanceProfile"> {
  if (instanceProfile === undefined) return {};
  return {
    IamInstanceProfile: instanceProfile.startsWith("arn:")
      ? { Arn: instanceProfile }
      : { Name: instanceProfile },
  };
}

function reserved(
  { reservation }: Offering,
): Pick<RunInstancesInput, "CapacityReservationSpecification"> {
  if (reservation === undefined) return {};
  return {
    CapacityReservationSpecification: {
      CapacityReservationTarget: { CapacityReservationId: reservation },
    },
  };
}

/** EC2 takes both counts or neither: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-specify-cpu-options.html */
function cpuOptions({ group, cores }: LaunchPlan): Pick<RunInstancesInput, "CpuOptions"> {
  if (group.threadsPerCore === undefined || cores === undefined) return {};
  return { CpuOptions: { CoreCount: cores, ThreadsPerCore: group.threadsPerCore } };
}

function volumes(group: NodeGroup): Pick<RunInstancesInput, "BlockDeviceMappings"> {
  const { rootVolume: root, volumes: more = [], os } = group;
  const mappings = [
    ...(root === undefined ? [] : [{ ...root, deviceName: root.deviceName ?? ROOT_DEVICE[os.distribution] }]),
    ...more,
  ].map(({ deviceName, ...volume }) => ({
    DeviceName: deviceName,
    Ebs: {
      ...(volume.size !== undefined && { VolumeSize: volume.size }),
      ...(volume.type !== undefined && { VolumeType: volume.type }),
      ...(volume.iops !== undefined && { Iops: volume.iops }),
      ...(volume.throughput !== undefined && { Throughput: volume.throughput }),
      ...(volume.encrypted !== undefined && { Encrypted: volume.encrypted }),
      ...(volume.kmsKeyId !== undefined && { KmsKeyId: volume.kmsKeyId }),
      DeleteOnTermination: true,
    },
  }));
  return mappings.length === 0 ? {} : { BlockDeviceMappings: mappings };
}
