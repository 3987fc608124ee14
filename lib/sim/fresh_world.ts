import type { Image, InstanceTypeFacts, SecurityGroup } from "../aws/ec2_api.ts";
import { partitionOf } from "../aws/partition.ts";
import type { Fault } from "./faults.ts";
import { EXAMPLE_INSTANCE_TYPES } from "./example_instance_types.ts";
import type { Statement } from "./iam/statement.ts";
import { resourceId } from "./unique_id.ts";
import type { ParameterVersion, SimSubnet, World, WorldNetwork, WorldSettings, Zone } from "./world.ts";

/**
 * Ids and names of a fresh world, the same in every region and with every seed, so that documents, tests and
 * demos can name them.
 */
export const WORLD = {
  /** The account number of AWS's own documentation examples. */
  account: "111122223333",
  region: "us-east-1",
  vpcId: "vpc-0a000000000000001",
  vpcCidrBlock: "10.0.0.0/16",
  /** One in each of the zones a, b, c of the region; 8,187 addresses each. */
  subnetIds: ["subnet-0a000000000000001", "subnet-0b000000000000002", "subnet-0c000000000000003"],
  subnetCidrBlocks: ["10.0.0.0/19", "10.0.32.0/19", "10.0.64.0/19"],
  imageIds: { x86_64: "ami-08664000000000001", arm64: "ami-0a640000000000002" },
  keyName: "cluster-key",
  keyPairId: "key-0a000000000000001",
  /** Lets its members talk to each other. */
  securityGroupId: "sg-0a000000000000001",
  securityGroupName: "cluster-nodes",
  defaultSecurityGroupId: "sg-0d000000000000002",
  placementGroupName: "cluster-placement",
  capacityReservationId: "cr-0a000000000000001",
  instanceProfileName: "cluster-node",
  instanceProfileArn: "arn:aws:iam::111122223333:instance-profile/cluster-node",
} as const;

/** The world's key pair in the form of `authorized_keys`; nobody has its private key. */
const PUBLIC_KEY =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOxbylxJKsC4ciHFnTTuXzOimrLrSFPdmPNt0iecdqCV cluster-key";

/** What a fresh world may differ in; durations in milliseconds. */
export interface WorldOptions extends Partial<WorldSettings> {
  /** Milliseconds since 1970 UTC at which the world is made (0). */
  readonly now?: number;
  /** Instance types on offer; a handful of examples unless given. */
  readonly instanceTypes?: ReadonlyMap<string, InstanceTypeFacts>;
  /** Capacity by pool, see {@link poolKey}. */
  readonly capacity?: Readonly<Record<string, number>>;
  /** How many addresses others leave in a subnet, by its id. */
  readonly addresses?: Readonly<Record<string, number>>;
  /** Subnets besides the three of every world, within the VPC's block and apart from all others. */
  readonly subnets?: readonly { readonly availabilityZone: string; readonly cidrBlock: string }[];
  /** SSM parameters of type String by name. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** More images than the two of every world. */
  readonly images?: readonly Image[];
  readonly faults?: readonly Fault[];
  /** Statements of the user's policies: nothing else is allowed then. */
  readonly policies?: readonly Statement[];
  /** The same of the instances' role. */
  readonly nodePolicies?: readonly Statement[];
}

/** How a world behaves by default: everything at once, nothing fails, nothing is limited. */
const DEFAULT_SETTINGS: WorldSettings = {
  region: WORLD.region,
  account: WORLD.account,
  seed: 1,
  pendingMs: 0,
  bootMs: 0,
  statusCheckMs: 0,
  stoppingMs: 0,
  shuttingDownMs: 0,
  terminatedMs: 3_600_000,
  invisibleMs: 0,
  requestTokens: false,
  resourceTokens: false,
  wholeCallLimits: true,
  lacksSpotRole: false,
  unsupported: [],
  credentials: "valid",
};

/** A world nobody has touched: a VPC with three subnets, an image of each architecture, a key pair, security groups. */
export function freshWorld(options: WorldOptions = {}): World {
  const {
    now = 0,
    instanceTypes,
    capacity,
    addresses,
    subnets,
    parameters,
    images,
    faults,
    policies,
    nodePolicies,
    ...settings
  } = options;
  const region = settings.region ?? WORLD.region;
  return {
    settings: { ...DEFAULT_SETTINGS, ...settings },
    network: freshNetwork(region, subnets ?? []),
    ...(policies && { policies }),
    ...(nodePolicies && { nodePolicies }),
    caller: "user",
    images: new Map([...IMAGES, ...images ?? []].map((image) => [image.imageId, image])),
    keyPairs: new Map([[WORLD.keyName, {
      keyName: WORLD.keyName,
      keyPairId: WORLD.keyPairId,
      publicKey: PUBLIC_KEY,
    }]]),
    instanceProfiles: new Map([[WORLD.instanceProfileName, {
      name: WORLD.instanceProfileName,
      arn: WORLD.instanceProfileArn.replace(/^arn:aws:/, `arn:${partitionOf(region).id}:`),
      id: "AIPA0000000000EXAMPLE",
    }]]),
    instanceTypes: instanceTypes ?? EXAMPLE_INSTANCE_TYPES,
    placementGroups: [WORLD.placementGroupName],
    capacityReservations: [WORLD.capacityReservationId],
    instances: new Map(),
    launches: new Map(),
    parameters: freshParameters(parameters ?? {}, now),
    capacity: capacity ?? {},
    addresses: addresses ?? {},
    faults: faults ?? [],
    buckets: {},
    calls: {},
    counter: 1,
    requests: 1,
    addressCursors: {},
    due: Infinity,
  };
}

function freshNetwork(region: string, more: NonNullable<WorldOptions["subnets"]>): WorldNetwork {
  const zones = worldZones(region);
  const blocks = [
    ...WORLD.subnetCidrBlocks.map((cidrBlock, i) => ({ cidrBlock, availabilityZone: zones[i]!.zoneName })),
    ...more,
  ];
  const subnets = blocks.map(({ availabilityZone, cidrBlock }, i): SimSubnet => {
    const zone = zones.find(({ zoneName }) => zoneName === availabilityZone);
    if (zone === undefined) throw new RangeError(`${region} has no zone ${availabilityZone}`);
    return {
      subnetId: WORLD.subnetIds[i] ?? resourceId("subnet", 1, i + 1),
      vpcId: WORLD.vpcId,
      availabilityZone,
      availabilityZoneId: zone.zoneId,
      cidrBlock,
    };
  });
  return {
    vpcId: WORLD.vpcId,
    cidrBlock: WORLD.vpcCidrBlock,
    zones,
    subnets: new Map(subnets.map((subnet) => [subnet.subnetId, subnet])),
    securityGroups: new Map(SECURITY_GROUPS.map((group) => [group.groupId, group])),
  };
}

/** The zones of a world in a region: a, b and c. */
export function worldZones(region: string): readonly Zone[] {
  return ["a", "b", "c"].map((letter, i) => ({
    zoneName: `${region}${letter}`,
    zoneId: `${regionCode(region)}-az${i + 1}`,
  }));
}

/**
 * The short form of a region's name in zone ids, e.g. `use1` for us-east-1, `apse2` for ap-southeast-2
 * (https://docs.aws.amazon.com/global-infrastructure/latest/regions/az-ids.html).
 */
function regionCode(region: string): string {
  const [area = "", ...rest] = region.split("-");
  const number = rest.at(-1) ?? "";
  const directions = rest.slice(0, -1).map((word) =>
    word === "gov" ? "g" : word.replace(/(north|south|east|west|central)/g, "$1 ")
  );
  return area + directions.join(" ").split(" ").map((word) => word.slice(0, 1)).join("") + number;
}

const IMAGES: readonly Image[] = (["x86_64", "arm64"] as const).map((architecture) => ({
  imageId: WORLD.imageIds[architecture],
  name: `slurm-node-${architecture}`,
  architecture,
  state: "available",
  ownerId: WORLD.account,
  bootMode: "uefi-preferred",
  rootDeviceName: "/dev/xvda",
  rootDeviceType: "ebs",
}));

const ALL_OUT = [{ ipProtocol: "-1", cidrs: ["0.0.0.0/0"], groupIds: [] }];
const SECURITY_GROUPS: readonly SecurityGroup[] = [
  [WORLD.securityGroupId, WORLD.securityGroupName],
  [WORLD.defaultSecurityGroupId, "default"],
].map(([groupId, groupName]) => ({
  groupId: groupId!,
  groupName: groupName!,
  vpcId: WORLD.vpcId,
  ingress: [{ ipProtocol: "-1", cidrs: [], groupIds: [groupId!] }],
  egress: ALL_OUT,
}));

/** AWS publishes the newest image of each distribution under paths like these (Systems Manager user guide, public parameters). */
const PUBLIC_PARAMETERS = {
  "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64": WORLD.imageIds.x86_64,
  "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64": WORLD.imageIds.arm64,
};

function freshParameters(
  given: Readonly<Record<string, string>>,
  now: number,
): Map<string, readonly ParameterVersion[]> {
  const all = Object.entries({ ...PUBLIC_PARAMETERS, ...given });
  return new Map(all.map(([name, value]) => [name, [firstVersion(name, value, now)]]));
}

/** A parameter of type String as it is after its first PutParameter. */
function firstVersion(name: string, value: string, now: number): ParameterVersion {
  return { name, type: "String", value, version: 1, lastModified: now, dataType: "text", tier: "Standard" };
}
