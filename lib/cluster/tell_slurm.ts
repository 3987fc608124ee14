import { isolate, type Isolated } from "../base/isolate.ts";
import type { NodeAddress, ScontrolApi, UpdatedState } from "../slurm/scontrol_api.ts";
import { ScontrolError } from "../slurm/scontrol_api.ts";
import type { FailureVerdict } from "./verdict.ts";

/** Tells slurmctld where the nodes are; answers the nodes it refused, each alone, with scontrol's words. */
export function tellAddresses(
  scontrol: ScontrolApi,
  addresses: readonly NodeAddress[],
): Promise<Isolated<NodeAddress>[]> {
  return isolate(addresses, (some) => scontrol.updateAddresses(some), isUnanswered);
}

/** Gives nodes their failure verdicts, one scontrol call a reason; answers the nodes it refused. */
export async function tellVerdicts(
  scontrol: ScontrolApi,
  verdicts: ReadonlyMap<string, FailureVerdict>,
): Promise<Isolated<string>[]> {
  const byReason = Map.groupBy(verdicts, ([, verdict]) => `${verdict.kind} ${verdict.reason}`);
  const failed: Isolated<string>[] = [];
  for (const entries of byReason.values()) {
    const { kind, reason } = entries[0]![1];
    const state: UpdatedState = kind === "down" ? "down" : "power_down_force";
    const nodes = entries.map(([name]) => name);
    failed.push(...await isolate(nodes, (some) => scontrol.updateState(some, state, reason), isUnanswered));
  }
  return failed;
}

/** No scontrol or no slurmctld: no smaller call would fare better. */
function isUnanswered(error: unknown): boolean {
  return !(error instanceof ScontrolError) || error.kind !== "refused";
}
