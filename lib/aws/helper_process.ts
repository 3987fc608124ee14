import { kill } from "../base/kill.ts";
import { readText } from "../base/read_text.ts";
import { type HelperCredentials, parseHelperAnswer } from "./helper_answer.ts";
import { helperCommand } from "./helper_command.ts";

/**
 * Milliseconds that a helper may take: one call of AWS's takes a second, and a hook that waits for more gives its
 * nodes no verdict meanwhile.
 */
const TIME_LIMIT = 20_000;
/** Bytes of each of its outputs that are read; credentials are below 10 KB. */
const OUTPUT_LIMIT = 100_000;
/** Characters of its complaint that an error repeats. */
const QUOTED_LENGTH = 200;

/** How a helper is run, where the defaults don't fit. */
export interface HelperOptions {
  /** Milliseconds (20,000). */
  readonly timeLimit?: number;
}

/**
 * Credentials from the program that a `credential_process` line names, started as it is: never through a shell.
 * @throws {Error} that says what went wrong with which program; never a word of what it printed but the first line
 * of its standard error.
 */
export async function runHelper(
  line: string,
  { timeLimit = TIME_LIMIT }: HelperOptions = {},
): Promise<HelperCredentials> {
  const [program, ...args] = commandOf(line);
  const { code, stdout, stderr, end } = await outputOf(spawn(program, args), timeLimit);
  const said = firstLine(stderr);
  const fail = (what: string): never => {
    throw new Error(`credential helper ${program}: ${what}${said && `; it said: ${said}`}`);
  };
  if (end === "late") fail(`no answer within ${timeLimit / 1000} s, ended`);
  if (end === "long") fail(`it printed more than ${OUTPUT_LIMIT / 1000} KB, ended`);
  if (code !== 0) fail(`exit status ${code}`);
  try {
    return parseHelperAnswer(stdout, Date.now());
  } catch (error) {
    return fail((error as Error).message);
  }
}

function commandOf(line: string): readonly [string, ...string[]] {
  try {
    return helperCommand(line);
  } catch (error) {
    throw new Error(`credential_process can't be run: ${(error as Error).message}`, { cause: error });
  }
}

function spawn(program: string, args: readonly string[]): Deno.ChildProcess {
  try {
    return new Deno.Command(program, { args: [...args], stdin: "null", stdout: "piped", stderr: "piped" })
      .spawn();
  } catch (error) {
    const how = error instanceof Deno.errors.NotCapable
      ? "; add it to SLURM_EC2_RUN in etc/hooks.env, or write credential_process with a plain path " +
        "(a compiled binary: build it with --for slurm-ec2.yaml)"
      : "";
    throw new Error(`can't run credential helper ${program}: ${(error as Error).message}${how}`, {
      cause: error,
    });
  }
}

/** What a process wrote, and why it was ended where it was. */
interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly end?: "late" | "long";
}

async function outputOf(child: Deno.ChildProcess, timeLimit: number): Promise<Outcome> {
  const readers = [child.stdout.getReader(), child.stderr.getReader()] as const;
  let end: Outcome["end"];
  const stop = (why: "late" | "long") => {
    end ??= why;
    kill(child);
    // A child of its own could hold the pipes open: nobody waits for their end.
    for (const reader of readers) reader.cancel().catch(() => {});
  };
  const timer = setTimeout(() => stop("late"), timeLimit);
  try {
    const [stdout, stderr, { code }] = await Promise.all([
      ...readers.map((reader) =>
        readText(reader, { length: OUTPUT_LIMIT, exceeded: () => stop("long") })
      ) as [Promise<string>, Promise<string>],
      child.status,
    ]);
    return { code, stdout, stderr, ...(end !== undefined && { end }) };
  } finally {
    clearTimeout(timer);
  }
}

function firstLine(text: string): string {
  const line = text.trimStart().split("\n", 1)[0]!.trim();
  return line.length <= QUOTED_LENGTH ? line : `${line.slice(0, QUOTED_LENGTH)}…`;
}
