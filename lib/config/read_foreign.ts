import * as v from "valibot";
import { type Problem, ProblemError } from "../base/problem.ts";
import { explainIssues, inOrder } from "./explain.ts";
import type { Shape } from "./shape.ts";
import { readSource, type Source } from "./source.ts";

/** A file that another program wrote, read in the shape of a schema. */
export interface ReadFile<T> {
  readonly value: T;
  readonly source: Source;
  /** Keys that the schema doesn't know, as problems at their place. */
  readonly unknownKeys: readonly Problem[];
}

/**
 * Reads YAML or JSON that another program wrote: unknown keys are reported, not refused.
 * @throws {ProblemError} with everything else that the schema has against the file.
 */
export function readForeign<const S extends v.GenericSchema>(
  text: string,
  file: string,
  schema: S,
): ReadFile<v.InferOutput<S>> {
  const source = readSource(text, file, schema as unknown as Shape);
  if (source.value === undefined) throw new ProblemError(inOrder(source.problems));
  const result = v.safeParse(schema, source.value, { abortPipeEarly: true });
  const problems = [
    ...source.problems.filter((problem) => !source.unknownKeys.includes(problem)),
    ...explainIssues(result.issues ?? [], source),
  ];
  if (!result.success || problems.length > 0) throw new ProblemError(inOrder(problems));
  return { value: result.output, source, unknownKeys: source.unknownKeys };
}
