import type { SlurmSettings } from "../config/model.ts";
import { errorText } from "../base/error_text.ts";
import { parseSacct, type SacctApi, sacctArguments, SacctError } from "./sacct.ts";

/** Milliseconds: a month of a busy cluster takes slurmdbd some seconds. */
const TIME_LIMIT = 60_000;

/** Asks the `sacct` of `binDir`: never a shell, nothing of our environment but SLURM_CONF. Its methods throw SacctError. */
export function sacctProcess(settings: SlurmSettings, slurmConf: string | undefined): SacctApi {
  const program = `${settings.binDir}/sacct`;
  return {
    async jobs(from, to) {
      const args = sacctArguments(from, to);
      const env = { TZ: "UTC", SLURM_CONF: slurmConf ?? `${settings.confDir}/slurm.conf` };
      const { success, stdout, stderr } = await run(program, args, env);
      const text = new TextDecoder();
      if (success) return parseSacct(text.decode(stdout));
      throw new SacctError(
        text.decode(stderr).trim().replaceAll(/\s*\n\s*/g, "; ").slice(0, 300) || "no words",
      );
    },
  };
}

async function run(
  program: string,
  args: string[],
  env: Record<string, string>,
): Promise<Deno.CommandOutput> {
  const signal = AbortSignal.timeout(TIME_LIMIT);
  try {
    const command = new Deno.Command(program, { args, env, clearEnv: true, stdin: "null", signal });
    const output = await command.output();
    if (signal.aborted) throw new SacctError(`${program} had not ended after ${TIME_LIMIT / 1000} s`);
    return output;
  } catch (error) {
    if (error instanceof SacctError) throw error;
    throw new SacctError(`can't run ${program}: ${errorText(error)}`);
  }
}
