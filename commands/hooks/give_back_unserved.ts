import { errorText } from "../../lib/base/error_text.ts";
import { tellVerdicts } from "../../lib/cluster/tell_slurm.ts";
import { tryAgain } from "../../lib/cluster/verdict.ts";
import { foldHostlist } from "../../lib/slurm/hostlist.ts";
import type { Host } from "../base/host.ts";

/** Where scontrol is when no configuration says so; the permissions of the hooks name it too. */
const FALLBACK_SLURM = {
  binDir: "/usr/bin",
  confDir: "/etc/slurm",
  user: "slurm",
  partitionOptions: {},
  ready: "off",
} as const;

/** Milliseconds for each call of scontrol: a person who mistyped --config waits for the message no longer. */
const TIME_LIMIT = 5_000;

/**
 * Without a configuration nobody can tell which nodes are ours, but slurmctld has asked ResumeProgram for these:
 * they are given back with the reason, so that jobs requeue now and `sinfo -R` says what to fix.
 * @param problem What is wrong with the configuration
 */
export async function giveBackUnserved(
  host: Host,
  nodes: readonly string[],
  problem: unknown,
): Promise<void> {
  const [message] = errorText(problem).split("\n");
  const verdict = tryAgain({ code: "Configuration", message: message! });
  try {
    const scontrol = await host.connect.scontrol({ slurm: FALLBACK_SLURM }, { timeLimit: TIME_LIMIT });
    // Only those that wait for this hook: a person's mistyped --config must not take running nodes away.
    const waiting = (await scontrol.showNodes(nodes)).filter(({ flags }) => flags.has("POWERING_UP"));
    const unreported = await tellVerdicts(scontrol, new Map(waiting.map(({ name }) => [name, verdict])));
    if (unreported.length > 0) throw unreported[0]!.error;
  } catch (failure) {
    host.stderr.write(
      `slurm-ec2: nodes ${foldHostlist(nodes)} wait for ResumeTimeout, slurmctld was not told: ${
        errorText(failure)
      }\n`,
    );
  }
}
