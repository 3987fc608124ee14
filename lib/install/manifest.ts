/** What install noted of one file or link of a release. */
export type Noted =
  | { readonly sha256: string; readonly mode: number }
  | { readonly target: string };

/** What install put below a prefix, so that uninstall removes that and nothing else. Paths are below the prefix. */
export interface Manifest {
  readonly format: 1;
  /** Version of the release in use. */
  readonly version: string;
  /** Name of the release in use. */
  readonly current: string;
  /** Name of the release before it. */
  readonly previous?: string;
  /** Numeric user that the files belong to. */
  readonly uid: number;
  /** Every release that may be there, with its files and links by path. */
  readonly releases: Readonly<Record<string, Readonly<Record<string, Noted>>>>;
  /** Links outside releases, with their targets. */
  readonly links: Readonly<Record<string, string>>;
  /** Files that are the site's own from then on: written only where there was none. */
  readonly settings: readonly string[];
  /** Directories that were not there before, outer ones first. */
  readonly directories: readonly string[];
  /** Absolute paths of directories outside the prefix that were not there before, outer ones first. */
  readonly state: readonly string[];
}

/**
 * Reads a manifest.
 * @throws {SyntaxError} when it is not one that this version understands.
 */
export function parseManifest(text: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new SyntaxError(`Not a manifest: ${(error as Error).message}`);
  }
  const manifest = value as Partial<Manifest> | null;
  if (manifest?.format !== 1) {
    throw new SyntaxError(`Not a manifest of this version: format is ${JSON.stringify(manifest?.format)}`);
  }
  const isWhole = typeof manifest.current === "string" && typeof manifest.version === "string" &&
    typeof manifest.uid === "number" &&
    isTable(manifest.releases) && Object.values(manifest.releases).every(isTable) &&
    isTable(manifest.links) &&
    [manifest.settings, manifest.directories, manifest.state].every(Array.isArray) &&
    pathsOf(manifest).every(isBelow);
  if (!isWhole) {
    throw new SyntaxError("Not a whole manifest: keys are missing or paths lead out of the prefix");
  }
  return manifest as Manifest;
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function pathsOf({ releases, links, settings, directories }: Partial<Manifest>): unknown[] {
  return [
    ...Object.entries(releases!).flatMap(([name, files]) => [name, ...Object.keys(files)]),
    ...Object.keys(links!),
    ...settings!,
    ...directories!,
  ];
}

/** Removing goes by these paths: none may lead elsewhere. */
function isBelow(path: unknown): boolean {
  return typeof path === "string" && !path.startsWith("/") && !path.split("/").includes("..");
}

/** As it is written. */
export function manifestText(manifest: Manifest): string {
  return `${JSON.stringify(manifest, null, 1)}\n`;
}
