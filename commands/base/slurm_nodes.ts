import type { Config } from "../../lib/config/model.ts";
import type { NodeState } from "../../lib/slurm/node_state.ts";
import { ScontrolError } from "../../lib/slurm/scontrol_api.ts";
import type { Host } from "./host.ts";

/**
 * Every node as slurmctld shows it, for a command that is of use without: undefined where slurmctld does not answer.
 * @param timeLimit milliseconds for scontrol
 */
export async function slurmNodes(
  host: Host,
  config: Config,
  timeLimit: number,
): Promise<readonly NodeState[] | undefined> {
  try {
    const scontrol = await host.connect.scontrol(config, { timeLimit });
    return await scontrol.showNodes();
  } catch (error) {
    if (error instanceof ScontrolError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
