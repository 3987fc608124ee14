import { errorText } from "../base/error_text.ts";
import { foldHostlist } from "../slurm/hostlist.ts";
import type { NodeState } from "../slurm/node_state.ts";
import type { HookPorts } from "./ports.ts";
import { formatReason, readReason } from "./reason.ts";
import { VERDICT_SEQUENCE } from "./verdict_sequence.ts";

/** Whether a node is down for a reason of ours: until it is given back, nothing of a later power-up runs for it. */
export function isDownForUs({ base, reason }: NodeState): boolean {
  return base === "DOWN" && readReason(reason) !== undefined;
}

/**
 * Returns nodes that we set down to Slurm, as far as they still are down for a reason of ours: a person's
 * DOWN is a person's to undo. slurmctld then runs SuspendProgram for them and they are idle after SuspendTimeout.
 */
export async function giveBack(
  ports: Pick<HookPorts, "scontrol" | "state" | "log" | "events">,
  nodes: readonly string[],
  why: string,
): Promise<void> {
  if (nodes.length === 0) return;
  try {
    const names = (await ports.scontrol.showNodes(nodes)).filter(isDownForUs).map(({ name }) => name);
    if (names.length > 0) {
      await ports.scontrol.updateState(
        names,
        VERDICT_SEQUENCE["given-back"].state,
        formatReason({ code: "", message: why }),
      );
      ports.events({ kind: "verdict", verdict: "given-back", nodes: foldHostlist(names), reason: why });
    }
    const done = new Set(nodes);
    await ports.state.updateCooldowns((cooldowns) =>
      Object.fromEntries(Object.entries(cooldowns).filter(([node]) => !done.has(node)))
    );
  } catch (error) {
    ports.log.warn(`Nodes ${foldHostlist(nodes)} are left to a later hook: ${errorText(error)}`);
  }
}
