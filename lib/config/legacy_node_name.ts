import type { Architecture, OsDistribution } from "./model.ts";

/**
 * How node names of the legacy plugin (https://github.com/aws-samples/aws-eda-slurm-cluster, before 2.0) were
 * made over time: `plain` up to July 2022, without the zone; `zone` up to January 2023, the zone's id in front;
 * `suffixed` since, with `-ondemand` behind what isn't spot.
 */
export type LegacyNaming = "plain" | "zone" | "suffixed";

/** The distributions that the legacy plugin knew. */
export type LegacyDistribution = Exclude<OsDistribution, "Ubuntu">;

/** The nodes of one instance type, zone and way of buying, as their common prefix tells. */
export interface LegacyNodeSet {
  readonly naming: LegacyNaming;
  /** Id of the availability zone, e.g. `use1-az4`; absent in plain names. */
  readonly azId?: string;
  readonly distribution: LegacyDistribution;
  /** Major version, e.g. `8`. */
  readonly version: string;
  readonly architecture: Architecture;
  readonly instanceType: string;
  readonly spot: boolean;
}

const LETTERS: Readonly<Record<LegacyDistribution, string>> = {
  AlmaLinux: "m",
  Amazon: "a",
  CentOS: "c",
  RedHat: "r",
  Rocky: "k",
};
const SHORT_SIZES: Readonly<Record<string, string>> = {
  large: "l",
  medium: "m",
  micro: "u",
  nano: "n",
  small: "s",
};

/** What the names of a legacy node set begin with, without the dash and the index. */
export function legacyPrefix(
  { naming, azId, distribution, version, architecture, instanceType, spot }: LegacyNodeSet,
): string {
  const [family, size = ""] = instanceType.split(".");
  const parts = [
    `${LETTERS[distribution]}${version}`,
    architecture === "arm64" ? "arm" : "x86",
    family,
    shortSize(size),
  ];
  const suffix = spot ? ["sp"] : naming === "suffixed" ? ["ondemand"] : [];
  return [...(naming === "plain" || azId === undefined ? [] : [azId]), ...parts, ...suffix].join("-");
}

/**
 * Whether the legacy plugin's own parser, which splits at dashes, understood the names of a set. What it didn't,
 * it ignored: Slurm had such nodes, but no instance was ever launched for them.
 */
export function wasLaunchable({ naming, azId, version, instanceType }: LegacyNodeSet): boolean {
  const [family = "", size = ""] = instanceType.split(".");
  const zoneIsPlain = naming === "plain" || azId?.split("-").length === 2;
  return zoneIsPlain && version.length === 1 && !family.includes("-") && !size.startsWith("metal");
}

function shortSize(size: string): string {
  return size.replace(/large|medium|micro|nano|small/g, (word) => SHORT_SIZES[word]!);
}
