import { isolate, type Isolated } from "../base/isolate.ts";
import type { ScontrolApi } from "../slurm/scontrol_api.ts";
import type { NodeState } from "../slurm/node_state.ts";
import { ScontrolError } from "../slurm/scontrol_api.ts";
import type { FailureVerdict } from "./verdict.ts";
import { VERDICT_SEQUENCE } from "./verdict_sequence.ts";

/** How often a verdict is given before slurmctld's refusal to show it is a trouble. */
const VERDICT_TRIES = 2;

/**
 * Gives nodes their failure verdicts, one scontrol call a reason, and looks whether slurmctld shows them: an
 * accepted update does not always change the state. Answers the nodes that could not be given theirs.
 */
export async function tellVerdicts(
  scontrol: ScontrolApi,
  verdicts: ReadonlyMap<string, FailureVerdict>,
): Promise<Isolated<string>[]> {
  let left = verdicts;
  for (let attempt = 1; left.size > 0; attempt++) {
    const failed = await updateStates(scontrol, left);
    if (failed.length > 0) return failed;
    const unshown = await notShown(scontrol, left);
    if (attempt === VERDICT_TRIES) return unshown;
    left = new Map(unshown.map(({ item }) => [item, verdicts.get(item)!]));
  }
  return [];
}

async function updateStates(
  scontrol: ScontrolApi,
  verdicts: ReadonlyMap<string, FailureVerdict>,
): Promise<Isolated<string>[]> {
  const byReason = Map.groupBy(verdicts, ([, verdict]) => `${verdict.kind} ${verdict.reason}`);
  const failed: Isolated<string>[] = [];
  for (const entries of byReason.values()) {
    const { kind, reason } = entries[0]![1];
    const { state } = VERDICT_SEQUENCE[kind];
    const nodes = entries.map(([name]) => name);
    failed.push(...await isolate(nodes, (some) => scontrol.updateState(some, state, reason), isUnanswered));
  }
  return failed;
}

/** Nodes that slurmctld does not show as their verdict says. */
async function notShown(
  scontrol: ScontrolApi,
  verdicts: ReadonlyMap<string, FailureVerdict>,
): Promise<Isolated<string>[]> {
  try {
    const states = await scontrol.showNodes([...verdicts.keys()]);
    return states.filter((state) => !isAsSaid(state, verdicts.get(state.name)?.kind)).map((
      { name, base, flags },
    ) => ({
      item: name,
      error: new Error(`slurmctld accepted the update and still shows ${[base, ...flags].join("+")}`),
    }));
  } catch (error) {
    return [...verdicts.keys()].map((item) => ({ item, error }));
  }
}

function isAsSaid({ base, flags }: NodeState, kind: FailureVerdict["kind"] | undefined): boolean {
  return kind === "down" ? base === "DOWN" : !flags.has("POWERING_UP");
}

/** No scontrol or no slurmctld: no smaller call would fare better. */
function isUnanswered(error: unknown): boolean {
  return !(error instanceof ScontrolError) || error.kind !== "refused";
}
