import type { LaunchRecord } from "./state.ts";
import { Table } from "./table.ts";

const NONE: readonly LaunchRecord[] = [];

/** Open launches by client token and by the nodes that they may serve. */
export class LaunchTable extends Table<string, LaunchRecord> {
  #byNode: Map<string, LaunchRecord[]> | undefined;

  /** Puts a launch in, in place of what was known of it. */
  put(launch: LaunchRecord): void {
    this.set(launch.token, launch);
    this.#byNode = undefined;
  }

  /** Forgets a launch: its outcome is known. */
  drop(token: string): void {
    this.delete(token);
    this.#byNode = undefined;
  }

  /** Launches whose outcome is open and that may bring an instance of the node. */
  of(node: string): readonly LaunchRecord[] {
    return this.#index().get(node) ?? NONE;
  }

  #index(): Map<string, LaunchRecord[]> {
    if (this.#byNode !== undefined) return this.#byNode;
    this.#byNode = new Map();
    for (const launch of this.map.values()) {
      for (const name of namesOf(launch)) {
        const own = this.#byNode.get(name);
        if (own === undefined) this.#byNode.set(name, [launch]);
        else own.push(launch);
      }
    }
    return this.#byNode;
  }
}

function namesOf({ nodes, rest }: LaunchRecord): readonly string[] {
  return rest === undefined ? nodes : [...nodes, ...rest.map(({ node }) => node)];
}

/** The generation of a node that a launch was made for. */
export function generationIn(
  { nodes, generations, rest = [] }: Pick<LaunchRecord, "nodes" | "generations" | "rest">,
  name: string,
): number | undefined {
  const index = nodes.indexOf(name);
  return index >= 0 ? generations[index] : rest.find(({ node }) => node === name)?.generation;
}
