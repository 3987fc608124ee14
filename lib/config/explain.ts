import type * as v from "valibot";
import { didYouMean } from "../base/did_you_mean.ts";
import type { Problem } from "../base/problem.ts";
import { type Path, pathText } from "./path.ts";
import type { Source } from "./source.ts";

/** What a schema has against a file, in the words and at the place that a person needs. */
export function explainIssues(issues: readonly v.BaseIssue<unknown>[], source: Source): Problem[] {
  return issues
    .filter((issue) => !source.isBad(pathOf(issue)))
    .map((issue) => explain(issue, source));
}

/** Problems of one file from top to bottom. */
export function inOrder(problems: readonly Problem[]): Problem[] {
  return problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
}

/** The path of an issue in the file. */
export function pathOf(issue: v.BaseIssue<unknown>): Path {
  return (issue.path ?? []).map((item) => item.key as string | number);
}

function explain(issue: v.BaseIssue<unknown>, source: Source): Problem {
  const path = pathOf(issue);
  const parent = path.slice(0, -1);
  const inKey = issue.path?.at(-1)?.origin === "key";
  if (inKey && issue.type === "strict_object") {
    if (source.has(path)) return source.problem({ path, part: "key" }, `Key ${pathText(path)} has no value`);
    const where = parent.length === 0 ? "" : ` in ${pathText(parent)}`;
    return source.problem({ path, part: "key" }, `Key ${path.at(-1)} is missing${where}`);
  }
  if (inKey) {
    const name = JSON.stringify(path.at(-1));
    const message = `Key ${name} in ${pathText(parent)} must be ${expectation(issue)}`;
    return source.problem({ path, part: "key" }, message, guess(issue));
  }
  const message = `Key ${pathText(path)} must be ${expectation(issue)}, got ${source.show(path)}`;
  return source.problem({ path, part: "value" }, message, guess(issue));
}

function expectation(issue: v.BaseIssue<unknown>): string {
  if (issue.kind !== "schema") return issue.message;
  switch (issue.type) {
    case "picklist":
      return `one of ${choices(issue).join(", ")}`;
    case "number":
      return "a number";
    case "boolean":
      return "true or false";
    default:
      return "text";
  }
}

function guess(issue: v.BaseIssue<unknown>): string | undefined {
  if (issue.type !== "picklist" || typeof issue.input !== "string") return undefined;
  const word = didYouMean(issue.input, choices(issue));
  return word === undefined ? undefined : `did you mean ${word}?`;
}

function choices(issue: v.BaseIssue<unknown>): string[] {
  return (issue as v.PicklistIssue).expected.split(" | ")
    .map((option) => option.replace(/^\(?"?|"?\)?$/g, ""));
}
