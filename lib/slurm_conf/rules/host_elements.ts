/** One element of a list of nodes with its place in the text. */
export interface HostElement {
  readonly text: string;
  /** Offset of its first character. */
  readonly start: number;
}

/** A function in place of a node name: `feature{gpu}`, `block{b1}`, `switchwith{n1}`. */
export interface HostFunction {
  readonly name: string;
  readonly argument: string;
}

/**
 * The functions that stand in place of node names: https://slurm.schedmd.com/slurm.conf.html (NodeName, Features)
 * and https://slurm.schedmd.com/topology.html. Slurm 22.05.8 has none of them, 24.11.5 and 26.05.5 have feature,
 * block, switch, blockwith and switchwith; ring and torus came with their topologies.
 */
const FUNCTIONS: ReadonlySet<string> = new Set(
  ["feature", ...["block", "switch", "ring", "torus"].flatMap((name) => [name, `${name}with`])],
);

/** The elements of a list of nodes, split at the commas outside of brackets and braces. */
export function hostElements(text: string): HostElement[] {
  return [...text.matchAll(/(?:[^,[\]{}]|\[[^\]]*\]|\{[^}]*\}|[[\]{}])+/g)].map((found) => ({
    text: found[0],
    start: found.index,
  }));
}

/** The function that an element calls, its name as written; undefined when it is a name. */
export function hostFunction(element: string): HostFunction | undefined {
  const found = /^([A-Za-z]+)\{([^}]*)\}$/.exec(element);
  return found === null ? undefined : { name: found[1]!, argument: found[2]! };
}

/** Whether some release knows a function of that name; in lower case only (seen on 24.11.5 and 26.05.5). */
export function isKnownFunction(name: string): boolean {
  return FUNCTIONS.has(name);
}
