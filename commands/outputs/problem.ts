import * as v from "valibot";
import type { Problem } from "../../lib/base/problem.ts";
import { text } from "./output.ts";

/** A line or column, from 1. */
export const position = (description: string) =>
  v.pipe(v.number(), v.integer(), v.minValue(1), v.description(description));

/** A problem at a place in a file. */
export const PROBLEM: v.GenericSchema<Problem> = v.object({
  file: text("Path as it was given"),
  line: position("From 1"),
  column: position("From 1, in UTF-16 code units"),
  message: text("What is wrong"),
  hint: v.optional(text("The next step")),
});
