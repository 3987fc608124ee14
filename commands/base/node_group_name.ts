import { didYouMean } from "../../lib/base/did_you_mean.ts";
import type { Config, NodeGroup } from "../../lib/config/model.ts";
import { UsageError } from "./command.ts";

/**
 * The node group that a command line names.
 * @throws {UsageError} with the name that was probably meant, else all of them
 */
export function nodeGroupNamed({ nodeGroups }: Pick<Config, "nodeGroups">, name: string): NodeGroup {
  const group = nodeGroups.find((one) => one.name === name);
  if (group !== undefined) return group;
  const known = nodeGroups.map((one) => one.name);
  const guess = didYouMean(name, known);
  throw new UsageError(
    `Unknown node group: "${name}"${guess ? ` (did you mean "${guess}"?)` : `; known: ${known.join(", ")}`}`,
  );
}
