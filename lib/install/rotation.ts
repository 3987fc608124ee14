import type { SettingsFile } from "./plan.ts";

/** What the log of a site is, and whose. */
export interface RotationSite {
  readonly prefix: string;
  readonly cluster: string;
  readonly logFile: string;
  /** Names, or numbers. */
  readonly user: string;
  readonly group: string;
}

/** What logrotate would take for a pattern or an end, also within quotes (logrotate(8)). */
const NOT_PLAIN = /["\\*?[\]{}]/;

/** The rule that rotates a site's log, below its prefix; undefined where the log's path can't stand in one. */
export function rotationFile(site: RotationSite, template: string): SettingsFile | undefined {
  const { cluster, logFile, user, group } = site;
  if (NOT_PLAIN.test(logFile)) return undefined;
  const values: Readonly<Record<string, string>> = {
    CLUSTER: cluster,
    LOG: logFile,
    USER: user,
    GROUP: group,
  };
  const text = template.replaceAll(/@([A-Z]+)@/g, (_, key: string) => values[key]!);
  return { path: rotationPath(cluster), text, mode: 0o644 };
}

/** What root types to have the log rotated. */
export function rotationCommand({ prefix, cluster }: Pick<RotationSite, "prefix" | "cluster">): string {
  return `install -m 0644 ${prefix}/${rotationPath(cluster)} /etc/logrotate.d/slurm-ec2-${cluster}`;
}

function rotationPath(cluster: string): string {
  return `etc/slurm-ec2-${cluster}.logrotate`;
}
