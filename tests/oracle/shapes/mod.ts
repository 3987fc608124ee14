import fc from "fast-check";
import { dynamic, limits, powerSaving, tres } from "./cluster.ts";
import { defaults } from "./defaults.ts";
import { gres } from "./gres.ts";
import { duplicates, nodeLists } from "./node_lists.ts";
import { addresses, sizes } from "./nodes.ts";
import type { Shape } from "./shape.ts";
import { syntax } from "./syntax.ts";
import { topology, topologyYaml } from "./topology.ts";

const KINDS: Readonly<Record<string, fc.Arbitrary<Shape>>> = {
  addresses,
  defaults,
  duplicates,
  dynamic,
  gres,
  limits,
  nodeLists,
  powerSaving,
  sizes,
  syntax,
  topology,
  topologyYaml,
  tres,
};

/** Names of the kinds of shapes. */
export const SHAPE_KINDS: readonly string[] = Object.keys(KINDS);

/** Draws of a kind, no two alike; as many as were asked for, where there are that many. */
export function shapes(kind: string, seed: number, count: number): Shape[] {
  const drawn = fc.sample(KINDS[kind]!, { seed, numRuns: count * 4 });
  return [...new Map(drawn.map((shape) => [JSON.stringify(shape), shape])).values()].slice(0, count);
}
