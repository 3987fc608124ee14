/** What a batch script asks for, as far as a plan needs it. */
export interface BatchScript {
  /** The most nodes that it takes. */
  readonly nodes: number;
  /** Its time limit in seconds; absent: the partition's, or none. */
  readonly seconds?: number;
  /** Its partition, the first of several; absent: Slurm's default. */
  readonly partition?: string;
}

/**
 * Reads `-N`, `-t` and `-p` of a batch script's #SBATCH lines, which end at the first command
 * (https://slurm.schedmd.com/sbatch.html#SECTION_DESCRIPTION). A later line counts for more than an earlier one.
 * @throws {SyntaxError} with the line of a value that sbatch would not take either
 */
export function parseBatchScript(text: string): BatchScript {
  const script: { nodes: number; seconds?: number; partition?: string } = { nodes: 1 };
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() !== "" && !line.startsWith("#")) break;
    if (!/^#SBATCH\s/.test(line)) continue;
    try {
      for (const [option, value] of optionsOf(line.replace(/^#SBATCH\s+/, ""))) take(script, option, value);
    } catch (error) {
      throw new SyntaxError(`line ${index + 1}: ${(error as Error).message}`, { cause: error });
    }
  }
  return script;
}

const LONG: Readonly<Record<string, string>> = { N: "nodes", t: "time", p: "partition" };

/** `-N2 --time=10 -p long`: every option that is read, by its long name. */
function optionsOf(words: string): (readonly [option: string, value: string])[] {
  const found = words.replace(/\s#.*$/, "").matchAll(
    /(?:^|\s)(?:-([Ntp])\s*=?\s*|--(nodes|time|partition)(?:=|\s+))("[^"]*"|'[^']*'|\S+)/g,
  );
  return [...found].map(([, short = "", long, value = ""]) =>
    [long ?? LONG[short]!, value.replace(/^(["'])(.*)\1$/, "$2")] as const
  );
}

function take(
  script: { nodes: number; seconds?: number; partition?: string },
  option: string,
  value: string,
) {
  if (option === "nodes") script.nodes = nodesOf(value);
  else if (option === "partition") script.partition = value.split(",")[0]!;
  else {
    delete script.seconds;
    const seconds = secondsOf(value);
    if (seconds !== undefined) script.seconds = seconds;
  }
}

/** `4`, or the most of `2-4`. */
function nodesOf(value: string): number {
  const most = Number(/^(?:\d+-)?(\d+)$/.exec(value)?.[1] ?? NaN);
  if (!(most >= 1 && most <= 65_536)) throw new SyntaxError(`"${value}" is not a number of nodes`);
  return most;
}

/**
 * `MINUTES`, `MINUTES:SECONDS`, `HOURS:MINUTES:SECONDS`, `DAYS-HOURS[:MINUTES[:SECONDS]]`, or none
 * (https://slurm.schedmd.com/sbatch.html#OPT_time).
 */
function secondsOf(value: string): number | undefined {
  if (/^(?:UNLIMITED|INFINITE|0)$/i.test(value)) return undefined;
  const [, days, rest = ""] = /^(?:(\d+)-)?(\d+(?::\d+){0,2})$/.exec(value) ?? [];
  const parts = rest.split(":").map(Number);
  if (rest === "") throw new SyntaxError(`"${value}" is not a time limit`);
  if (days !== undefined) {
    const [hours = 0, minutes = 0, seconds = 0] = parts;
    return ((Number(days) * 24 + hours) * 60 + minutes) * 60 + seconds;
  }
  const [a = 0, b = 0, c] = parts;
  return c === undefined ? a * 60 + b : (a * 60 + b) * 60 + c;
}
