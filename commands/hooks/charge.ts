import { errorText } from "../../lib/base/error_text.ts";
import type { Log } from "../../lib/base/log.ts";
import type { Config } from "../../lib/config/model.ts";
import { CHARGE_TIME_LIMIT, isInCharge, ownSlurmConf } from "../../lib/controller_run/in_charge.ts";
import type { Host } from "../base/host.ts";

/**
 * How to ask whether this host's slurmctld is in charge; undefined where slurm.conf names one host only. The file
 * that it is asked by stays in stateDir, for a worker that starts while slurmctld is away.
 * @param settings Those of slurmctld; undefined: it did not answer
 */
export async function chargeQuestion(
  { host, config, stateDir, log }: {
    readonly host: Host;
    readonly config: Config;
    readonly stateDir: string;
    readonly log: Log;
  },
  settings: ReadonlyMap<string, string> | undefined,
): Promise<(() => Promise<boolean>) | undefined> {
  const slurmConf = `${stateDir}/own-slurm.conf`;
  if (settings !== undefined) {
    const text = ownSlurmConf(settings, host.env("SLURM_EC2_HOSTNAME"));
    if (text === undefined) return undefined;
    try {
      host.files.writeText(slurmConf, text, { mode: 0o640 });
    } catch (error) {
      log.warn(`Can't write ${slurmConf}, so this host counts as in charge: ${errorText(error)}`);
      return undefined;
    }
  } else if (!host.files.exists(slurmConf)) return undefined;
  const alone = await host.connect.scontrol(config, { slurmConf, timeLimit: CHARGE_TIME_LIMIT });
  return () => isInCharge(alone);
}
