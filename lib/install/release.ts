/** Where a file's content comes from. */
export type Content =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "copy"; readonly from: string };

/** One file of a release. */
export interface ReleaseFile {
  /** Below the release, e.g. `bin/hook`. */
  readonly path: string;
  /** Permission bits: 0755 for what is run, 0644 else. */
  readonly mode: number;
  /** Hex. */
  readonly sha256: string;
  readonly content: Content;
}

/** All of one version below `lib/`, never changed once it is there: what runs keeps the release that it began with. */
export interface Release {
  /** Name of its directory: the version and a digest of all that is in it. */
  readonly name: string;
  readonly version: string;
  /** By path, sorted. */
  readonly files: readonly ReleaseFile[];
  /** Symbolic links below the release, by path. */
  readonly links: Readonly<Record<string, string>>;
}

/** Link below the prefix that says which release is in use: the one thing that an upgrade switches. */
export const CURRENT = "lib/slurm-ec2";
/** Link to the release before, for going back. */
export const PREVIOUS = "lib/slurm-ec2.previous";
/** What install put below the prefix. */
export const MANIFEST = "lib/slurm-ec2.manifest.json";
/** Held while an install or uninstall works. */
export const LOCK = "lib/.slurm-ec2.lock";
/** Beginning of the names of releases that are being written; those of a broken install are removed by the next. */
export const UNFINISHED = ".slurm-ec2-new-";

/** Names that slurmctld calls the hooks by, slurm-ec2's own and the legacy plugin's, and the one that the timer does. */
export const HOOK_NAMES: readonly string[] = [
  ...["resume", "stop", "resume-fail", "supervisor"],
  ...["slurm_ec2_resume.py", "slurm_ec2_stop.py", "slurm_ec2_resume_fail.py"],
];

/** Whether an entry of `lib/` is named as releases are. */
export function isReleaseName(name: string): boolean {
  return /^slurm-ec2-[0-9][0-9A-Za-z.+-]*-[0-9a-f]{12}(?:\.[0-9]+)?$/.test(name);
}

/** A release's name and its files in order; the digest covers path, mode and content of every file. */
export async function makeRelease(
  version: string,
  files: readonly ReleaseFile[],
  links: Readonly<Record<string, string>> = { etc: "../../etc" },
): Promise<Release> {
  const sorted = files.toSorted((a, b) => a.path < b.path ? -1 : 1);
  const facts = [...sorted.map(({ path, mode, sha256 }) => [path, mode, sha256]), ...Object.entries(links)];
  const digest = await sha256Hex(new TextEncoder().encode(JSON.stringify(facts)));
  return { name: `slurm-ec2-${version}-${digest.slice(0, 12)}`, version, files: sorted, links };
}

/** A file of a release that is made here. */
export async function textFile(path: string, mode: number, text: string): Promise<ReleaseFile> {
  return {
    path,
    mode,
    sha256: await sha256Hex(new TextEncoder().encode(text)),
    content: { kind: "text", text },
  };
}

/** SHA-256 as lower-case hex. */
export async function sha256Hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/** The links below the prefix that make a release usable, the one that is switched left out. */
export function prefixLinks({ files }: Pick<Release, "files">): Readonly<Record<string, string>> {
  const has = (start: string) => files.some(({ path }) => path.startsWith(start));
  return {
    ...Object.fromEntries(HOOK_NAMES.map((name) => [`bin/${name}`, `../${CURRENT}/bin/hook`])),
    "bin/slurm-ec2": `../${CURRENT}/bin/slurm-ec2`,
    ...(has("bin/ready") ? { "bin/ready": `../${CURRENT}/bin/ready` } : {}),
    ...Object.fromEntries(
      ["node", "units"].filter((name) => has(`${name}/`)).map((name) => [name, `${CURRENT}/${name}`]),
    ),
    "VERSION": `${CURRENT}/VERSION`,
  };
}
