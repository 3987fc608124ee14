import type { Context } from "../context.ts";

/** Problems of the parser behind which settings may stand that we could not read; all of Include's are, too. */
const HIDING: ReadonlySet<string> = new Set(["unreadable", "binary", "too-large"]);

/**
 * Whether the whole slurm.conf is before us, so that a key that we don't see isn't set. Of a part, or with an
 * Include that could not be read, only what stands there can be judged.
 */
export function isComplete(context: Context): boolean {
  return !context.isFragment && hasAllIncludes(context);
}

/** Whether everything that the files include was read. */
export function hasAllIncludes(context: Context): boolean {
  return !context.document.problems.some(({ kind }) => HIDING.has(kind) || kind.startsWith("include-"));
}
