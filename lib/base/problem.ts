/** Something wrong at a place in a file, for a person to fix. Lines and columns count from 1. */
export interface Problem {
  /** Path as the user gave it. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  /** What is wrong, without the place. */
  readonly message: string;
  /** The next step, e.g. a "did you mean". */
  readonly hint?: string;
}

/** One problem as compilers print it: `file:line:column: message`, and the hint behind it. */
export function formatProblem(problem: Problem): string {
  const { file, line, column, message, hint } = problem;
  return `${file}:${line}:${column}: ${message}${hint === undefined ? "" : ` (${hint})`}`;
}

/** Input that a person must fix, with every problem found in it; a command prints them and exits 2. */
export class ProblemError extends Error {
  /** As it is printed. */
  override readonly name = "ProblemError";
  /** In the order of the file. */
  readonly problems: readonly Problem[];

  /** Its message is every problem on a line of its own. */
  constructor(problems: readonly Problem[]) {
    super(problems.map(formatProblem).join("\n"));
    this.problems = problems;
  }
}
