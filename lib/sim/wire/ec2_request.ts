import type {
  DescribeInput,
  Filter,
  NetworkInterfaceSpecification,
  RunInstancesInput,
  Tag,
  TagSpecification,
} from "../../aws/ec2_api.ts";
import type { Actions } from "../actions.ts";
import { notModelled, Refusal } from "../refusal.ts";
import type { RunInstancesRequest } from "../run_instances_request.ts";
import type { Ec2Action } from "./ec2_answer.ts";
import type { Query } from "./query.ts";

/**
 * Turns the query parameters of an action into the model's request.
 * @throws {Refusal} `UnknownParameter` for one that the action hasn't, `UnsupportedOperation` for one that EC2
 * has and the simulator doesn't model, `InvalidParameterValue` for one of the wrong type.
 */
export function ec2Request<A extends Ec2Action>(action: A, query: Query): Actions[A]["request"] {
  const request = READERS[action](query) as Actions[A]["request"];
  const unread = query.unread();
  if (unread === undefined) return defined(request);
  if (UNMODELLED[action]?.test(unread)) throw notModelled(`the parameter ${unread} of ${action}`);
  throw new Refusal("UnknownParameter", `The parameter ${unread} is not recognized`);
}

/** Parameters that EC2 knows and the model has no data for (API reference, one page an action). */
const UNMODELLED: { readonly [A in Ec2Action]?: RegExp } = {
  RunInstances:
    /^(LaunchTemplate|NetworkInterface|Ipv6Address|Ipv6AddressCount|EnablePrimaryIpv6|KernelId|RamdiskId|PrivateIpAddress|AdditionalInfo|ElasticGpuSpecification|ElasticInferenceAccelerator|HibernationOptions|LicenseSpecification|EnclaveOptions|NetworkPerformanceOptions|Operator|SecondaryInterface|(Placement\.(Affinity|AvailabilityZoneId|GroupId|HostId|HostResourceGroupArn|PartitionNumber|SpreadDomain))|(BlockDeviceMapping\.\d+\.(NoDevice|VirtualName|Ebs\.(SnapshotId|VolumeInitializationRate|OutpostArn|AvailabilityZone(Id)?|EbsCardIndex)))|(CpuOptions\.(AmdSevSnp|NestedVirtualization))|(CapacityReservationSpecification\.CapacityReservationTarget\.CapacityReservationResourceGroupArn)|(InstanceMarketOptions\.SpotOptions\.(BlockDurationMinutes|ValidUntil))|(MaintenanceOptions\.RebootMigration))(\.|$)/,
  DescribeImages: /^ExecutableBy(\.|$)/,
  DescribeKeyPairs: /^KeyPairId(\.|$)/,
};

const READERS: { readonly [A in Ec2Action]: (query: Query) => Actions[A]["request"] } = {
  RunInstances: runInstances,
  DescribeInstances: (q) => {
    // Nobody manages a simulated instance for the account.
    q.boolean("IncludeManagedResources");
    return { ...describe(q), InstanceIds: q.texts("InstanceId") };
  },
  DescribeInstanceStatus: (q) => {
    q.boolean("IncludeManagedResources");
    return {
      ...describe(q),
      InstanceIds: q.texts("InstanceId"),
      IncludeAllInstances: q.boolean("IncludeAllInstances"),
    };
  },
  StartInstances: (q) => {
    q.text("AdditionalInfo");
    return instanceIds(q);
  },
  StopInstances: (q) => ({ ...instanceIds(q), ...shutdown(q), ...hibernate(q) }),
  TerminateInstances: (q) => ({ ...instanceIds(q), ...shutdown(q) }),
  CreateTags: (q) => ({ Resources: q.texts("ResourceId") ?? [], Tags: tags(q), DryRun: q.boolean("DryRun") }),
  GetConsoleOutput: (q) => ({
    InstanceId: required(q, "InstanceId"),
    Latest: q.boolean("Latest"),
    DryRun: q.boolean("DryRun"),
  }),
  DescribeSubnets: (q) => ({ ...describe(q), SubnetIds: q.texts("SubnetId") }),
  DescribeImages: (q) => {
    for (const flag of ["IncludeDeprecated", "IncludeDisabled"]) q.boolean(flag);
    return { ...describe(q), ImageIds: q.texts("ImageId"), Owners: q.texts("Owner") };
  },
  DescribeKeyPairs: (q) => ({
    KeyNames: q.texts("KeyName"),
    Filters: filters(q),
    IncludePublicKey: q.boolean("IncludePublicKey"),
    DryRun: q.boolean("DryRun"),
  }),
  DescribeSecurityGroups: (q) => ({
    ...describe(q),
    GroupIds: q.texts("GroupId"),
    GroupNames: q.texts("GroupName"),
  }),
  DescribeInstanceTypes: (q) => {
    // Every type of a world is offered in its Region.
    q.boolean("IncludeUnsupportedInRegion");
    return { ...describe(q), InstanceTypes: q.texts("InstanceType") };
  },
  DescribeInstanceTypeOfferings: (q) => ({ ...describe(q), LocationType: q.text("LocationType") }),
  DescribeAvailabilityZones: (q) => {
    q.boolean("AllAvailabilityZones");
    return {
      ZoneNames: q.texts("ZoneName"),
      ZoneIds: q.texts("ZoneId"),
      Filters: filters(q),
      DryRun: q.boolean("DryRun"),
    };
  },
};

function runInstances(q: Query): RunInstancesRequest {
  // Which instances may spend their CPU credits is not shown by any call that the simulator answers.
  q.structure("CreditSpecification")?.text("CpuCredits");
  dnsNames(q.structure("PrivateDnsNameOptions"));
  return {
    ImageId: q.text("ImageId") ?? "",
    InstanceType: q.text("InstanceType") ?? "",
    MinCount: count(q, "MinCount"),
    MaxCount: count(q, "MaxCount"),
    ClientToken: q.text("ClientToken"),
    KeyName: q.text("KeyName"),
    SubnetId: q.text("SubnetId"),
    SecurityGroupIds: q.texts("SecurityGroupId"),
    SecurityGroups: q.texts("SecurityGroup"),
    NetworkInterfaces: q.list("NetworkInterface")?.map(networkInterface),
    UserData: q.text("UserData"),
    IamInstanceProfile: structure(
      q,
      "IamInstanceProfile",
      (p) => ({ Arn: p.text("Arn"), Name: p.text("Name") }),
    ),
    InstanceInitiatedShutdownBehavior: oneOf(q, "InstanceInitiatedShutdownBehavior", ["stop", "terminate"]),
    InstanceMarketOptions: structure(q, "InstanceMarketOptions", marketOptions),
    MetadataOptions: structure(q, "MetadataOptions", metadataOptions),
    CpuOptions: structure(q, "CpuOptions", (c) => ({
      CoreCount: c.integer("CoreCount"),
      ThreadsPerCore: c.integer("ThreadsPerCore"),
    })),
    Placement: structure(q, "Placement", (p) => ({
      GroupName: p.text("GroupName"),
      Tenancy: oneOf(p, "Tenancy", ["default", "dedicated", "host"]),
      AvailabilityZone: p.text("AvailabilityZone"),
    })),
    CapacityReservationSpecification: structure(q, "CapacityReservationSpecification", (c) => ({
      CapacityReservationPreference: oneOf(c, "CapacityReservationPreference", [
        "open",
        "none",
        "capacity-reservations-only",
      ]),
      CapacityReservationTarget: structure(c, "CapacityReservationTarget", (t) => ({
        CapacityReservationId: t.text("CapacityReservationId"),
      })),
    })),
    BlockDeviceMappings: q.list("BlockDeviceMapping")?.map(blockDeviceMapping),
    TagSpecifications: q.list("TagSpecification")?.map((one) => ({
      ResourceType: (one.text("ResourceType") ?? "") as TagSpecification["ResourceType"],
      Tags: tags(one),
    })),
    DisableApiTermination: q.boolean("DisableApiTermination"),
    DisableApiStop: q.boolean("DisableApiStop"),
    EbsOptimized: q.boolean("EbsOptimized"),
    Monitoring: structure(q, "Monitoring", (m) => ({ Enabled: m.boolean("Enabled") })),
    MaintenanceOptions: structure(q, "MaintenanceOptions", (m) => ({
      AutoRecovery: oneOf(m, "AutoRecovery", ["default", "disabled"]),
    })),
    DryRun: q.boolean("DryRun"),
  };
}

function networkInterface(q: Query): NetworkInterfaceSpecification {
  q.text("Description");
  if (q.boolean("AssociatePublicIpAddress")) throw notModelled("public addresses");
  const SubnetId = q.text("SubnetId");
  if (SubnetId === undefined) throw notModelled("network interfaces without a subnet");
  return {
    NetworkCardIndex: q.integer("NetworkCardIndex") ?? 0,
    DeviceIndex: count(q, "DeviceIndex"),
    InterfaceType: oneOf(q, "InterfaceType", ["interface", "efa", "efa-only"]) ?? "interface",
    SubnetId,
    ...defined({ Groups: q.texts("SecurityGroupId") }),
    DeleteOnTermination: q.boolean("DeleteOnTermination") ?? true,
  };
}

/** Names made of the instance's id, and records for them, are not modelled: what asks for neither is let through. */
function dnsNames(options: Query | undefined): void {
  const isModelled = (options?.text("HostnameType") ?? "ip-name") === "ip-name" &&
    !options?.boolean("EnableResourceNameDnsARecord") && !options?.boolean("EnableResourceNameDnsAAAARecord");
  if (!isModelled) throw notModelled("host names other than those of addresses (PrivateDnsNameOptions)");
}

function marketOptions(q: Query): NonNullable<RunInstancesInput["InstanceMarketOptions"]> {
  return {
    MarketType: oneOf(q, "MarketType", ["spot"], ["capacity-block", "interruptible-capacity-reservation"]) ??
      "spot",
    SpotOptions: structure(q, "SpotOptions", (s) => ({
      SpotInstanceType: oneOf(s, "SpotInstanceType", ["one-time", "persistent"]),
      InstanceInterruptionBehavior: oneOf(s, "InstanceInterruptionBehavior", [
        "hibernate",
        "stop",
        "terminate",
      ]),
      MaxPrice: s.text("MaxPrice"),
    })),
  };
}

function metadataOptions(q: Query): NonNullable<RunInstancesInput["MetadataOptions"]> {
  oneOf(q, "HttpProtocolIpv6", ["disabled"], ["enabled"]);
  return {
    HttpTokens: oneOf(q, "HttpTokens", ["optional", "required"]),
    HttpEndpoint: oneOf(q, "HttpEndpoint", ["enabled", "disabled"]),
    HttpPutResponseHopLimit: q.integer("HttpPutResponseHopLimit"),
    InstanceMetadataTags: oneOf(q, "InstanceMetadataTags", ["enabled", "disabled"]),
  };
}

function blockDeviceMapping(q: Query): NonNullable<RunInstancesInput["BlockDeviceMappings"]>[number] {
  return {
    DeviceName: q.text("DeviceName") ?? "",
    Ebs: structure(q, "Ebs", (e) => ({
      VolumeSize: e.integer("VolumeSize"),
      VolumeType: oneOf(e, "VolumeType", ["gp2", "gp3", "io1", "io2", "st1", "sc1", "standard"]),
      Encrypted: e.boolean("Encrypted"),
      KmsKeyId: e.text("KmsKeyId"),
      Iops: e.integer("Iops"),
      Throughput: e.integer("Throughput"),
      DeleteOnTermination: e.boolean("DeleteOnTermination"),
    })),
  };
}

function describe(q: Query): DescribeInput & { readonly DryRun?: boolean } {
  return {
    Filters: filters(q),
    MaxResults: q.integer("MaxResults"),
    NextToken: q.text("NextToken"),
    DryRun: q.boolean("DryRun"),
  };
}

function filters(q: Query): Filter[] | undefined {
  return q.list("Filter")?.map((one) => ({ Name: one.text("Name") ?? "", Values: one.texts("Value") ?? [] }));
}

function tags(q: Query): Tag[] {
  return (q.list("Tag") ?? []).map((tag) => ({ Key: tag.text("Key") ?? "", Value: tag.text("Value") ?? "" }));
}

function instanceIds(q: Query): { InstanceIds: string[]; DryRun?: boolean } {
  return { InstanceIds: q.texts("InstanceId") ?? [], DryRun: q.boolean("DryRun") };
}

function shutdown(q: Query): { Force?: boolean } {
  q.boolean("SkipOsShutdown");
  return { Force: q.boolean("Force") };
}

function hibernate(q: Query): Record<string, never> {
  if (!q.boolean("Hibernate")) return {};
  throw new Refusal(
    "UnsupportedHibernationConfiguration",
    "The simulated instances are not configured for hibernation.",
  );
}

function count(q: Query, name: string): number {
  const value = q.integer(name);
  if (value === undefined) {
    throw new Refusal("MissingParameter", `The request must contain the parameter ${name}`);
  }
  return value;
}

function required(q: Query, name: string): string {
  const value = q.text(name);
  if (!value) throw new Refusal("MissingParameter", `The request must contain the parameter ${name}`);
  return value;
}

/** @param unmodelled Values that EC2 takes and the simulator does not. */
function oneOf<const T extends string>(
  q: Query,
  name: string,
  allowed: readonly T[],
  unmodelled: readonly string[] = [],
): T | undefined {
  const value = q.text(name);
  if (value === undefined || allowed.includes(value as T)) return value as T | undefined;
  if (unmodelled.includes(value)) throw notModelled(`${name} ${value}`);
  throw new Refusal(
    "InvalidParameterValue",
    `Invalid value '${value}' for ${name}. Valid values: ${allowed.join(", ")}.`,
  );
}

function structure<T>(q: Query, name: string, read: (fields: Query) => T): T | undefined {
  const fields = q.structure(name);
  return fields && defined(read(fields));
}

/** Without the fields that are undefined: a request must look the same whether a caller left a field out or not. */
function defined<T>(value: T): T {
  return Object.fromEntries(Object.entries(value as object).filter(([, field]) => field !== undefined)) as T;
}
