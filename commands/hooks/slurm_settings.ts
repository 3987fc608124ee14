import type { Log } from "../../lib/base/log.ts";
import { type SlurmTimeouts, slurmTimeouts } from "../../lib/cluster/slurm_timeouts.ts";
import type { Config } from "../../lib/config/model.ts";
import { type ScontrolApi, ScontrolError } from "../../lib/slurm/scontrol_api.ts";

/** What slurmctld said of itself when a controller started. */
export interface SlurmSettings {
  /** As `scontrol show config` prints them; undefined: it did not answer. */
  readonly settings: ReadonlyMap<string, string> | undefined;
  /** Undefined where it did not answer: it is asked again later. */
  readonly timeouts: SlurmTimeouts | undefined;
}

/**
 * Asks slurmctld for its settings and timeouts, both at once.
 * @throws {ScontrolError} of kind `missing`: without scontrol nothing could be reported to Slurm
 */
export async function readSlurmSettings(
  scontrol: ScontrolApi,
  config: Config,
  log: Log,
): Promise<SlurmSettings> {
  try {
    const [settings, partitions] = await Promise.all([scontrol.showConfig(), scontrol.showPartitions()]);
    return { settings, timeouts: slurmTimeouts(config, settings, partitions) };
  } catch (error) {
    if (!(error instanceof ScontrolError) || error.kind === "missing") throw error;
    log.warn(`slurmctld does not tell its timeouts, taking Slurm's defaults: ${error.message}`);
    return { settings: undefined, timeouts: undefined };
  }
}
