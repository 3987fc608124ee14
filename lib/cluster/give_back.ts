import type { NodeState } from "../slurm/node_state.ts";
import { readReason } from "./reason.ts";

/** Whether a node is down for a reason of ours: until it is given back, nothing of a later power-up runs for it. */
export function isDownForUs({ base, reason }: NodeState): boolean {
  return base === "DOWN" && readReason(reason) !== undefined;
}
