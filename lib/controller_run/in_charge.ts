import { controllerHosts } from "../slurm/daemon_settings.ts";
import { type ScontrolApi, ScontrolError } from "../slurm/scontrol_api.ts";

/** Milliseconds after which a slurmctld that does not answer counts as not in charge: one that hands over takes 10 s. */
export const CHARGE_TIME_LIMIT = 2_000;

/**
 * What a client needs of slurm.conf to ask one slurmctld; the rest would not change its answer
 * (https://slurm.schedmd.com/slurm.conf.html).
 */
const CLIENT_KEYS = ["ClusterName", "SlurmUser", "SlurmctldPort", "AuthType", "AuthInfo", "PluginDir"];

/** What slurm.conf's `SlurmctldHost` lines make of this host. */
export type HostRole =
  /** There is one line: whatever host this is, nobody else acts. */
  | { readonly kind: "alone" }
  /** Of several, this host is one: its own slurmctld says whether it is in charge, asked by this slurm.conf. */
  | { readonly kind: "one-of-several"; readonly slurmConf: string }
  /** This host is not one of several, or does not know its own name: it never acts. */
  | { readonly kind: "not-one"; readonly hosts: readonly string[] };

/**
 * What this host is, from what `scontrol show config` printed. A client with the whole slurm.conf asks the primary
 * first and then the backup, and can't tell which of them is in charge; one whose slurm.conf names this host's
 * slurmctld alone can: `scontrol show partition` exits 0 only where that is in charge; one on standby says "Slurm
 * backup controller in standby mode" and exits 1 (22.05.8, 24.11.5 and 26.05.5 looked at). `scontrol ping` answers
 * alike in both roles.
 * @param hostname This host's, short or with its domain; undefined: not known
 */
export function hostRole(settings: ReadonlyMap<string, string>, hostname: string | undefined): HostRole {
  const hosts = controllerHosts(settings);
  if (hosts.length < 2) return { kind: "alone" };
  const own = hosts.find(({ name }) => name === hostname) ??
    hosts.find(({ name }) => hostname !== undefined && shortName(name) === shortName(hostname));
  if (own === undefined) return { kind: "not-one", hosts: hosts.map(({ name }) => name) };
  const host = own.address === undefined ? own.name : `${own.name}(${own.address})`;
  const lines = CLIENT_KEYS.flatMap((key) => {
    const value = settings.get(key);
    if (value === undefined || value === "" || value === "(null)") return [];
    // SlurmUser is shown as slurm(64030).
    return [`${key}=${key === "SlurmUser" ? value.replace(/\(\d+\)$/, "") : value}`];
  });
  const slurmConf = `# Asks the slurmctld of this host alone; written by slurm-ec2\nSlurmctldHost=${host}\n${
    lines.join("\n")
  }\n`;
  return { kind: "one-of-several", slurmConf };
}

function shortName(name: string): string {
  return name.split(".")[0]!;
}

/** How {@link roleText} begins the line of hosts to which this one does not belong. */
const NOT_ONE = "# SlurmctldHost is not this host: ";

/** A role as the file that is kept for a worker that starts while slurmctld is away; its slurm.conf, where it has one. */
export function roleText(role: HostRole): string {
  switch (role.kind) {
    case "alone":
      return "# slurm.conf names one SlurmctldHost; written by slurm-ec2\n";
    case "one-of-several":
      return role.slurmConf;
    case "not-one":
      return `${NOT_ONE}${role.hosts.join(" ")}\n`;
  }
}

/** What {@link roleText} made a file of. */
export function roleOfText(text: string): HostRole {
  if (text.startsWith(NOT_ONE)) {
    return { kind: "not-one", hosts: text.slice(NOT_ONE.length).trim().split(" ") };
  }
  return /^SlurmctldHost=/m.test(text) ? { kind: "one-of-several", slurmConf: text } : { kind: "alone" };
}

/** Why a host that slurm.conf does not name changes nothing. */
export function whyNotOne({ hosts }: HostRole & { kind: "not-one" }, hostname: string | undefined): string {
  const names = hosts.join(", ");
  return hostname === undefined
    ? `slurm.conf names more than one SlurmctldHost (${names}), and which of them this is is not known: ` +
      "set SLURM_EC2_HOSTNAME to what uname -n prints"
    : `slurm.conf names ${names} as SlurmctldHost, and this host is ${hostname}`;
}

/**
 * Whether the slurmctld that a slurm.conf of {@link hostRole} names is in charge: only a clear yes is one.
 * @param scontrol Runs with that file, and {@link CHARGE_TIME_LIMIT}
 */
export async function isInCharge(scontrol: Pick<ScontrolApi, "showPartitions">): Promise<boolean> {
  try {
    await scontrol.showPartitions();
    return true;
  } catch (error) {
    if (error instanceof ScontrolError) return false;
    throw error;
  }
}
