import { errorText } from "../base/error_text.ts";
import { foldHostlist } from "../slurm/hostlist.ts";

/** A node, or an instance, and what went wrong with it. */
export interface Trouble {
  readonly name: string;
  readonly error: unknown;
}

/** One sentence per distinct error, however many nodes it hit: a thousand lines of the same help nobody. */
export function troubleLines(
  troubles: readonly Trouble[],
  sentence: (names: string, error: string) => string,
): string[] {
  const byError = Map.groupBy(troubles, ({ error }) => errorText(error));
  return [...byError].map(([error, hit]) => sentence(foldHostlist(hit.map(({ name }) => name)), error));
}
