import type { FileSystem, OnNotice } from "../config/model.ts";

/**
 * Most bytes of user data that a launch may carry. EC2's own limit is 16 KB before encoding; the rest is left
 * for what a site's image adds.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-add-user-data.html
 */
export const USER_DATA_BYTES_MAX = 15 * 1024;

/** First line of our user data: what it is, and the version of its format. */
const HEADER = "# slurm-ec2 1";

/** What a node gets at launch: who it is and the settings of its boot script. Never a secret, never a time. */
export interface UserData {
  readonly cluster: string;
  readonly nodeGroup: string;
  /** Hostlist of the whole launch; the launch index picks the node's own name from it. */
  readonly nodes: string;
  readonly region: string;
  /** Seconds. */
  readonly bootLimit: number;
  /** Seconds. */
  readonly orphanLimit: number;
  /** What becomes of its jobs when EC2 takes a spot instance back. */
  readonly onNotice: OnNotice;
  readonly domain?: string;
  /** What the node mounts. */
  readonly fileSystems: readonly FileSystem[];
  /** Host names that the node waits for until it can resolve them. */
  readonly hosts: readonly string[];
  /** The site's own settings for its boot script. */
  readonly settings: Readonly<Record<string, string>>;
}

/**
 * User data as text: `KEY=VALUE` lines that a POSIX shell reads without running them.
 * The same request gives the same bytes, so that a replayed launch is the same launch.
 * @throws {TypeError} when a value holds a line break or another control character.
 */
export function formatUserData(data: UserData): string {
  const lines: [string, string][] = [
    ["CLUSTER", data.cluster],
    ["NODE_GROUP", data.nodeGroup],
    ["REGION", data.region],
    ["BOOT_LIMIT", String(data.bootLimit)],
    ["ORPHAN_LIMIT", String(data.orphanLimit)],
    // What every image's guard does of itself needs no line.
    ...(data.onNotice === "requeue" ? [] : [["ON_NOTICE", data.onNotice] as [string, string]]),
    ...(data.domain === undefined ? [] : [["DOMAIN", data.domain] as [string, string]]),
    ...data.fileSystems.map((one, index): [string, string] => [`MOUNT_${index + 1}`, mountLine(one)]),
    ...(data.hosts.length === 0 ? [] : [["RESOLVE", data.hosts.join(" ")] as [string, string]]),
    ...Object.keys(data.settings).sort().map((key): [string, string] => [`SET_${key}`, data.settings[key]!]),
    ["NODES", data.nodes],
  ];
  // deno-lint-ignore no-control-regex -- control characters are what is looked for
  const bad = lines.find(([, value]) => /[\x00-\x1f\x7f]/.test(value));
  if (bad) throw new TypeError(`User data ${bad[0]} holds a control character: "${bad[1]}"`);
  return [HEADER, ...lines.map(([key, value]) => `${key}=${value}`), ""].join("\n");
}

/** A file system as fstab(5) has it, so that a shell can take it apart at the blanks. */
function mountLine({ source, mount, type, options }: FileSystem): string {
  const fields = [source, mount.replace(/(?<=.)\/+$/, ""), type, ...(options === undefined ? [] : [options])];
  return fields.map((field) => field.replaceAll("\\", "\\134").replaceAll(" ", "\\040")).join(" ");
}
