import type { Architecture, OsDistribution } from "./model.ts";

/**
 * How node names of the legacy plugin (https://github.com/aws-samples/aws-eda-slurm-cluster, before 2.0) were
 * made over time: `plain` up to July 2022, without the zone; `zone` up to January 2023, the zone's id in front;
 * `suffixed` since, with `-ondemand` behind what isn't spot.
 */
export type LegacyNaming = "plain" | "zone" | "suffixed";

/** The nodes of one instance type, zone and way of buying, as their common prefix tells. */
export interface LegacyNodeSet {
  readonly naming: LegacyNaming;
  /** Id of the availability zone, e.g. `use1-az4`; absent in plain names. */
  readonly azId?: string;
  readonly distribution: OsDistribution;
  /** Major version, e.g. `8`. */
  readonly version: string;
  readonly architecture: Architecture;
  readonly instanceType: string;
  readonly spot: boolean;
}

/** One node of the legacy plugin. */
export interface LegacyNode extends LegacyNodeSet {
  readonly index: number;
}

const DISTRIBUTIONS: Readonly<Record<string, OsDistribution>> = {
  m: "AlmaLinux",
  a: "Amazon",
  c: "CentOS",
  r: "RedHat",
  k: "Rocky",
};
const LETTERS = Object.fromEntries(Object.entries(DISTRIBUTIONS).map(([letter, name]) => [name, letter]));
const SHORT_SIZES: Readonly<Record<string, string>> = {
  large: "l",
  medium: "m",
  micro: "u",
  nano: "n",
  small: "s",
};
const LONG_SIZES = Object.fromEntries(Object.entries(SHORT_SIZES).map(([long, short]) => [short, long]));

/**
 * Zone ids may hold several dashes (Local Zones: `usw2-lax1-az1`), so may families (`u-6tb1`, `m7i-flex`) and
 * sizes (`metal-24xl`), and versions several digits (Amazon 2023). The legacy parser split at dashes and knew
 * none of these, although the legacy generator wrote such names.
 */
const NAME = new RegExp(
  "^(?:(?<azId>[a-z0-9]+(?:-[a-z0-9]+)*-az[0-9]+)-)?" +
    "(?<letter>[macrk])(?<version>[0-9]+)-(?<architecture>x86|arm)-" +
    "(?<family>[a-z][a-z0-9]*(?:-(?!metal)[a-z0-9]+)?)-(?<size>metal(?:-[0-9]+xl)?|[0-9]*xl|[lmuns])" +
    "(?:-(?<suffix>ondemand|sp))?-(?<index>[0-9]+)$",
);

/** Reads the name of a legacy node; undefined when it is none. */
export function parseLegacyNodeName(name: string): LegacyNode | undefined {
  const groups = NAME.exec(name)?.groups;
  if (!groups) return undefined;
  const { azId, letter, version, architecture, family, size, suffix, index } = groups;
  // Without a zone there was no suffix for on-demand yet.
  if (azId === undefined && suffix === "ondemand") return undefined;
  return {
    naming: azId === undefined ? "plain" : suffix === undefined ? "zone" : "suffixed",
    ...(azId === undefined ? {} : { azId }),
    distribution: DISTRIBUTIONS[letter!]!,
    version: version!,
    architecture: architecture === "arm" ? "arm64" : "x86_64",
    instanceType: `${family}.${longSize(size!)}`,
    spot: suffix === "sp",
    index: Number(index),
  };
}

/** The name of a legacy node. */
export function formatLegacyNodeName(node: LegacyNode): string {
  return `${legacyPrefix(node)}-${node.index}`;
}

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

function longSize(short: string): string {
  if (short.startsWith("metal")) return short;
  return short.replace(/[lmuns]$/, (letter) => LONG_SIZES[letter]!);
}
