import type { Manifest } from "../../lib/install/manifest.ts";
import { place } from "../../lib/install/survey.ts";
import type { Survey } from "../../lib/install/survey_model.ts";
import { archivesOf, findUnpacked, type Unpacked, type Unpacker } from "../../lib/install/unpacked.ts";
import { currentBuild } from "../base/build.ts";
import type { Host } from "../base/host.ts";

/** Where launchers unpack to besides their users' own caches. */
const SHARED_BASES = ["/var/lib/slurm-ec2", "/var/tmp", "/tmp"];

/** What {@link unpackedBy} found. */
export interface FoundUnpacked {
  readonly unpacked: readonly Unpacked[];
  /** What may be left, in words. */
  readonly notes: readonly string[];
}

/**
 * What the portable files that an installation was made of have unpacked outside its prefix, for the user that
 * installed it and for SlurmUser: for others it isn't known, and is in their own directories.
 */
export async function unpackedBy(
  host: Pick<Host, "files">,
  prefix: string,
  { manifest, survey }: { readonly manifest: Manifest; readonly survey: Survey },
): Promise<FoundUnpacked> {
  const archives = archivesOf(prefix, Object.keys(manifest.releases));
  const running = await runningTree();
  const stateDir = await stateDirOf(host, prefix);
  const owners = manifest.state.flatMap((path) => survey.get(path)?.uid ?? []);
  const uids = new Set([manifest.uid, ...owners, ...(stateDir === undefined ? [] : ownerOf(stateDir))]);
  const homes = homesIn(host);
  const users = [...uids].map((uid): Unpacker => ({ uid, home: homes.get(uid) }));
  const bases = [...SHARED_BASES, ...(stateDir === undefined ? [] : [stateDir])];
  const unpacked = findUnpacked(
    archives,
    users,
    running === undefined ? bases : [...bases, running.replace(/\/[^/]*$/, "")],
  );
  const stays = running !== undefined && !unpacked.some(({ path }) => path === running);
  return {
    unpacked,
    notes: [
      ...(stays ? [`The program that this portable file unpacked stays: ${running}`] : []),
      ...(archives.length > 0
        ? [
          "What the portable file unpacked for other users stays in their ~/.cache/slurm-ec2; caches of compiled code stay, too",
        ]
        : []),
    ],
  };
}

/** Where the portable file that runs now has unpacked its program; undefined: an installation runs, or something else. */
async function runningTree(): Promise<string | undefined> {
  if (currentBuild().kind !== "portable") return undefined;
  const { ownBundle } = await import("../../lib/install/program_process.ts");
  return /^(.*\/slurm-ec2-[0-9]+-[0-9a-f]{16})\/app$/.exec(ownBundle())?.[1];
}

/** As the installation's configuration has it; undefined where that can't be read any more. */
async function stateDirOf({ files }: Pick<Host, "files">, prefix: string): Promise<string | undefined> {
  const { parseConfig } = await import("../../lib/config/parse.ts");
  const path = place(prefix, "etc/slurm-ec2.yaml");
  try {
    return parseConfig(files.readText(path), path).stateDir;
  } catch {
    // A configuration that isn't whole keeps nobody from uninstalling.
    return undefined;
  }
}

function ownerOf(path: string): number[] {
  try {
    return [Deno.statSync(path).uid ?? 0];
  } catch {
    return [];
  }
}

/** Home directories of the machine's own users by their numbers: passwd(5). */
function homesIn({ files }: Pick<Host, "files">): ReadonlyMap<number, string> {
  try {
    return new Map(
      files.readText("/etc/passwd").split("\n").map((line) => line.split(":"))
        .flatMap(([, , uid, , , home]) => home?.startsWith("/") ? [[Number(uid), home] as const] : []),
    );
  } catch {
    return new Map();
  }
}
