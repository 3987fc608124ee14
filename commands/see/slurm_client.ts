import type { Config, SlurmSettings } from "../../lib/config/model.ts";
import { type ScontrolApi, ScontrolError } from "../../lib/slurm/scontrol_api.ts";
import { CommandError, type ConfigFlags, UsageError } from "../base/command.ts";
import { USUAL_SCONTROLS } from "../base/effective_permissions.ts";
import type { Host } from "../base/host.ts";
import { loadConfig } from "../base/load_config.ts";

/** Milliseconds for one call of scontrol: a person waits. */
const TIME_LIMIT = 20_000;

/** The configuration where there is one that may be read; on a login node there need not be any. */
export function configIfAny(host: Host, flags: ConfigFlags): Config | undefined {
  try {
    return loadConfig(host, flags);
  } catch (error) {
    const isNamed = flags.get("config") !== undefined || Boolean(host.env("SLURM_EC2_CONFIG"));
    if (!isNamed && (error instanceof UsageError || error instanceof CommandError)) return undefined;
    throw error;
  }
}

/**
 * The site's scontrol; without a configuration the first that is found, with the configuration that it finds by itself.
 * @throws {CommandError} where there is none
 */
export async function scontrolOf(host: Host, config: Config | undefined): Promise<ScontrolApi> {
  if (config !== undefined) return await host.connect.scontrol(config, { timeLimit: TIME_LIMIT });
  for (const program of USUAL_SCONTROLS) {
    const binDir = program.replace(/\/scontrol$/, "");
    const slurmConf = host.env("SLURM_CONF") ?? "";
    const scontrol = await host.connect.scontrol({ slurm: settingsOf(binDir) }, {
      slurmConf,
      timeLimit: TIME_LIMIT,
    });
    try {
      await scontrol.showConfig();
      return scontrol;
    } catch (error) {
      if (!(error instanceof ScontrolError)) throw error;
      if (error.kind !== "missing") throw new CommandError(error.message);
    }
  }
  throw new CommandError(
    `No scontrol: looked for ${
      USUAL_SCONTROLS.join(", ")
    }; name a configuration file with slurm.binDir by --config`,
  );
}

function settingsOf(binDir: string): SlurmSettings {
  return { binDir, confDir: "/etc/slurm", user: "slurm", partitionOptions: {}, ready: "off" };
}
