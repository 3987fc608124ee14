import * as v from "valibot";
import {
  absolutePath,
  capacityReservationId,
  clusterName,
  duration,
  endpointUrl,
  imageId,
  instanceType,
  osVersion,
  region,
  securityGroupId,
  slurmName,
  subnetId,
  text,
  whole,
  word,
} from "./field.ts";
import { PARTITION_KEYS, type PartitionKey } from "./partition_key.ts";
import { helpWithNotes } from "./unenforced.ts";

/** The help that editors show for a key. */
const about = v.description;
const says = <const S extends v.GenericSchema>(schema: S, help: string) => v.pipe(schema, about(help));
const list = <const S extends v.GenericSchema>(item: S, help: string) =>
  v.pipe(v.array(item), v.minLength(1, "a list of at least one"), about(help));

/** A value of slurm.conf: one token, since the renderer writes it unquoted. */
const slurmValue = text("a Slurm value without spaces, quotes or '#'", /^[^\s"'#]+$/);

const partitionOptions = Object.fromEntries(
  PARTITION_KEYS.map((key) => [key, v.optional(slurmValue)]),
) as Record<PartitionKey, v.OptionalSchema<typeof slurmValue, undefined>>;

const aws = v.strictObject({
  profile: v.optional(
    says(word("a profile name", /^[^\p{Cc}\]]+$/u), "Profile in the shared config and credentials files"),
  ),
  credentialsFile: v.optional(says(absolutePath, "Absolute path of a shared credentials file")),
  configFile: v.optional(says(absolutePath, "Absolute path of a shared config file")),
  endpoints: v.optional(
    says(
      v.strictObject({
        ec2: v.optional(says(endpointUrl, "URL of EC2; the Region's own unless given")),
        ssm: v.optional(says(endpointUrl, "URL of Systems Manager; the Region's own unless given")),
        sts: v.optional(says(endpointUrl, "URL of STS; the Region's own unless given")),
        pricing: v.optional(says(endpointUrl, "URL of the Price List; the Region's own unless given")),
        quotas: v.optional(says(endpointUrl, "URL of Service Quotas; the Region's own unless given")),
      }),
      "Endpoint URLs by service, for private endpoints and simulators",
    ),
    {},
  ),
});

const slurm = v.strictObject({
  version: v.optional(says(
    text("a Slurm version such as 24.05", /^[0-9]{2}\.(0[1-9]|1[0-2])(\.[0-9]+)?$/),
    "Slurm's version such as 24.05: configuration is rendered and checked for it",
  )),
  confDir: v.optional(says(absolutePath, "Directory of slurm.conf"), "/etc/slurm"),
  binDir: v.optional(says(absolutePath, "Directory of scontrol; hooks have no PATH"), "/usr/bin"),
  user: v.optional(
    says(word("a user name", /^[A-Za-z_][A-Za-z0-9_.-]*\$?$/), "The user that slurmctld runs as (SlurmUser)"),
    "slurm",
  ),
  partitionOptions: v.optional(
    says(v.strictObject(partitionOptions), "Slurm keys set on every partition"),
    {},
  ),
  onPremConf: v.optional(says(
    word("a path", /^[^\p{Cc}"]+$/u),
    "File with the site's own nodes, included by the rendered configuration; relative to confDir unless absolute",
  )),
  ready: v.optional(
    says(
      v.picklist(["auto", "on", "off"]),
      "Whether jobs wait in a PrologSlurmctld of ours, so that they start at once when their nodes are up; auto: unless the site has one of its own before Slurm 24.05",
    ),
    "auto",
  ),
});

const spot = v.strictObject({
  onNotice: v.optional(
    says(
      v.picklist(["requeue", "drain"]),
      "When EC2 takes a spot instance back, two minutes ahead: requeue puts its batch jobs back into the queue to start elsewhere at once, drain lets them run on",
    ),
    "requeue",
  ),
});

const history = v.strictObject({
  days: v.optional(says(whole(1, 3650), "Days that events and instances' hours are kept"), 100),
  megabytes: v.optional(
    says(whole(16, 65_536), "MiB that the state's file may hold before its oldest events go"),
    512,
  ),
});

const notify = v.strictObject({
  command: v.optional(says(
    word("an absolute path of letters, digits and . _ + @ - alone", /^(?:\/[\w.+@-]+)+$/),
    "Program that slurm-ec2 notify runs, without a shell, when a breaker opens, a limit holds launches back, an orphan was ended or no worker serves waiting requests",
  )),
  minutes: v.optional(
    says(
      whole(1, 1440),
      "Minutes for which it is not run again for the same event; what happens meanwhile is gathered",
    ),
    15,
  ),
});

const noSpace = (noun: string) => word(`${noun} without spaces`, /^\S+$/);

const fileSystem = v.strictObject({
  source: says(noSpace("a source"), "What is mounted, e.g. nas1:/export/home"),
  mount: says(absolutePath, "Where, the same path as on the site's own nodes"),
  type: says(word("a file system type such as nfs4", /^[a-z0-9._-]+$/), "File system type, e.g. nfs4"),
  options: v.optional(
    says(
      noSpace("mount options"),
      "Mount options, comma-separated; nofail: nodes may do without it, rw: never read-only instead",
    ),
  ),
});

const domain = word(
  "a DNS domain such as cloud.example.com",
  /^([A-Za-z0-9_]([A-Za-z0-9-]*[A-Za-z0-9])?\.?)+$/,
);

const dns = v.strictObject({
  domain: v.optional(says(domain, "Domain that nodes are in")),
  hosts: v.optional(says(v.array(domain), "Host names that nodes must be able to resolve"), []),
});

const ssm = v.strictObject({
  prefix: v.optional(says(
    word(
      "an SSM path without slashes at its ends",
      /^(?![aA][wW][sS]|[sS][sS][mM])[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*$/,
    ),
    "Parameters are read below /PREFIX/; the cluster's name unless given, the stack's name for legacy clusters",
  )),
  spelling: v.optional(
    says(
      v.picklist(["SlurmNodeAmi", "SlurmNodeAmis"]),
      "The documented SlurmNodeAmi, or SlurmNodeAmis as legacy stacks have it",
    ),
    "SlurmNodeAmi",
  ),
});

const os = v.strictObject({
  distribution: says(
    v.picklist(["AlmaLinux", "Amazon", "CentOS", "RedHat", "Rocky", "Ubuntu"]),
    "Linux distribution of the image; the site makes Ubuntu's image itself, provision makes the others",
  ),
  version: says(
    osVersion,
    "Major version, Ubuntu's with the month, as in the SSM parameter's path",
  ),
});

const deviceName = (example: string) => word(`a device name such as ${example}`, /^\/dev\/[A-Za-z0-9/]+$/);

/** Keys of every volume; which of them go together is checked with the whole file. */
const anyVolume = {
  iops: v.optional(says(whole(100, 256_000), "Operations a second, of gp3, io1 and io2 (gp3: 3000)")),
  throughput: v.optional(says(whole(125, 2000), "MiB/s, of gp3 (125)")),
  encrypted: v.optional(
    says(v.boolean(), "Whether the volume is encrypted; as the account's default has it unless given"),
  ),
  kmsKeyId: v.optional(says(noSpace("a KMS key id, alias or ARN"), "KMS key id, alias or ARN")),
};

const rootVolume = v.strictObject({
  deviceName: v.optional(says(deviceName("/dev/xvda"), "The image's root device unless given")),
  size: v.optional(says(whole(1, 65536), "GiB")),
  type: v.optional(says(v.picklist(["gp2", "gp3", "io1", "io2"]), "EBS volume type")),
  ...anyVolume,
});

const volume = v.strictObject({
  deviceName: says(deviceName("/dev/sdb"), "Where the volume is attached, e.g. /dev/sdb"),
  size: says(whole(1, 65536), "GiB"),
  type: v.optional(
    says(
      v.picklist(["gp2", "gp3", "io1", "io2", "st1", "sc1"]),
      "EBS volume type; EC2's default unless given",
    ),
  ),
  ...anyVolume,
});

const metadataOptions = v.strictObject({
  httpTokens: v.optional(says(v.picklist(["required", "optional"]), "required: IMDSv2 only (the default)")),
  httpPutResponseHopLimit: v.optional(says(whole(1, 64), "Network hops that an answer may take (2)")),
});

// EC2 allows 50 tags on a resource: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions
const tags = v.record(
  word(
    "a tag key of at most 128 characters, not beginning with aws: or slurm-ec2:",
    /^(?![aA][wW][sS]:|slurm-ec2:)[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u,
  ),
  text(
    "a tag value of at most 256 letters, digits, spaces or _.:/=+-@",
    /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u,
  ),
);

const userData = v.record(
  word("a name of letters, digits and '_'", /^[A-Za-z_][A-Za-z0-9_]*$/),
  text("one line of text", /^[^\p{Cc}]*$/u),
);

/** Keys that `defaults` and every node group take. */
const groupSettings = {
  os: v.optional(says(os, "Operating system of the image; part of the SSM parameter's path")),
  architecture: v.optional(
    says(v.picklist(["arm64", "x86_64"]), "CPU architecture; the instance types' own unless given"),
  ),
  keyPair: v.optional(
    says(
      word("a key pair's name", /^[^\p{Cc}]{1,255}$/u),
      "EC2 key pair; read from SSM unless given, none for no key",
    ),
  ),
  securityGroups: v.optional(list(securityGroupId, "Security group ids; read from SSM unless given")),
  imageId: v.optional(says(imageId, "Image id; read from SSM unless given")),
  instanceProfile: v.optional(says(
    word(
      "an instance profile's name or ARN",
      /^(arn:[a-z-]+:iam::[0-9]{12}:instance-profile\/[\w+=,.@/-]+|[\w+=,.@-]{1,128})$/,
    ),
    "Name or ARN of the nodes' instance profile",
  )),
  rootVolume: v.optional(says(rootVolume, "Root volume; as the image has it unless given")),
  volumes: v.optional(
    says(
      v.pipe(v.array(volume), v.maxLength(26, "at most 26 volumes")),
      "More volumes, attached empty: the image or a boot step of the site makes file systems on them",
    ),
  ),
  metadataOptions: v.optional(says(metadataOptions, "Instance metadata service")),
  tags: v.optional(
    says(tags, "Tags of instances, volumes and network interfaces, added to those of defaults"),
  ),
  userData: v.optional(
    says(userData, "Settings handed to the boot script, added to those of defaults; never a secret"),
  ),
  subnets: v.optional(list(subnetId, helpWithNotes("subnets", "Subnet ids in order of preference"))),
  capacityType: v.optional(
    says(
      v.picklist(["on-demand", "spot", "spot-then-on-demand"]),
      helpWithNotes("capacityType", "How capacity is bought (on-demand)"),
    ),
  ),
  spotTimeLimit: v.optional(
    duration(
      0,
      86_400,
      "How long spot capacity has to be out before spot-then-on-demand asks for on-demand instances (0)",
    ),
  ),
  placementGroup: v.optional(
    says(word("a placement group's name", /^[^\p{Cc}]{1,255}$/u), "Name of an existing placement group"),
  ),
  efa: v.optional(
    says(
      v.boolean(),
      "Whether instances have Elastic Fabric Adapters, as many as the type takes (false); use a placementGroup, and security groups that let all traffic in from and out to themselves",
    ),
  ),
  threadsPerCore: v.optional(says(
    v.picklist([1, 2]),
    "1 turns simultaneous multithreading off; the instance type's default unless given",
  )),
  powerDownAction: v.optional(
    says(v.picklist(["terminate", "stop"]), "What powering down does to the instance (terminate)"),
  ),
  maxStoppedDuration: v.optional(
    duration(
      60,
      365 * 86_400,
      helpWithNotes(
        "maxStoppedDuration",
        "How long a stopped instance is kept, e.g. 8h; for ever unless given",
      ),
    ),
  ),
  strategy: v.optional(says(
    v.picklist(["all-or-nothing", "best-effort"]),
    "Whether the nodes of one multi-node job are launched together or not at all (all-or-nothing)",
  )),
  features: v.optional(says(
    v.array(text("a Slurm feature without spaces or any of ,&|()[]*=", /^[^\s,&|()[\]*="'#]+$/)),
    "Slurm features of the nodes",
  )),
};

const nodeGroup = v.strictObject({
  name: says(slurmName, "Name of the group, and of its NodeSet in Slurm"),
  nodes: says(
    text("a hostlist such as c7i-[0-99]", /^\S+$/),
    "Hostlist of the group's node names, e.g. c7i-[0-99]",
  ),
  instanceTypes: list(
    instanceType,
    helpWithNotes("instanceTypes", "EC2 instance types of the same shape, in order of preference"),
  ),
  ...groupSettings,
  capacityReservation: v.optional(
    says(
      capacityReservationId,
      "Capacity reservation to launch into, before anything else; of the group's first instance type, in its first subnet's zone; not with spot",
    ),
  ),
  weight: v.optional(says(whole(0, 4_294_967_280), "Slurm's Weight; by price unless given")),
  gres: v.optional(
    says(text("a Gres value such as gpu:4", /^[A-Za-z0-9_.:,()-]+$/), "Slurm's Gres, e.g. gpu:4"),
  ),
});

const partition = v.strictObject({
  name: says(slurmName, "PartitionName"),
  nodeGroups: list(slurmName, "Names of the node groups in this partition"),
  ...partitionOptions,
});

const zones = v.strictObject({
  avoid: v.optional(
    says(
      v.array(text("a zone's name or id, such as us-east-1a or use1-az1", /^[a-z]+[a-z0-9-]*[a-z0-9]$/)),
      "Names or ids of zones in which nothing is launched",
    ),
    [],
  ),
});

/** A token bucket of EC2's API: https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html */
const bucket = v.strictObject({
  size: says(whole(1, 1_000_000), "Tokens of a full bucket"),
  refill: says(whole(1, 100_000), "Tokens that come back each second"),
});

const apiQuota = v.strictObject({
  requests: v.optional(says(bucket, "RunInstances calls: 5, and 2 a second, unless given")),
  instances: v.optional(says(bucket, "Instances of RunInstances calls: 1000, and 2 a second, unless given")),
});

const limits = v.strictObject({
  maxNodes: v.optional(
    says(
      whole(1, 1_000_000),
      "Most instances of this cluster at any time, stopped ones and launches in doubt included; no ceiling unless given",
    ),
  ),
  maxHourlyCost: v.optional(says(
    v.pipe(v.number(), v.finite("an amount"), v.gtValue(0, "an amount above 0")),
    "Most USD/h of what is running and asked for, by the prices of config prices; no ceiling unless given",
  )),
  maxDailyCost: v.optional(says(
    v.pipe(v.number(), v.finite("an amount"), v.gtValue(0, "an amount above 0")),
    "USD since 00:00 UTC from which on nothing is launched, what runs included up to now; no ceiling unless given",
  )),
  apiQuota: v.optional(
    says(
      apiQuota,
      "The account's own token buckets of RunInstances, where AWS has raised them (doctor --only quotas shows those of calls); AWS's defaults unless given",
    ),
  ),
  launchBatch: v.optional(says(whole(1, 1000), "Largest MaxCount of one RunInstances call"), 500),
  expectedBootSeconds: v.optional(says(whole(1, 65_533), "Seconds from launch to a registered slurmd"), 180),
  cooldown: v.optional(
    says(
      whole(1, 3_600),
      "Seconds for which nodes stay down when EC2 has no capacity for them; a pool that had none is left alone as long, 180 s at most at first, up to five times that when it goes on having none",
    ),
    300,
  ),
  launchCheckSeconds: v.optional(
    says(
      whole(0, 120),
      "Seconds after a launch at which the hook looks whether the instances live; 0: never",
    ),
    15,
  ),
  bootLimit: v.optional(
    duration(60, 86_400, "A node without slurmd powers itself off after this"),
    "10m",
  ),
  orphanLimit: v.optional(
    duration(60, 30 * 86_400, "An idle node that can't reach slurmctld powers itself off after this"),
    "30m",
  ),
});

/** The whole file, as written; defaults of groups are not merged yet. */
export const ConfigFile = v.strictObject({
  cluster: says(clusterName, "Slurm's ClusterName; also in tags and SSM paths"),
  region: says(region, "AWS region"),
  aws: v.optional(says(aws, "How to reach AWS; what is absent follows the SDK's own rules"), {}),
  slurm: v.optional(says(slurm, "The site's Slurm"), {}),
  fileSystems: v.optional(
    says(v.array(fileSystem), "File systems that nodes mount at the same paths as the site does"),
    [],
  ),
  dns: v.optional(says(dns, "Names that nodes need"), {}),
  ssm: v.optional(says(ssm, "Where SSM parameters are looked up"), {}),
  defaults: v.optional(
    says(v.strictObject(groupSettings), "What every node group takes over unless it says otherwise"),
    {},
  ),
  nodeGroups: list(nodeGroup, "Groups of nodes of one shape"),
  partitions: v.optional(says(v.array(partition), "Slurm partitions over node groups"), []),
  spot: v.optional(says(spot, "What spot instances do about their interruption"), {}),
  zones: v.optional(says(zones, "Availability zones"), {}),
  limits: v.optional(says(limits, "Ceilings and time limits"), {}),
  history: v.optional(says(history, "How much is kept for why, cost and report"), {}),
  notify: v.optional(says(notify, "Who is to know at once what has happened"), {}),
  stateDir: v.optional(
    says(absolutePath, "Directory of the state that concurrent hooks share"),
    "/var/lib/slurm-ec2",
  ),
  logFile: v.optional(says(absolutePath, "The hooks' log file"), "/var/log/slurm/slurm-ec2.log"),
});

/** A file that {@link ConfigFile} accepts, defaults of the schema filled in. */
export type ConfigFile = v.InferOutput<typeof ConfigFile>;
/** One entry of `nodeGroups`, before `defaults` are merged in. */
export type GroupFile = ConfigFile["nodeGroups"][number];
