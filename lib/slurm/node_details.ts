import { type NodeState, parseNodeStates } from "./node_state.ts";

/** What `scontrol show nodes -o` says of a node beyond its state. */
export interface NodeDetails extends NodeState {
  /** Port of its slurmd; absent where it is SlurmdPort. */
  readonly port?: number;
  /** Version of its slurmd, once it has registered, e.g. `22.05.8`. */
  readonly version?: string;
}

/**
 * The nodes of `scontrol show nodes -o` with port and version (22.05, 24.11 and 26.05 looked at).
 * @throws {SyntaxError} as {@link parseNodeStates} does.
 */
export function parseNodeDetails(text: string): NodeDetails[] {
  const lines = text.split("\n").filter((line) => line.startsWith("NodeName="));
  return parseNodeStates(text).map((node, index) => {
    // OS= is the first field with blanks in it: a reason can't pass for a port.
    const [facts = ""] = (lines[index] ?? "").split(/ (?:OS|Reason|Comment)=/);
    const port = / Port=(\d+)/.exec(facts)?.[1];
    const version = / Version=(\S+)/.exec(facts)?.[1];
    return { ...node, ...(port && { port: Number(port) }), ...(version && { version }) };
  });
}

/** Whether a node should have an instance that answers: not powered down, not on its way, not set down. */
export function isUp({ base, flags }: Pick<NodeState, "base" | "flags">): boolean {
  const other = ["POWERED_DOWN", "POWERING_UP", "POWERING_DOWN", "POWER_DOWN", "POWER_UP"];
  return !["DOWN", "FUTURE", "UNKNOWN"].includes(base) && !other.some((flag) => flags.has(flag));
}
