import { controllerHosts } from "../slurm/daemon_settings.ts";
import { type ScontrolApi, ScontrolError } from "../slurm/scontrol_api.ts";

/** Milliseconds after which a slurmctld that does not answer counts as not in charge: one that hands over takes 10 s. */
export const CHARGE_TIME_LIMIT = 2_000;

/**
 * What a client needs of slurm.conf to ask one slurmctld; the rest would not change its answer
 * (https://slurm.schedmd.com/slurm.conf.html).
 */
const CLIENT_KEYS = ["ClusterName", "SlurmUser", "SlurmctldPort", "AuthType", "AuthInfo", "PluginDir"];

/**
 * A slurm.conf that names this host's slurmctld alone, from what `scontrol show config` printed: a client with the
 * whole file asks the primary first and then the backup, and can't tell which of them is in charge. Undefined where
 * slurm.conf names one host only, or this host not at all.
 *
 * Asked by such a file, `scontrol show partition` exits 0 only where slurmctld is in charge; one on standby says
 * "Slurm backup controller in standby mode" and exits 1 (22.05.8, 24.11.5 and 26.05.5 looked at). `scontrol ping`
 * answers alike in both roles.
 * @param hostname This host's, short or with its domain
 */
export function ownSlurmConf(
  settings: ReadonlyMap<string, string>,
  hostname: string | undefined,
): string | undefined {
  const hosts = controllerHosts(settings);
  if (hosts.length < 2 || hostname === undefined) return undefined;
  const own = hosts.find(({ name }) => name === hostname) ??
    hosts.find(({ name }) => shortName(name) === shortName(hostname));
  if (own === undefined) return undefined;
  const host = own.address === undefined ? own.name : `${own.name}(${own.address})`;
  const lines = CLIENT_KEYS.flatMap((key) => {
    const value = settings.get(key);
    if (value === undefined || value === "" || value === "(null)") return [];
    // SlurmUser is shown as slurm(64030).
    return [`${key}=${key === "SlurmUser" ? value.replace(/\(\d+\)$/, "") : value}`];
  });
  return `# Asks the slurmctld of this host alone; written by slurm-ec2\nSlurmctldHost=${host}\n${
    lines.join("\n")
  }\n`;
}

function shortName(name: string): string {
  return name.split(".")[0]!;
}

/**
 * Whether the slurmctld that {@link ownSlurmConf} names is in charge.
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
