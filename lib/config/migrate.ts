import type { InstanceTypeFacts } from "../aws/ec2_api.ts";
import { isoDurationSeconds } from "./iso_duration.ts";
import type { LegacyFiles, LegacyTypeInfo } from "./legacy_files.ts";
import { legacyInstanceTypes } from "./legacy_instance_types.ts";
import { type LegacyNaming, type LegacyNodeSet, legacyPrefix, wasLaunchable } from "./legacy_node_name.ts";
import type { Architecture, OsDistribution, PowerDownAction } from "./model.ts";

/** What a legacy installation becomes. */
export interface Migration {
  readonly cluster: string;
  readonly region: string;
  readonly stackName: string;
  readonly domain?: string;
  readonly slurmVersion?: string;
  readonly onPremConf?: string;
  readonly logFile?: string;
  readonly instanceProfile?: string;
  readonly powerDownAction: PowerDownAction;
  /** Seconds. */
  readonly maxStoppedDuration?: number;
  readonly fileSystems: readonly {
    readonly source: string;
    readonly mount: string;
    readonly type: string;
    readonly options?: string;
  }[];
  readonly groups: readonly MigratedGroup[];
  readonly partitions: readonly MigratedPartition[];
  readonly notes: readonly MigrationNote[];
}

/** One line of the legacy slurm_nodes.conf: nodes of one type, zone and way of buying. */
export interface MigratedGroup {
  readonly name: string;
  /** Hostlist. */
  readonly nodes: string;
  readonly instanceType: string;
  readonly os: { readonly distribution: OsDistribution; readonly version: string };
  readonly architecture: Architecture;
  readonly subnets: readonly string[];
  readonly spot: boolean;
  /** The plugin turned simultaneous multithreading off wherever there is any. */
  readonly singleThreaded: boolean;
  readonly features: readonly string[];
  readonly weight?: number;
}

/** A partition of the legacy slurm_nodes.conf. */
export interface MigratedPartition {
  readonly name: string;
  readonly nodeGroups: readonly string[];
  readonly options: Readonly<Record<string, string>>;
}

/** Something of the legacy installation that has no equivalent, or that is different now. */
export interface MigrationNote {
  /** What it is about: a key, a file, a kind of node. */
  readonly subject: string;
  readonly text: string;
}

/** How to migrate. */
export interface MigrateOptions {
  /** One configuration is for one region; the plugin's own unless given. */
  readonly region?: string;
  readonly naming: LegacyNaming;
  /** Every type there is, where the plugin's own list of chosen types is absent. */
  readonly facts: ReadonlyMap<string, InstanceTypeFacts>;
}

interface Zone {
  readonly name: string;
  readonly id: string;
  readonly priority: number;
  readonly subnet: string;
}

/** Node groups of the same zone, operating system and architecture. */
interface Cell {
  /** The zone's name; undefined in plain names. */
  readonly zone?: string;
  readonly priority: number;
  /** Base of its partitions' names, e.g. `eu-west-1a_CentOS_7_x86_64`. */
  readonly base: string;
  readonly onDemand: readonly MigratedGroup[];
  readonly spot: readonly MigratedGroup[];
}

/**
 * What our configuration must say so that Slurm keeps the nodes, names and partitions of a legacy installation.
 * @throws {RangeError} when the files name no zone of the region, no node count, or no instance type.
 */
export function migrate(files: LegacyFiles, options: MigrateOptions): Migration {
  const { slurmConfig, instanceConfig, installer } = files;
  const region = options.region ?? homeRegion(files);
  const notes: MigrationNote[] = [];
  const note = (subject: string, text: string) => void notes.push({ subject, text });
  const zones = zonesOf(files, region);
  const count = nodeCount(files);
  const types = typesOf(files, region, options.facts, note);
  const cells = cellsOf({ files, zones, count, types, options, note });
  const groups = cells.flatMap((cell) => [...cell.onDemand, ...cell.spot]);
  if (groups.length === 0) {
    throw new RangeError(
      "No instance type of the architectures in BaseOsArchitecture is included: no node is left",
    );
  }
  noteOtherRegions(files, region, note);
  noteInstallation(files, note);
  const stopped = readStopped(slurmConfig.MaxStoppedDuration, note);
  return {
    cluster: slurmConfig.ClusterName,
    region,
    stackName: slurmConfig.STACK_NAME ?? slurmConfig.ClusterName,
    domain: slurmConfig.DOMAIN,
    slurmVersion: shortVersion(installer?.slurm.SlurmVersion),
    onPremConf: instanceConfig.OnPremComputeNodes?.ConfigFile.split("/").at(-1),
    logFile: slurmConfig.SLURM_POWER_LOG,
    instanceProfile: slurmConfig.SLURMNODE_PROFILE_ARN,
    powerDownAction: slurmConfig.SuspendAction ?? "stop",
    maxStoppedDuration: (slurmConfig.SuspendAction ?? "stop") === "stop" ? stopped : undefined,
    fileSystems: (installer?.slurm.storage?.ExtraMounts ?? []).map(({ src, dest, type, options }) => ({
      source: src,
      mount: dest,
      type,
      options,
    })),
    groups,
    partitions: partitionsOf(cells, options.naming, files.instanceConfig.UseSpot),
    notes,
  };
}

type Note = (subject: string, text: string) => void;

function homeRegion({ slurmConfig, azInfo }: LegacyFiles): string {
  const regions = [...new Set(Object.values(azInfo).map((zone) => zone.region))];
  const home = slurmConfig.region ?? slurmConfig.AWS_DEFAULT_REGION;
  if (home !== undefined && regions.includes(home)) return home;
  if (regions.length === 1) return regions[0]!;
  throw new RangeError(
    `AZInfo.json has zones in ${regions.join(", ") || "no region"}: choose one with --region`,
  );
}

function zonesOf({ azInfo }: LegacyFiles, region: string): Zone[] {
  const zones = Object.keys(azInfo).sort().flatMap((name) => {
    const { id, priority, region: its, subnet } = azInfo[name]!;
    return its === region ? [{ name, id, priority, subnet }] : [];
  });
  if (zones.length === 0) throw new RangeError(`AZInfo.json has no zone in ${region}`);
  return zones;
}

function nodeCount({ instanceConfig: { NodeCounts, NodesPerInstanceType } }: LegacyFiles): number {
  const count = NodeCounts?.DefaultMaxCount ?? NodesPerInstanceType;
  if (count === undefined) {
    throw new RangeError(
      "InstanceConfig has neither NodeCounts.DefaultMaxCount nor NodesPerInstanceType: the number of nodes is not known",
    );
  }
  if (!Number.isInteger(count) || count < 1) {
    throw new RangeError(
      `InstanceConfig asks for ${count} nodes an instance type: there is nothing to migrate`,
    );
  }
  return count;
}

/** The types that the plugin chose, in their order by name, with the facts that are known. */
function typesOf(
  files: LegacyFiles,
  region: string,
  facts: MigrateOptions["facts"],
  note: Note,
): InstanceTypeFacts[] {
  const listed = files.instanceTypes?.[region];
  if (!listed) {
    note(
      "Instance types",
      `chosen by Include and Exclude from the types of all regions: remove those that ${region} doesn't offer, or migrate with the plugin's InstanceTypes.json (--instance-types), which says what there was`,
    );
  }
  const unknown: string[] = [];
  const types = (listed ?? legacyInstanceTypes(files.instanceConfig, facts)).toSorted().flatMap((type) => {
    const fact = facts.get(type);
    if (!fact) unknown.push(type);
    return fact ? [fact] : [];
  });
  if (unknown.length > 0) {
    note("Unknown instance types", `${unknown.join(", ")}: left out, their nodes with them`);
  }
  return types;
}

interface CellInput {
  readonly files: LegacyFiles;
  readonly zones: readonly Zone[];
  readonly count: number;
  readonly types: readonly InstanceTypeFacts[];
  readonly options: MigrateOptions;
  readonly note: Note;
}

function cellsOf({ files, zones, count, types, options: { naming }, note }: CellInput): Cell[] {
  const { UseSpot, BaseOsArchitecture } = files.instanceConfig;
  // Plain names know no zone: the nodes may be in any.
  const places = naming === "plain" ? [{ zones }] : zones.map((zone) => ({ zone, zones: [zone] }));
  const cells = places.flatMap((place) =>
    Object.entries(BaseOsArchitecture).flatMap(([distribution, versions]) =>
      Object.entries(versions ?? {}).flatMap(([version, architectures]) =>
        architectures.map((architecture): Cell => {
          const os = { distribution: distribution as OsDistribution, version };
          const fitting = types.filter((type) => type.architectures.includes(architecture));
          const zone = "zone" in place ? place.zone : undefined;
          const makeAll = (spot: boolean) =>
            fitting.filter((type) => !spot || type.supportedUsageClasses.includes("spot"))
              .map((type) =>
                groupOf({
                  files,
                  naming,
                  zone,
                  subnets: place.zones.map(({ subnet }) => subnet),
                  os,
                  architecture,
                  type,
                  spot,
                  count,
                })
              );
          return {
            zone: zone?.name,
            priority: zone?.priority ?? 1,
            base: [...(zone ? [zone.name] : []), distribution, version, architecture].join("_"),
            onDemand: makeAll(false),
            spot: UseSpot ? makeAll(true) : [],
          };
        })
      )
    )
  );
  noteUnlaunchable(cells, naming, note);
  return cells;
}

interface GroupInput {
  readonly files: LegacyFiles;
  readonly naming: LegacyNaming;
  readonly zone: Zone | undefined;
  readonly subnets: readonly string[];
  readonly os: MigratedGroup["os"];
  readonly architecture: Architecture;
  readonly type: InstanceTypeFacts;
  readonly spot: boolean;
  readonly count: number;
}

function groupOf(
  { files, naming, zone, subnets, os, architecture, type, spot, count }: GroupInput,
): MigratedGroup {
  const { instanceType } = type;
  const set: LegacyNodeSet = { naming, azId: zone?.id, ...os, architecture, instanceType, spot };
  const name = legacyPrefix(set);
  const info = files.typeInfo?.get(instanceType);
  return {
    name,
    nodes: count === 1 ? `${name}-0` : `${name}-[0-${count - 1}]`,
    instanceType,
    os,
    architecture,
    subnets,
    spot,
    // EC2 has no CPU options for bare metal.
    singleThreaded: type.defaultThreadsPerCore > 1 && !type.bareMetal,
    features: featuresOf(set, zone?.name, info),
    weight: weightOf(info, spot, zone?.name),
  };
}

/** The features that jobs may ask for, in the plugin's order. */
function featuresOf(
  set: LegacyNodeSet,
  zone: string | undefined,
  info: LegacyTypeInfo | undefined,
): string[] {
  const { azId, distribution, version, architecture, instanceType, spot } = set;
  const code = legacyPrefix({ ...set, naming: "plain" }).split("-")[0]!;
  return [
    ...(zone === undefined ? [] : [zone]),
    ...(azId === undefined ? [] : [azId]),
    code,
    `${distribution}_${version}`,
    architecture,
    instanceType.split(".")[0]!,
    instanceType,
    ...(info?.clockGHz === undefined ? [] : [`GHz:${info.clockGHz}`]),
    ...(info?.hasSsd ? ["ssd"] : []),
    spot ? "spot" : "ondemand",
  ];
}

/** The plugin's weight: USD per hour times 10,000. */
function weightOf(
  info: LegacyTypeInfo | undefined,
  spot: boolean,
  zone: string | undefined,
): number | undefined {
  const price = spot ? info?.spotPrices.get(zone ?? "") : info?.onDemandPrice;
  return price === undefined ? undefined : Math.trunc(price * 10_000);
}

function noteUnlaunchable(cells: readonly Cell[], naming: LegacyNaming, note: Note): void {
  const groups = cells.flatMap((cell) => [...cell.onDemand, ...cell.spot]);
  const broken = groups.filter(({ os, architecture, instanceType, spot, name }) =>
    !wasLaunchable({ naming, azId: azIdOf(name), ...os, architecture, instanceType, spot })
  );
  if (broken.length === 0) return;
  const some = broken.slice(0, 3).map(({ name }) => name).join(", ");
  note(
    "Names that the plugin couldn't read",
    `${some}${
      broken.length > 3 ? ` and ${broken.length - 3} more` : ""
    }: Slurm has these nodes, but the plugin never launched one of them; they work now`,
  );
}

function azIdOf(name: string): string | undefined {
  return /^[a-z0-9]+(?:-[a-z0-9]+)*-az[0-9]+(?=-)/.exec(name)?.[0];
}

function partitionsOf(cells: readonly Cell[], naming: LegacyNaming, useSpot: boolean): MigratedPartition[] {
  const names = (groups: readonly MigratedGroup[]) => groups.map(({ name }) => name);
  const byCell = cells.flatMap(({ base, priority, onDemand, spot }): MigratedPartition[] => {
    const options = { PriorityTier: String(priority) };
    const all = [...names(onDemand), ...names(spot)];
    if (naming === "suffixed") {
      return [
        { name: `${base}_ondemand`, nodeGroups: names(onDemand), options },
        ...(useSpot ? [{ name: `${base}_spot`, nodeGroups: names(spot), options }] : []),
        { name: base, nodeGroups: all, options },
      ];
    }
    return [
      { name: base, nodeGroups: names(onDemand), options },
      ...(useSpot ? [{ name: `${base}_spot`, nodeGroups: names(spot), options }] : []),
    ];
  });
  const everything = cells.flatMap(({ onDemand, spot }) => [...names(onDemand), ...names(spot)]);
  return [...byCell, ...zonePartitions(cells), { name: "all", nodeGroups: everything, options: {} }]
    .filter(({ nodeGroups }) => nodeGroups.length > 0);
}

function zonePartitions(cells: readonly Cell[]): MigratedPartition[] {
  const zones = [...new Set(cells.flatMap(({ zone }) => zone === undefined ? [] : [zone]))];
  const priorityOf = (zone: string) => cells.find((cell) => cell.zone === zone)!.priority;
  const top = zones.toSorted((a, b) => priorityOf(b) - priorityOf(a))[0];
  return zones.flatMap((zone) => {
    const nodeGroups = cells.filter((cell) => cell.zone === zone).flatMap(({ onDemand, spot }) =>
      [...onDemand, ...spot].map(({ name }) => name)
    );
    const priority = priorityOf(zone);
    return [
      {
        name: `${zone}_all`,
        nodeGroups,
        options: { ...(zone === top ? { Default: "YES" } : {}), PriorityTier: String(priority) },
      },
      { name: `${zone}_all_interactive`, nodeGroups, options: { PriorityTier: String(priority + 10_000) } },
    ];
  });
}

function readStopped(text: string | undefined, note: Note): number | undefined {
  if (text === undefined) return 3600;
  const seconds = isoDurationSeconds(text);
  if (seconds === undefined) {
    note(
      "MaxStoppedDuration",
      `"${text}" is no ISO 8601 duration: stopped instances are kept for ever; set maxStoppedDuration`,
    );
    return undefined;
  }
  const bounded = Math.min(Math.max(seconds, 60), 365 * 86_400);
  if (bounded !== seconds) {
    note("MaxStoppedDuration", `"${text}" is now ${bounded} seconds, the nearest that is accepted`);
  }
  return bounded;
}

function shortVersion(version: string | undefined): string | undefined {
  return /^[0-9]{2}\.[0-9]{2}/.exec(version ?? "")?.[0];
}

function noteOtherRegions({ azInfo }: LegacyFiles, region: string, note: Note): void {
  const others = [...new Set(Object.values(azInfo).map((zone) => zone.region))].filter((other) =>
    other !== region
  ).sort();
  for (const other of others) {
    note(
      `Region ${other}`,
      `one configuration is for one region: migrate again with --region ${other} and another --output`,
    );
  }
}

function noteInstallation(
  { slurmConfig, instanceConfig, installer, typeInfo, unknownKeys }: LegacyFiles,
  note: Note,
): void {
  if (slurmConfig.CloudWatchPeriod) note("CloudWatchPeriod", "no metrics are published to CloudWatch");
  note(
    "IMDSv2",
    "instances now require it; where software on the nodes still asks without a token, set defaults.metadataOptions.httpTokens: optional",
  );
  note(
    "Partition all",
    "holds the cloud nodes only; the plugin's Nodes=ALL took the site's own nodes as well",
  );
  if (!typeInfo) {
    note(
      "Features GHz:… and ssd, Weight",
      "not known without the plugin's instance type information (--instance-type-info): jobs that ask for these features would wait; weights follow the renderer's rule",
    );
  }
  if (instanceConfig.NodeCounts?.ComputeResourceCounts) {
    note("NodeCounts.ComputeResourceCounts", "the plugin ignored it, so it is not migrated");
  }
  if (instanceConfig.AlwaysOnNodes.length > 0) {
    note("AlwaysOnNodes", `keep in slurm.conf: SuspendExcNodes=${instanceConfig.AlwaysOnNodes.join(",")}`);
  }
  if (instanceConfig.AlwaysOnPartitions.length > 0) {
    note(
      "AlwaysOnPartitions",
      `keep in slurm.conf: SuspendExcParts=${instanceConfig.AlwaysOnPartitions.join(",")}`,
    );
  }
  if (instanceConfig.DefaultPartition) {
    note(
      "DefaultPartition",
      `"${instanceConfig.DefaultPartition}": set Default: YES on that partition instead of the zone's`,
    );
  }
  const own: readonly (readonly [unknown, string, string])[] = [
    [installer?.ErrorSnsTopicArn, "ErrorSnsTopicArn", "no notifications are sent to SNS"],
    [installer?.Licenses, "Licenses", "stay in slurm.conf"],
    [installer?.AmiMap, "AmiMap", "images are read from SSM, or named by imageId"],
    [
      installer?.slurm.SlurmCtl,
      "SlurmCtl",
      "the controller is the site's own; only SuspendAction and MaxStoppedDuration are migrated, from slurm_config.json",
    ],
    [
      installer?.slurm.ParallelClusterConfig,
      "ParallelClusterConfig",
      "clusters of ParallelCluster are not migrated",
    ],
  ];
  for (const [present, subject, text] of own) if (present) note(subject, text);
  for (const { file, line, column, message } of unknownKeys) {
    note(`${file}:${line}:${column}`, `${message}: not migrated`);
  }
}
