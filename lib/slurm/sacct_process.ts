import { errorText } from "../base/error_text.ts";
import type { SlurmSettings } from "../config/model.ts";
import { limitedOutput } from "./limited_output.ts";
import { parseSacct, type SacctApi, sacctArguments, SacctError } from "./sacct.ts";

/** How {@link sacctProcess} runs sacct, where the defaults don't fit. */
export interface SacctOptions {
  /** Path of slurm.conf; absent: slurm.conf in `confDir`. */
  readonly slurmConf?: string;
  /** Milliseconds that one call may take. */
  readonly timeLimit: number;
}

/** Asks the `sacct` of `binDir`: never a shell, nothing of our environment but SLURM_CONF. Its methods throw SacctError. */
export function sacctProcess(
  settings: SlurmSettings,
  { slurmConf = `${settings.confDir}/slurm.conf`, timeLimit }: SacctOptions,
): SacctApi {
  const program = `${settings.binDir}/sacct`;
  return {
    async jobs(from, to) {
      const child = spawn(program, sacctArguments(from, to), { TZ: "UTC", SLURM_CONF: slurmConf });
      return parseSacct(await answerOf(child, timeLimit));
    },
  };
}

function spawn(program: string, args: string[], env: Record<string, string>): Deno.ChildProcess {
  try {
    return new Deno.Command(program, {
      args,
      env,
      clearEnv: true,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  } catch (error) {
    throw new SacctError("missing", `can't run ${program}: ${errorText(error)}`, { cause: error });
  }
}

/** What sacct printed. @throws {SacctError} where it failed, or was ended when its time was over */
async function answerOf(child: Deno.ChildProcess, timeLimit: number): Promise<string> {
  const ended = await limitedOutput(child, timeLimit);
  if (ended === undefined) {
    throw new SacctError("timeout", `sacct did not answer within ${timeLimit / 1000} s`);
  }
  if (ended.status.success) return ended.stdout;
  throw new SacctError(
    "refused",
    ended.stderr.trim().replaceAll(/\s*\n\s*/g, "; ").slice(0, 300) || "sacct failed without a word",
  );
}
