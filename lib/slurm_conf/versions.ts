/**
 * Slurm releases whose configuration we know, oldest first: the branches of
 * https://github.com/SchedMD/slurm between the oldest that clusters still run and the newest published.
 */
export const SUPPORTED_VERSIONS = [
  "20.11",
  "21.08",
  "22.05",
  "23.02",
  "23.11",
  "24.05",
  "24.11",
  "25.05",
  "25.11",
  "26.05",
] as const;

/** One of {@link SUPPORTED_VERSIONS}. */
export type SlurmVersion = typeof SUPPORTED_VERSIONS[number];

/** Releases from `from` on, up to but without `before`; an absent end is open. Ends may be unsupported releases. */
export interface VersionRange {
  /** First release in it. */
  readonly from?: string;
  /** First release behind it. */
  readonly before?: string;
}

/** Every release. */
export const ALL_VERSIONS: VersionRange = {};

/** That release and all later ones. */
export function since(from: SlurmVersion): VersionRange {
  return { from };
}

/** All releases older than that one. */
export function before(end: SlurmVersion): VersionRange {
  return { before: end };
}

/**
 * The supported release that a version text means: `24.05`, `24.05.3`, `slurm 24.05.3-1`; undefined when we
 * don't know that release.
 */
export function parseVersion(text: string): SlurmVersion | undefined {
  const found = /^(?:slurm[ -]|v)?(\d\d\.\d\d)(?:[.-].*)?$/i.exec(text.trim());
  return SUPPORTED_VERSIONS.find((version) => version === found?.[1]);
}

/** Negative when `a` is the older release; works on any `YY.MM`, supported or not. */
export function compareVersions(a: string, b: string): number {
  // Two digits, a point, two digits: the order of the text is the order of the releases.
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Whether a release lies in a range. */
export function inRange(version: string, range: VersionRange): boolean {
  return (range.from === undefined || compareVersions(version, range.from) >= 0) &&
    (range.before === undefined || compareVersions(version, range.before) < 0);
}

/** The supported releases in a range, oldest first. */
export function versionsIn(range: VersionRange): SlurmVersion[] {
  return SUPPORTED_VERSIONS.filter((version) => inRange(version, range));
}

/**
 * A set of supported releases in words: `Slurm 23.11 and newer`, `Slurm 23.02 and older`, `Slurm 21.08 to
 * 23.02`, `Slurm 22.05`, `every Slurm version`.
 */
export function describeVersions(versions: readonly SlurmVersion[]): string {
  const indices = versions.map((version) => SUPPORTED_VERSIONS.indexOf(version)).sort((a, b) => a - b);
  const [first, last] = [indices[0] ?? 0, indices.at(-1) ?? -1];
  if (indices.length === 0) return "no Slurm version";
  if (indices.length === SUPPORTED_VERSIONS.length) return "every Slurm version";
  if (indices.length === 1) return `Slurm ${SUPPORTED_VERSIONS[first]}`;
  if (last - first + 1 !== indices.length) {
    return `Slurm ${indices.map((i) => SUPPORTED_VERSIONS[i]).join(", ")}`;
  }
  if (last === SUPPORTED_VERSIONS.length - 1) return `Slurm ${SUPPORTED_VERSIONS[first]} and newer`;
  if (first === 0) return `Slurm ${SUPPORTED_VERSIONS[last]} and older`;
  return `Slurm ${SUPPORTED_VERSIONS[first]} to ${SUPPORTED_VERSIONS[last]}`;
}
