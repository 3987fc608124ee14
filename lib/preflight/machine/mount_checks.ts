import type { FileSystem } from "../../config/model.ts";
import { type FileFacts, type Look, octal } from "./file_facts.ts";
import type { CheckResult } from "../check_result.ts";
import type { Lookup, Unanswered } from "./machine.ts";
import { cannotTell, found } from "./unanswered.ts";

/** One line of findmnt(8). */
export interface Mount {
  readonly target: string;
  readonly source: string;
  readonly fstype: string;
  /** Separated by commas. */
  readonly options: string;
}

/** What is known of a configured file system on this machine. */
export interface MountFacts {
  readonly wanted: FileSystem;
  /** What lies on top at the path; absent: nothing is mounted there. */
  readonly mount?: Mount;
  /** The root of it. */
  readonly root: Look;
  /** Addresses of the server wanted and of the one that is mounted, where they have other names. */
  readonly servers?: readonly [wanted: Lookup, mounted: Lookup];
}

/** What another machine saw, from its `doctor --json`. */
export interface SeenRoot {
  readonly source?: string;
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

/** Where a check is made: nodes must mount what the configuration says, a controller may hold the original of it. */
export type Place = "controller" | "node";

/** Is a configured file system there, the right one, writable, and does it answer? */
export function checkMount(facts: MountFacts, place: Place, against?: SeenRoot): CheckResult[] {
  const { wanted, root, mount } = facts;
  const about = { check: "mounts", what: wanted.mount };
  const trouble = rootTrouble(facts);
  if (trouble !== undefined) return [trouble];
  if (mount === undefined) return [notMounted(facts, place)];
  const findings = [checkSource(facts, mount, place), checkWritable(facts, mount)].flatMap((one) =>
    one ?? []
  );
  const owner = root.kind === "there" ? checkOwner(root, about, against) : [];
  return [...findings, ...owner];
}

function rootTrouble({ wanted, root, mount }: MountFacts): CheckResult | undefined {
  const about = { check: "mounts", what: wanted.mount };
  const again = `umount -f -l ${wanted.mount}; mount ${wanted.mount}`;
  switch (root.kind) {
    case "stale":
      return found(
        about,
        "fail",
        `${from(mount)}: stale file handle: the server no longer knows this directory`,
        `see that the server still exports it, then: ${again}`,
      );
    case "cut":
      return found(
        about,
        "fail",
        `${from(mount)} hangs: stat had not ended after ${root.seconds} s`,
        `see that the server is up and reachable (section ports), then, if it stays so: ${again}`,
      );
    case "failed":
      return found(about, "fail", `${from(mount)}: ${root.words}`, again);
    case "barred":
      return mount === undefined ? undefined : found(
        about,
        "can't tell",
        "mounted, but this user may not look at it; run doctor as root, or see the export's root_squash",
      );
    case "missing":
    case "denied":
      return cannotTell(about, root);
    default:
      return undefined;
  }
}

function from(mount: Mount | undefined): string {
  return mount === undefined ? "the path" : mount.source;
}

function notMounted({ wanted, root }: MountFacts, place: Place): CheckResult {
  const about = { check: "mounts", what: wanted.mount };
  const { source, mount, type } = wanted;
  if (root.kind === "there" && place === "controller") {
    return found(
      about,
      "info",
      `a directory of this machine's own; nodes mount ${source} there: right if this machine is the server`,
    );
  }
  const command = `mount -t ${type}${
    wanted.options === undefined ? "" : ` -o ${wanted.options}`
  } ${source} ${mount}`;
  return found(
    about,
    "fail",
    root.kind === "there"
      ? "nothing is mounted here: an empty place in the way of the jobs' files"
      : "there is no such directory",
    root.kind === "there" ? command : `mkdir -p ${mount} && ${command}`,
  );
}

function checkSource({ wanted, servers }: MountFacts, mount: Mount, place: Place): CheckResult {
  const about = { check: "mounts", what: wanted.mount };
  const seen = `${mount.source} (${mount.fstype})`;
  const fix = `correct fileSystems in slurm-ec2.yaml, or: umount ${wanted.mount}; mount ${wanted.mount}`;
  if (!isSameType(wanted.type, mount.fstype)) {
    return found(about, "fail", `${seen}, where the configuration has type ${wanted.type}`, fix);
  }
  if (isSameSource(wanted.source, mount.source)) return found(about, "pass", seen);
  const [mine, its] = [splitSource(wanted.source), splitSource(mount.source)];
  if (mine !== undefined && its !== undefined && mine.path === its.path) {
    if (servers !== undefined && shareAddress(servers)) {
      return found(
        about,
        "warn",
        `${seen}: another name of ${mine.host}`,
        `use one name for it here and in slurm-ec2.yaml, where it is ${wanted.source}`,
      );
    }
    if (place === "controller") return cacheRemark(about, seen, wanted);
  }
  // An original on the site and its cache in AWS seldom share a path either.
  if (place === "controller" && mine !== undefined && its !== undefined) {
    return cacheRemark(about, seen, wanted);
  }
  return found(about, "fail", `${seen}, where the configuration has ${wanted.source}`, fix);
}

function cacheRemark(
  about: { check: string; what: string },
  seen: string,
  { source }: FileSystem,
): CheckResult {
  return found(about, "info", `${seen} here, ${source} on nodes: right if one is the other's cache or alias`);
}

function checkWritable({ wanted }: MountFacts, mount: Mount): CheckResult | undefined {
  const about = { check: "mounts", what: `${wanted.mount} (access)` };
  const isReadOnly = mount.options.split(",").includes("ro");
  const meant = (wanted.options ?? "").split(",").includes("ro");
  if (isReadOnly === meant) return undefined;
  return isReadOnly
    ? found(
      about,
      "fail",
      "mounted read-only, which the configuration does not ask for: jobs can't write",
      `mount -o remount,rw ${wanted.mount}; where that fails see the export, and dmesg for errors of the file system`,
    )
    : found(
      about,
      "warn",
      "mounted read-write, where the configuration says ro",
      `mount -o remount,ro ${wanted.mount}, or take ro out of slurm-ec2.yaml`,
    );
}

function checkOwner(
  root: FileFacts,
  { what }: { readonly what: string },
  against: SeenRoot | undefined,
): CheckResult[] {
  if (against === undefined) return [];
  const about = { check: "mounts", what: `${what} (owner)` };
  const text = ({ uid, gid, mode }: SeenRoot) => `uid ${uid}, gid ${gid}, mode ${octal(mode)}`;
  if (root.uid === against.uid && root.gid === against.gid && root.mode === against.mode) {
    return [found(about, "pass", `${text(root)}, as on the controller`)];
  }
  const squashed = root.uid === 65_534 || root.gid === 65_534
    ? "65534 is nobody: NFSv4 could not map the owner; give both sides one Domain in /etc/idmapd.conf"
    : "it is another export, or users are mapped on the way: compare the exports' options and /etc/idmapd.conf";
  return [found(about, "fail", `${text(root)} here, ${text(against)} on the controller`, squashed)];
}

function isSameType(wanted: string, mounted: string): boolean {
  // EFS is NFS 4.1 to the kernel: https://docs.aws.amazon.com/efs/latest/ug/mounting-fs-nfs-mount-settings.html
  const plain = (type: string) => type === "nfs4" || type === "efs" ? "nfs" : type === "smb3" ? "cifs" : type;
  return plain(wanted) === plain(mounted);
}

function isSameSource(a: string, b: string): boolean {
  const plain = (source: string) => source.replace(/(?<=.)\/+$/, "").toLowerCase();
  return plain(a) === plain(b);
}

/** Server and path of `nas1:/export/`. */
export function splitSource(source: string): { readonly host: string; readonly path: string } | undefined {
  const [, host, path] = /^(\[[^\]]+\]|[^/:]+):(\/.*)$/.exec(source) ?? [];
  return host === undefined || path === undefined
    ? undefined
    : { host, path: path.replace(/(?<=.)\/+$/, "") };
}

function shareAddress([wanted, mounted]: readonly [Lookup, Lookup]): boolean {
  return wanted.kind === "found" && mounted.kind === "found" &&
    wanted.values.some((address) => mounted.values.includes(address));
}

/** That mounts can't be listed at all. */
export function mountsUnknown(why: Unanswered): CheckResult {
  return cannotTell({ check: "mounts", what: "mounts" }, why);
}
