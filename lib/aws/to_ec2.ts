import type {
  Image,
  InstanceEvent,
  InstanceStateChange,
  InstanceStatus,
  InstanceTypeFacts,
  InstanceTypeOffering,
  SecurityGroup,
  SecurityGroupRule,
  StatusCheck,
  Subnet,
} from "./ec2_api.ts";
import { required, toInstanceState } from "./to_instance.ts";

/** The part of the SDK's `InstanceStateChange` that we read. */
export interface SdkStateChange {
  readonly InstanceId?: string;
  readonly PreviousState?: { readonly Name?: string };
  readonly CurrentState?: { readonly Name?: string };
}

/** One instance's change of state. Throws {@link AwsError} with code `InvalidResponse` where a field is missing. */
export function toStateChange(change: SdkStateChange, operation: string): InstanceStateChange {
  return {
    instanceId: required(change.InstanceId, "instanceId", operation),
    previousState: toInstanceState(change.PreviousState?.Name, operation),
    currentState: toInstanceState(change.CurrentState?.Name, operation),
  };
}

/** The part of the SDK's `InstanceStatusSummary` and `EbsStatusSummary` that we read. */
export interface SdkStatusSummary {
  readonly Status?: string;
  readonly Details?: readonly { readonly ImpairedSince?: Date }[];
}

/** The part of the SDK's `InstanceStatus` that we read. */
export interface SdkInstanceStatus {
  readonly InstanceId?: string;
  readonly AvailabilityZone?: string;
  readonly InstanceState?: { readonly Name?: string };
  readonly SystemStatus?: SdkStatusSummary;
  readonly InstanceStatus?: SdkStatusSummary;
  readonly AttachedEbsStatus?: SdkStatusSummary;
  readonly Events?: readonly {
    readonly InstanceEventId?: string;
    readonly Code?: string;
    readonly Description?: string;
    readonly NotBefore?: Date;
  }[];
}

/**
 * An instance's status. Throws {@link AwsError} with code `InvalidResponse` where the id, a known state or an event's
 * code is missing.
 */
export function toInstanceStatus(status: SdkInstanceStatus, operation: string): InstanceStatus {
  return {
    instanceId: required(status.InstanceId, "instanceId", operation),
    state: toInstanceState(status.InstanceState?.Name, operation),
    availabilityZone: status.AvailabilityZone ?? "",
    system: toStatusCheck(status.SystemStatus),
    instance: toStatusCheck(status.InstanceStatus),
    ...(status.AttachedEbsStatus && { attachedEbs: toStatusCheck(status.AttachedEbsStatus) }),
    events: (status.Events ?? []).map((event): InstanceEvent => ({
      eventId: event.InstanceEventId ?? "",
      code: required(event.Code, "code", operation),
      description: event.Description ?? "",
      ...time("notBefore", event.NotBefore),
    })),
  };
}

/** What EC2 can say of a check (API reference, InstanceStatusSummary). */
const STATUSES: ReadonlySet<string> = new Set<StatusCheck["status"]>([
  "ok",
  "impaired",
  "insufficient-data",
  "not-applicable",
  "initializing",
]);

/** A check that EC2 says nothing of, or in a word of tomorrow, says too little to act on. */
function toStatusCheck(summary: SdkStatusSummary | undefined): StatusCheck {
  const { Status, Details } = summary ?? {};
  const known = Status !== undefined && STATUSES.has(Status);
  return {
    status: known ? Status as StatusCheck["status"] : "insufficient-data",
    ...time("impairedSince", Details?.find(({ ImpairedSince }) => ImpairedSince)?.ImpairedSince),
  };
}

function time<K extends string>(key: K, date: Date | undefined): { readonly [P in K]?: number } {
  const milliseconds = date?.getTime();
  const known = milliseconds !== undefined && !Number.isNaN(milliseconds);
  return (known ? { [key]: milliseconds } : {}) as { readonly [P in K]?: number };
}

/** The part of the SDK's `Subnet` that we read. */
export interface SdkSubnet {
  readonly SubnetId?: string;
  readonly VpcId?: string;
  readonly AvailabilityZone?: string;
  readonly AvailabilityZoneId?: string;
  readonly CidrBlock?: string;
  readonly AvailableIpAddressCount?: number;
}

/** A subnet. Throws {@link AwsError} with code `InvalidResponse` where a field that we rely on is missing. */
export function toSubnet(subnet: SdkSubnet, operation: string): Subnet {
  return {
    subnetId: required(subnet.SubnetId, "subnetId", operation),
    vpcId: subnet.VpcId ?? "",
    availabilityZone: required(subnet.AvailabilityZone, "availabilityZone", operation),
    availabilityZoneId: subnet.AvailabilityZoneId ?? "",
    cidrBlock: subnet.CidrBlock ?? "",
    availableIpAddressCount: required(subnet.AvailableIpAddressCount, "availableIpAddressCount", operation),
  };
}

/** The part of the SDK's `Image` that we read. */
export interface SdkImage {
  readonly ImageId?: string;
  readonly Name?: string;
  readonly Architecture?: string;
  readonly State?: string;
  readonly OwnerId?: string;
  readonly BootMode?: string;
  readonly RootDeviceName?: string;
  readonly RootDeviceType?: string;
  readonly DeprecationTime?: string;
  readonly BlockDeviceMappings?: readonly {
    readonly DeviceName?: string;
    readonly Ebs?: { readonly Encrypted?: boolean; readonly SnapshotId?: string };
  }[];
}

/** A machine image. Throws {@link AwsError} with code `InvalidResponse` where a field that we rely on is missing. */
export function toImage(image: SdkImage, operation: string): Image {
  const root = image.BlockDeviceMappings?.find(({ DeviceName }) => DeviceName === image.RootDeviceName)?.Ebs;
  return {
    imageId: required(image.ImageId, "imageId", operation),
    name: image.Name ?? "",
    architecture: required(image.Architecture, "architecture", operation) as Image["architecture"],
    state: required(image.State, "imageState", operation),
    ownerId: image.OwnerId ?? "",
    ...(image.BootMode && { bootMode: image.BootMode }),
    ...(image.RootDeviceName && { rootDeviceName: image.RootDeviceName }),
    ...(image.RootDeviceType && { rootDeviceType: image.RootDeviceType }),
    ...(image.DeprecationTime && { deprecationTime: image.DeprecationTime }),
    ...(root?.Encrypted && root.SnapshotId && { encryptedSnapshotId: root.SnapshotId }),
  };
}

/** The part of the SDK's `IpPermission` that we read. */
export interface SdkIpPermission {
  readonly IpProtocol?: string;
  readonly FromPort?: number;
  readonly ToPort?: number;
  readonly IpRanges?: readonly { readonly CidrIp?: string }[];
  readonly Ipv6Ranges?: readonly { readonly CidrIpv6?: string }[];
  readonly UserIdGroupPairs?: readonly { readonly GroupId?: string }[];
}

/** The part of the SDK's `SecurityGroup` that we read. */
export interface SdkSecurityGroup {
  readonly GroupId?: string;
  readonly GroupName?: string;
  readonly VpcId?: string;
  readonly IpPermissions?: readonly SdkIpPermission[];
  readonly IpPermissionsEgress?: readonly SdkIpPermission[];
}

/** A security group. Throws {@link AwsError} with code `InvalidResponse` where it has no id. */
export function toSecurityGroup(group: SdkSecurityGroup, operation: string): SecurityGroup {
  return {
    groupId: required(group.GroupId, "groupId", operation),
    groupName: group.GroupName ?? "",
    vpcId: group.VpcId ?? "",
    ingress: (group.IpPermissions ?? []).map(toRule),
    egress: (group.IpPermissionsEgress ?? []).map(toRule),
  };
}

function toRule(permission: SdkIpPermission): SecurityGroupRule {
  const v4 = (permission.IpRanges ?? []).map((range) => range.CidrIp);
  const v6 = (permission.Ipv6Ranges ?? []).map((range) => range.CidrIpv6);
  const groups = (permission.UserIdGroupPairs ?? []).map((pair) => pair.GroupId);
  return {
    ipProtocol: permission.IpProtocol ?? "-1",
    ...(permission.FromPort !== undefined && { fromPort: permission.FromPort }),
    ...(permission.ToPort !== undefined && { toPort: permission.ToPort }),
    cidrs: [...v4, ...v6].filter((cidr) => cidr !== undefined),
    groupIds: groups.filter((id) => id !== undefined),
  };
}

/** The part of the SDK's `InstanceTypeInfo` that we read. */
export interface SdkInstanceTypeInfo {
  readonly InstanceType?: string;
  readonly BareMetal?: boolean;
  readonly CurrentGeneration?: boolean;
  readonly SupportedUsageClasses?: readonly string[];
  readonly SupportedBootModes?: readonly string[];
  readonly ProcessorInfo?: { readonly SupportedArchitectures?: readonly string[] };
  readonly VCpuInfo?: {
    readonly DefaultVCpus?: number;
    readonly DefaultCores?: number;
    readonly DefaultThreadsPerCore?: number;
  };
  readonly MemoryInfo?: { readonly SizeInMiB?: number };
  readonly NetworkInfo?: {
    readonly EfaSupported?: boolean;
    readonly EfaInfo?: { readonly MaximumEfaInterfaces?: number };
    readonly MaximumNetworkCards?: number;
    readonly MaximumNetworkInterfaces?: number;
    readonly NetworkCards?: readonly {
      readonly NetworkCardIndex?: number;
      readonly MaximumNetworkInterfaces?: number;
      readonly InterfaceTypes?: readonly string[];
    }[];
  };
  readonly GpuInfo?: {
    readonly Gpus?: readonly {
      readonly Name?: string;
      readonly Manufacturer?: string;
      readonly Count?: number;
      readonly LogicalGpuCount?: number;
      readonly MemoryInfo?: { readonly SizeInMiB?: number };
    }[];
  };
}

/** An instance type. Throws {@link AwsError} with code `InvalidResponse` where a size is missing. */
export function toInstanceTypeFacts(info: SdkInstanceTypeInfo, operation: string): InstanceTypeFacts {
  const defaultVCpus = required(info.VCpuInfo?.DefaultVCpus, "defaultVCpus", operation);
  return {
    instanceType: required(info.InstanceType, "instanceType", operation),
    architectures: info.ProcessorInfo?.SupportedArchitectures ?? [],
    defaultVCpus,
    // The oldest types are described without cores: EC2 then counts each vCPU as one.
    defaultCores: info.VCpuInfo?.DefaultCores ?? defaultVCpus,
    defaultThreadsPerCore: info.VCpuInfo?.DefaultThreadsPerCore ?? 1,
    memoryMiB: required(info.MemoryInfo?.SizeInMiB, "memoryInfo", operation),
    bareMetal: info.BareMetal ?? false,
    currentGeneration: info.CurrentGeneration ?? false,
    supportedUsageClasses: info.SupportedUsageClasses ?? [],
    ...(info.SupportedBootModes && { supportedBootModes: info.SupportedBootModes }),
    ...toEfa(info.NetworkInfo),
    gpus: (info.GpuInfo?.Gpus ?? []).map((gpu) => ({
      name: gpu.Name ?? "",
      manufacturer: gpu.Manufacturer ?? "",
      // A fraction of a GPU has Count 0, but the system sees LogicalGpuCount devices.
      count: gpu.LogicalGpuCount ?? gpu.Count ?? 0,
      memoryMiB: gpu.MemoryInfo?.SizeInMiB ?? 0,
    })),
  };
}

/** Without a word on card 0's kinds of interfaces it takes an EFA where the cards are no more than the EFAs. */
function toEfa(network: SdkInstanceTypeInfo["NetworkInfo"]): Pick<InstanceTypeFacts, "efa"> {
  if (!network?.EfaSupported) return {};
  const interfaces = network.EfaInfo?.MaximumEfaInterfaces ?? 1;
  const cards = network.MaximumNetworkCards ?? 1;
  const primary = network.NetworkCards?.find(({ NetworkCardIndex }) => NetworkCardIndex === 0);
  return {
    efa: {
      interfaces,
      cards,
      primaryInterfaces: primary?.MaximumNetworkInterfaces ?? network.MaximumNetworkInterfaces ?? 1,
      onPrimary: primary?.InterfaceTypes?.includes("efa") ?? interfaces >= cards,
    },
  };
}

/** The part of the SDK's `InstanceTypeOffering` that we read. */
export interface SdkInstanceTypeOffering {
  readonly InstanceType?: string;
  readonly Location?: string;
}

/** A zone's offering. Throws {@link AwsError} with code `InvalidResponse` where a name is missing. */
export function toInstanceTypeOffering(
  offering: SdkInstanceTypeOffering,
  operation: string,
): InstanceTypeOffering {
  return {
    instanceType: required(offering.InstanceType, "instanceType", operation),
    location: required(offering.Location, "location", operation),
  };
}
