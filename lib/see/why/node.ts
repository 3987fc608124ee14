import { readReason } from "../../cluster/reason.ts";
import type { NodeState } from "../../slurm/node_state.ts";
import { type Why, whyRefused } from "./why.ts";

/** What is known besides the node itself. */
export interface WhyContext {
  /** Milliseconds since 1970 UTC. */
  readonly now: number;
  /** slurmctld's ResumeTimeout in seconds; absent: not known. */
  readonly resumeTimeout?: number;
  /** What is usual from launch to registration, in seconds, and how it is known; absent: not known. */
  readonly usualBoot?: { readonly seconds: number; readonly from: string };
  /** When the first of the instances that boot was launched: milliseconds since 1970 UTC; absent: not known. */
  readonly launched?: number;
}

/** What a node's state comes to. */
export type NodeUse = "refused" | "down" | "drained" | "booting" | "ending" | "off" | "busy" | "idle";

/** What becomes of a node by its state and reason; `refused`: it is down and we have set it so. */
export function useOf(node: NodeState): NodeUse {
  const { base, flags } = node;
  if (base === "DOWN") return readReason(node.reason) === undefined ? "down" : "refused";
  if (flags.has("DRAIN")) return "drained";
  if (flags.has("POWERING_UP") || flags.has("POWER_UP")) return "booting";
  if (flags.has("POWERING_DOWN") || flags.has("POWER_DOWN")) return "ending";
  if (flags.has("POWERED_DOWN")) return "off";
  return base === "IDLE" ? "idle" : "busy";
}

/**
 * The state that takes a node out of DOWN. RESUME makes a node that is powered down NOT_RESPONDING, and once slurmctld
 * has read its configuration again no job is given to it (seen on 22.05.8 and 24.11.5; on 26.05.5 both states do).
 */
function backFromDown({ flags }: NodeState): "RESUME" | "IDLE" {
  return flags.has("POWERED_DOWN") ? "IDLE" : "RESUME";
}

/** Why a node is not up, or that it is. */
export function whyNode(node: NodeState, context: WhyContext): Why {
  const state = [node.base, ...node.flags].join("+");
  const since = node.reasonTime === undefined ? {} : { since: node.reasonTime };
  switch (useOf(node)) {
    case "refused":
      return whyDown(node, context.now);
    case "down":
      return {
        class: "SLURM",
        code: "DOWN",
        sentence: `the node is set down${node.reason === "" ? "" : `: ${node.reason}`}`,
        ...since,
        next: `an administrator has to look at it, then: scontrol update NodeName=${node.name} State=${
          backFromDown(node)
        }`,
      };
    case "drained":
      return {
        class: "SLURM",
        code: "DRAIN",
        sentence: `the node is drained${node.reason === "" ? "" : `: ${node.reason}`}`,
        ...since,
        next: `an administrator has to undo it: scontrol update NodeName=${node.name} State=UNDRAIN`,
      };
    case "booting":
      return whyBooting([node.name], undefined, context);
    case "ending":
      return {
        class: "SLURM",
        code: "POWERING_DOWN",
        sentence: "the node is being powered down",
        next: "it is free for jobs again after SuspendTimeout",
      };
    case "off":
      return whyOff(node);
    case "busy":
      return {
        class: "NONE",
        code: state,
        sentence: "the node is up and jobs are on it",
        next: "nothing is waited for",
      };
    case "idle":
      return {
        class: "NONE",
        code: state,
        sentence: "the node is up and idle",
        next: "it is powered down after SuspendTime",
      };
  }
}

/** Why a node that we have set down is down, and until when. */
export function whyDown(node: NodeState, now: number): Why {
  const said = readReason(node.reason)!;
  const since = node.reasonTime === undefined ? {} : { since: node.reasonTime };
  const { until } = said;
  if (until !== undefined && until > now) {
    return whyRefused(said, {
      ...since,
      next: "the node is given back, and jobs may try it again",
      at: until,
    });
  }
  const next = "its time is over: the controller gives it back with its next look, within two minutes";
  return whyRefused(said, { ...since, next });
}

function whyOff({ reason, reasonTime }: NodeState): Why {
  const next = "slurmctld powers it up when a job needs it";
  const said = readReason(reason);
  if (said === undefined) {
    return { class: "NONE", code: "POWERED_DOWN", sentence: "the node is powered down and free", next };
  }
  const words = said.message === "" ? said.code : `${said.code}: ${said.message}`;
  return {
    class: "NONE",
    code: "POWERED_DOWN",
    sentence: `the node is powered down and free; its last try failed (${words})`,
    ...(reasonTime !== undefined && { since: reasonTime }),
    next,
  };
}

/** What is said of nodes that boot. */
export function whyBooting(
  names: readonly string[],
  since: number | undefined,
  { now, resumeTimeout, usualBoot, launched }: WhyContext,
): Why {
  const which = names.length === 1 ? `node ${names[0]} boots` : `${names.length} nodes boot`;
  // Before its slurmd runs nothing of a boot reaches slurmctld; the boot script says each step on the console.
  const age = launched === undefined
    ? ""
    : `, launched ${
      Math.max(0, Math.round((now - launched) / 1000))
    } s ago (which step it is in, its console says)`;
  const usual = usualBoot === undefined ? "" : `; usual: ${usualBoot.seconds} s (${usualBoot.from})`;
  const end = since === undefined || resumeTimeout === undefined ? undefined : since + resumeTimeout * 1000;
  return {
    class: "BOOTING",
    code: "POWERING_UP",
    sentence: `${which}${age}${usual}`,
    ...(since !== undefined && { since }),
    next: "the job starts when its nodes have registered; slurmctld gives up after ResumeTimeout" +
      (end === undefined && resumeTimeout !== undefined ? ` (${resumeTimeout} s)` : ""),
    ...(end !== undefined && { at: end }),
  };
}
