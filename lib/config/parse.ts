import * as v from "valibot";
import { type Problem, ProblemError } from "../base/problem.ts";
import { crossCheck } from "./cross_check.ts";
import { explainIssues } from "./explain.ts";
import type { Config } from "./model.ts";
import { resolveConfig } from "./resolve.ts";
import { ConfigFile } from "./schema.ts";
import type { Shape } from "./shape.ts";
import { readSource } from "./source.ts";

/**
 * Parses slurm-ec2.yaml, defaults filled in and every node group complete.
 * @param file Name of the file as problems show it.
 * @throws {ProblemError} with every problem of the file, each at its line and column.
 */
export function parseConfig(text: string, file: string): Config {
  const source = readSource(text, file, ConfigFile as unknown as Shape);
  if (source.value === undefined) throw new ProblemError(inOrder(source.problems));
  const result = v.safeParse(ConfigFile, source.value, { abortPipeEarly: true });
  const problems = [...source.problems, ...explainIssues(result.issues ?? [], source)];
  // Values that merely have the wrong form can still be compared with one another.
  if (result.typed) {
    const findings = crossCheck(result.output).map(({ place, message, hint }) =>
      source.problem(place, message, hint)
    );
    problems.push(...findings.filter((found) => !problems.some((known) => samePlace(found, known))));
    if (problems.length === 0) return resolveConfig(result.output);
  }
  throw new ProblemError(inOrder(problems));
}

function samePlace(a: Problem, b: Problem): boolean {
  return a.line === b.line && a.column === b.column;
}

function inOrder(problems: readonly Problem[]): Problem[] {
  return problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
}
