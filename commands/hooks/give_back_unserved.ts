import { errorText } from "../../lib/base/error_text.ts";
import { tellVerdicts } from "../../lib/cluster/tell_slurm.ts";
import { type FailureVerdict, failureVerdict, tryAgain } from "../../lib/cluster/verdict.ts";
import type { Config } from "../../lib/config/model.ts";
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
  await giveBack(host, nodes, {
    slurm: FALLBACK_SLURM,
    verdict: tryAgain({ code: "Configuration", message: firstLine(problem) }),
  });
}

/**
 * Where the state may not be used (another cluster's, a newer release's), nothing can be launched until somebody has
 * read why: the nodes go down for `limits.cooldown` with the reason, and their jobs to others.
 */
export async function giveBackRefused(
  host: Host,
  nodes: readonly string[],
  { slurm, limits }: Pick<Config, "slurm" | "limits">,
  problem: unknown,
): Promise<void> {
  const refusal = { code: "StateRefused", message: firstLine(problem) };
  const verdict = failureVerdict(refusal, "unknown", { now: host.now(), cooldown: limits.cooldown });
  await giveBack(host, nodes, { slurm, verdict });
}

function firstLine(problem: unknown): string {
  return errorText(problem).split("\n")[0]!;
}

async function giveBack(
  host: Host,
  nodes: readonly string[],
  { slurm, verdict }: { readonly slurm: Config["slurm"]; readonly verdict: FailureVerdict },
): Promise<void> {
  try {
    const scontrol = await host.connect.scontrol({ slurm }, { timeLimit: TIME_LIMIT });
    // Only those that wait for this hook: a person's mistyped --config must not take running nodes away.
    const waiting = (await scontrol.showNodes(nodes)).filter(({ flags }) => flags.has("POWERING_UP"));
    const unreported = await tellVerdicts(scontrol, new Map(waiting.map(({ name }) => [name, verdict])));
    if (unreported.length > 0) throw unreported[0]!.error;
  } catch (failure) {
    host.stderr.write(
      `slurm-ec2: nodes ${
        foldHostlist(nodes)
      } wait for ResumeTimeout, the reason was not reported to slurmctld: ${errorText(failure)}\n`,
    );
  }
}
