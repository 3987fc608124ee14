import { didYouMean } from "../base/did_you_mean.ts";
import type { Path } from "./path.ts";
import { type Shape, unwrap } from "./shape.ts";

/** A key that the schema doesn't have where it stands. */
export interface UnknownKey {
  readonly name: string;
  /** The map that it stands in. */
  readonly path: Path;
  /** Keys that the map may have. */
  readonly known: readonly string[];
  /** Schema of the whole file. */
  readonly root: Shape;
}

/** More keys than these do not help in a message. */
const MAX_LISTED = 20;

/** What the writer of an unknown key probably wants. */
export function unknownKeyHint({ name, path, known, root }: UnknownKey): string | undefined {
  if (name === "<<") return "merge keys are not read: shared settings go under defaults";
  if (name === "Nodes" && path[0] === "partitions") return "the nodes are those of nodeGroups";
  const guess = didYouMean(name, known);
  if (guess !== undefined) return `did you mean ${guess}?`;
  const [home] = homesOf(root, name, "");
  if (home !== undefined) return home === "" ? "it belongs at the top level" : `it belongs in ${home}`;
  return known.length <= MAX_LISTED ? `known: ${known.join(", ")}` : undefined;
}

/** The maps of the schema that do have a key of this name. */
function* homesOf(outer: Shape, name: string, home: string): Generator<string> {
  const shape = unwrap(outer);
  if (shape.item) return yield* homesOf(shape.item, name, `each of ${home}`);
  if (!shape.entries) return;
  if (Object.hasOwn(shape.entries, name)) yield home;
  for (const [key, inner] of Object.entries(shape.entries)) {
    yield* homesOf(inner, name, home === "" ? key : `${home}.${key}`);
  }
}
