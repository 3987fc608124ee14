import { errorText } from "../../lib/base/error_text.ts";
import type { Log } from "../../lib/base/log.ts";
import { nodesWithJobs } from "../../lib/controller/slurm_view.ts";
import { foldHostlist } from "../../lib/slurm/hostlist.ts";
import type { ScontrolApi } from "../../lib/slurm/scontrol_api.ts";
import { CommandError, UsageError } from "../base/command.ts";
import type { Host } from "../base/host.ts";

/**
 * Asks a person before nodes are stopped on which jobs run: SuspendProgram is called for nodes without jobs only, so
 * such a request is a person's. A slurmctld that doesn't answer keeps no instance running: there is nothing to ask then.
 * @throws {UsageError} naming the nodes when there is no terminal to ask at
 * @throws {CommandError} when the person says no
 */
export async function confirmStop(
  { host, log, scontrol }: { readonly host: Host; readonly log: Log; readonly scontrol: ScontrolApi },
  nodes: readonly string[],
): Promise<void> {
  const busy = await busyOf(scontrol, nodes, log);
  if (busy.length === 0) return;
  const shown = foldHostlist(busy);
  const answer = host.ask?.(
    `Jobs are running on ${shown}; stopping ends them. Stop ${busy.length === 1 ? "it" : "them"}? [y/N] `,
  );
  if (answer === undefined) {
    throw new UsageError(
      `Jobs are running on ${shown}, so nothing was stopped: --force stops these nodes all the same, ` +
        `and "scontrol update NodeName=${shown} State=POWER_DOWN" stops them once their jobs have ended`,
    );
  }
  if (!/^y(es)?$/i.test(answer)) throw new CommandError("Nothing was stopped");
}

async function busyOf(scontrol: ScontrolApi, nodes: readonly string[], log: Log): Promise<readonly string[]> {
  try {
    const asked = new Set(nodes);
    return nodesWithJobs((await scontrol.showNodes(nodes)).filter(({ name }) => asked.has(name)));
  } catch (error) {
    log.warn(
      `Can't tell whether jobs run on ${foldHostlist(nodes)}, stopping all the same: ${errorText(error)}`,
    );
    return [];
  }
}
