import type { SettingsFile } from "./plan.ts";

/** The user and the paths that the timer's units are for. */
export interface UnitSite {
  readonly prefix: string;
  readonly cluster: string;
  /** SlurmUser: a name, or a number. */
  readonly user: string;
}

/** A service that a timer starts, to be filled in. */
export interface UnitPair {
  /** What its files' names have behind the cluster's, e.g. `-notify`; empty for the worker's own. */
  readonly suffix: string;
  readonly service: string;
  readonly timer: string;
}

/** The units of a site, below its prefix: they are its own once they are there. */
export function unitFiles(site: UnitSite, templates: UnitPair): readonly SettingsFile[] {
  return (["service", "timer"] as const).map((kind) => ({
    path: unitPath(site, templates, kind),
    text: fillIn(templates[kind], site),
    mode: 0o644,
  }));
}

/** What root types to have systemd know them, one command a line. */
export function unitCommands(
  site: Pick<UnitSite, "prefix" | "cluster">,
  pair: Pick<UnitPair, "suffix">,
): readonly string[] {
  const [service, timer] = (["service", "timer"] as const).map((kind) =>
    `${site.prefix}/${unitPath(site, pair, kind)}`
  );
  return [
    `install -m 0644 ${service} ${timer} /etc/systemd/system/`,
    "systemctl daemon-reload",
    `systemctl enable --now ${timer!.split("/").at(-1)}`,
  ];
}

function unitPath(
  { cluster }: Pick<UnitSite, "cluster">,
  { suffix }: Pick<UnitPair, "suffix">,
  kind: "service" | "timer",
): string {
  return `etc/slurm-ec2-${cluster}${suffix}.${kind}`;
}

/** A percent sign is a specifier in units (systemd.unit(5)). */
function fillIn(template: string, { prefix, cluster, user }: UnitSite): string {
  const values: Readonly<Record<string, string>> = { PREFIX: prefix, CLUSTER: cluster, USER: user };
  return template.replaceAll(/@([A-Z]+)@/g, (_, key: string) => values[key]!.replaceAll("%", "%%"));
}
