import { readReason } from "../cluster/reason.ts";
import type { NodeState } from "../slurm/node_state.ts";
import type { NodeUse, SlurmView } from "./state.ts";

/** Base states in which jobs are on the node (slurm.conf(5) and sinfo(1), NODE STATE CODES). */
const BUSY: ReadonlySet<string> = new Set(["ALLOCATED", "ALLOC", "MIXED", "COMPLETING"]);

/** By which a person keeps a node for a purpose; DRAIN and FAIL keep jobs away, the others choose them. */
const MARKS = ["DRAIN", "FAIL", "MAINTENANCE", "RESERVED"];

/**
 * What slurmctld makes of a node. POWER_DOWN is only a wish while jobs run: SuspendProgram is called once they have
 * ended (POWERING_DOWN). A node that is set DOWN while it powers up is not awaited any more.
 * https://slurm.schedmd.com/sinfo.html#SECTION_NODE-STATE-CODES
 */
export function nodeUse({ base, flags }: Pick<NodeState, "base" | "flags">): NodeUse {
  const busy = hasJobs({ base, flags });
  if (flags.has("POWERING_DOWN")) return "going-down";
  if (base === "DOWN") return flags.has("POWER_DOWN") ? "going-down" : "down";
  if (flags.has("POWERING_UP") || flags.has("POWER_UP")) {
    return flags.has("POWER_DOWN") && !busy ? "going-down" : "awaited";
  }
  if (flags.has("POWERED_DOWN")) return "off";
  if (flags.has("POWER_DOWN") && !busy) return "going-down";
  return base === "UNKNOWN" || base === "FUTURE" ? "unclear" : "up";
}

/**
 * Names of the nodes on which jobs run now. A node that powers up has jobs that wait for it; one that powers down, as
 * slurmctld has it when it calls SuspendProgram, has none any more. POWER_DOWN is a wish: its jobs still run.
 */
export function nodesWithJobs(nodes: readonly NodeState[]): string[] {
  return nodes.filter((node) => hasJobs(node) && nodeUse(node) === "up").map(({ name }) => name);
}

/** How slurmctld says that a node did not register in time. */
export function isResumeTimeout(reason: string): boolean {
  return reason.startsWith("ResumeTimeout reached");
}

/** What slurmctld itself says of a node that has stopped answering or has booted unasked. */
const SLURMS_OWN = /^(?:Not responding|Node unexpectedly rebooted)/;

/** Whether slurmctld itself has set a node DOWN, so that giving it back undoes no administrator's decision. */
export function isSlurmsOwn(reason: string): boolean {
  return SLURMS_OWN.test(reason) || isResumeTimeout(reason);
}

function hasJobs({ base, flags }: Pick<NodeState, "base" | "flags">): boolean {
  return BUSY.has(base) || flags.has("COMPLETING");
}

/** The view of a node that slurmctld's answer gives. */
export function viewOf(node: NodeState, began: number): SlurmView {
  const ours = node.reason === "" ? undefined : readReason(node.reason);
  const until = ours?.until;
  return {
    use: nodeUse(node),
    began,
    reason: node.reason,
    ...(until !== undefined && { until }),
    nodeAddr: node.nodeAddr,
    drained: node.flags.has("DRAIN"),
    ...(ours !== undefined && { ours: true }),
    ...(node.flags.has("POWERED_DOWN") && { poweredDown: true }),
    ...(MARKS.some((flag) => node.flags.has(flag)) && { marked: true }),
    ...(node.resumeAfter !== undefined && { resumeAfter: node.resumeAfter }),
    silent: node.flags.has("NOT_RESPONDING"),
    busy: hasJobs(node),
    ...(node.bootTime !== undefined && { bootTime: node.bootTime }),
    ...(node.slurmdStart !== undefined && { slurmdStart: node.slurmdStart }),
  };
}
