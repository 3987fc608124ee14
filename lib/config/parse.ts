import * as v from "valibot";
import { type Problem, ProblemError } from "../base/problem.ts";
import type { Conflict } from "./conflict.ts";
import { crossCheck } from "./cross_check.ts";
import { explainIssues, inOrder, pathOf } from "./explain.ts";
import type { Config } from "./model.ts";
import type { Path } from "./path.ts";
import { resolveConfig } from "./resolve.ts";
import { salvage } from "./salvage.ts";
import { ConfigFile } from "./schema.ts";
import type { Shape } from "./shape.ts";
import { readSource, type Source } from "./source.ts";

const SHAPE = ConfigFile as unknown as Shape;

/**
 * Parses slurm-ec2.yaml, defaults filled in and every node group complete.
 * @param file Name of the file as problems show it.
 * @throws {ProblemError} with every problem of the file, each at its line and column.
 */
export function parseConfig(text: string, file: string): Config {
  const source = readSource(text, file, SHAPE);
  if (source.value === undefined) throw new ProblemError(inOrder(source.problems));
  const result = validate(source.value);
  const problems = [...source.problems, ...explainIssues(result.issues ?? [], source)];
  for (const { place, message, hint } of compare(source, result)) {
    const problem = source.problem(place, message, hint);
    if (!problems.some((known) => isSamePlace(problem, known))) problems.push(problem);
  }
  if (!result.success || problems.length > 0) throw new ProblemError(inOrder(problems));
  return resolveConfig(result.output);
}

/**
 * Problems that are found after parsing, at their places in the file: at the piece that a path names, or at what is
 * nearest around it. In the order of the file.
 */
export function problemsAt(
  text: string,
  file: string,
  found: readonly { readonly message: string; readonly path: Path }[],
): Problem[] {
  const source = readSource(text, file, SHAPE);
  return inOrder(found.map(({ message, path }) => source.problem({ path, part: "value" }, message)));
}

/** One sentence for each key of a file that has another name in this release. */
export function formerKeyNotes(text: string, file: string): readonly string[] {
  return readSource(text, file, SHAPE).formerKeys;
}

type Result = v.SafeParseResult<typeof ConfigFile>;

const validate = (value: unknown): Result => v.safeParse(ConfigFile, value, { abortPipeEarly: true });

/** What the file's values have against one another, as far as they can be compared. */
function compare(source: Source, result: Result): Conflict[] {
  if (result.typed) return crossCheck(result.output);
  const faults = result.issues.map(pathOf);
  const salvaged = validate(salvage(source.value, faults, SHAPE));
  return salvaged.typed ? crossCheck(salvaged.output).filter((finding) => !dependsOn(finding, faults)) : [];
}

/** Whether a finding may only be there because a faulty value was left out. */
function dependsOn({ place: { path } }: Conflict, faults: readonly Path[]): boolean {
  const [list, index, key] = path;
  if (list === "partitions") {
    return faults.some((fault) => fault[0] === "nodeGroups" && (fault.length < 3 || fault[2] === "name"));
  }
  if (list !== "nodeGroups") return faults.some((fault) => fault[0] === list);
  const isAbout = (fault: Path) => fault[0] === "defaults" || (fault[0] === list && fault[1] === index);
  return key === "nodes" ? false : faults.some(isAbout);
}

function isSamePlace(a: Problem, b: Problem): boolean {
  return a.line === b.line && a.column === b.column;
}
