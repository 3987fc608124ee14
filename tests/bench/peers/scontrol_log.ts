import { expandHostlist } from "../../../lib/slurm/hostlist.ts";
import type { Told } from "./results.ts";

/** What stands between two arguments in the log of the scontrol that only notes how it was called. */
export const SEPARATOR = "\x1f";

/** The last thing that was reported to Slurm of a node. */
export interface NodeUpdate {
  readonly address?: string;
  readonly instanceId?: string;
  readonly state?: string;
  readonly reason?: string;
}

/** Every call of scontrol, as its arguments. */
export function scontrolCalls(log: string): string[][] {
  return log.split("\n").filter((line) => line !== "").map((line) => line.split(SEPARATOR).slice(0, -1));
}

/** Node name → what was last reported; an address stays until the node gets a state. */
export function nodeUpdates(calls: readonly (readonly string[])[]): Map<string, NodeUpdate> {
  const nodes = new Map<string, NodeUpdate>();
  for (const [verb, ...args] of calls) {
    if (verb !== "update") continue;
    const values = new Map(
      args.map((arg) => [arg.split("=", 1)[0]!.toLowerCase(), arg.slice(arg.indexOf("=") + 1)]),
    );
    const list = (key: string) => values.get(key)?.split(",");
    const [addresses, ids] = [list("nodeaddr"), list("instanceid")];
    expandHostlist(values.get("nodename") ?? "").forEach((node, index) => {
      nodes.set(node, {
        address: addresses?.[index],
        instanceId: ids?.[index],
        state: values.get("state"),
        reason: values.get("reason"),
      });
    });
  }
  return nodes;
}

/** The states and reasons that nodes were left with, most nodes first; times in a reason are left out. */
export function toldStates(updates: ReadonlyMap<string, NodeUpdate>): Told[] {
  const told = new Map<string, Told>();
  for (const { state, reason = "" } of updates.values()) {
    if (state === undefined) continue;
    const words = reason.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z?/g, "TIME");
    const key = `${state} ${words}`;
    told.set(key, { nodes: (told.get(key)?.nodes ?? 0) + 1, state: state.toLowerCase(), reason: words });
  }
  return [...told.values()].sort((a, b) => b.nodes - a.nodes);
}
