import type { InstanceTypeFacts } from "../aws/ec2_api.ts";
import type { LegacyFiles, LegacyTypeInfo } from "./legacy_files.ts";
import {
  type LegacyDistribution,
  type LegacyNaming,
  type LegacyNodeSet,
  legacyPrefix,
} from "./legacy_node_name.ts";
import type { MigratedGroup, MigrateOptions } from "./migration.ts";
import type { Architecture } from "./model.ts";

/** A zone of AZInfo.json. */
export interface Zone {
  readonly name: string;
  readonly id: string;
  readonly priority: number;
  readonly subnet: string;
}

/** Migrated node groups of the same zone, operating system and architecture. */
export interface Cell {
  /** The zone's name; undefined in plain names. */
  readonly zone?: string;
  readonly priority: number;
  /** Base of its partitions' names, e.g. `eu-west-1a_CentOS_7_x86_64`. */
  readonly base: string;
  readonly onDemand: readonly MigratedGroup[];
  readonly spot: readonly MigratedGroup[];
}

/** What node groups are made of. */
export interface CellInput {
  readonly files: LegacyFiles;
  readonly zones: readonly Zone[];
  readonly count: number;
  readonly types: readonly InstanceTypeFacts[];
  readonly options: Pick<MigrateOptions, "naming">;
}

/** Every node group that the plugin had, by zone, operating system and architecture. */
export function cellsOf({ files, zones, count, types, options: { naming } }: CellInput): Cell[] {
  const { UseSpot, BaseOsArchitecture } = files.instanceConfig;
  // Plain names know no zone: the nodes may be in any.
  const places = naming === "plain" ? [{ zones }] : zones.map((zone) => ({ zone, zones: [zone] }));
  return places.flatMap((place) =>
    Object.entries(BaseOsArchitecture).flatMap(([distribution, versions]) =>
      Object.entries(versions ?? {}).flatMap(([version, architectures]) =>
        architectures.map((architecture): Cell => {
          const os = { distribution: distribution as LegacyDistribution, version };
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
