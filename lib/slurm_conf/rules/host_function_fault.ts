import type { Context } from "../context.ts";
import { type HostFunction, isKnownFunction } from "./host_elements.ts";

/** What is wrong with a function in place of a node name. */
export interface HostFunctionFault {
  /** What it is instead: `a block that no topology has`. */
  readonly what: string;
  /** What to do: `correct it`. */
  readonly next: string;
}

/**
 * Why slurmctld gets no node by a function in place of a node name; undefined where it may get some.
 * It logs an error and goes on (seen on slurmctld 24.11.5 and 26.05.5).
 */
export function hostFunctionFault(
  context: Context,
  { name, argument }: HostFunction,
): HostFunctionFault | undefined {
  if (!isKnownFunction(name)) {
    const lower = name.toLowerCase();
    const next = isKnownFunction(lower) ? `${lower}{…} in lower case` : "feature{…}, switch{…} or block{…}";
    return { what: "a function that Slurm doesn't know", next: `write ${next}` };
  }
  if ((name !== "switch" && name !== "block") || !/^[\w.-]+$/.test(argument)) return undefined;
  const names = topologyNames(context);
  if (names === undefined || names.has(argument)) return undefined;
  const where = names.size === 0 ? "no topology has" : `${context.topology?.path} doesn't have`;
  return { what: `a ${name} that ${where}`, next: "correct it" };
}

/** Names of the switches and blocks; undefined where these files don't show all of them. Either function takes both. */
function topologyNames(context: Context): ReadonlySet<string> | undefined {
  if (!context.isSince("24.11") || context.topologyYaml !== undefined) return undefined;
  const plugin = context.text("TopologyPlugin") ?? "topology/flat";
  // From 25.05 on a topology.yaml counts without a plugin, and one that can't be read looks like none.
  if (/^topology\/(?:flat|default)$/.test(plugin)) return context.isSince("25.05") ? undefined : new Set();
  const { topology } = context;
  if (topology === undefined || topology.hasIncludes || !/^topology\/(?:tree|block)$/.test(plugin)) {
    return undefined;
  }
  const names = topology.lines.flatMap(([first]) =>
    /^(?:switch|block)name$/.test(first!.name) ? [first!.value.text] : []
  );
  return names.length === 0 || names.some((name) => name.includes("[")) ? undefined : new Set(names);
}
