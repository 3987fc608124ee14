/** What only a shell understands, outside of quotes; `$` and a backtick mean something within double ones, too. */
const SHELL_ONLY = /[|&;<>()$`]/;
const EXPANDED = /[$`]/;

/** A line's words so far. */
interface Reading {
  readonly words: string[];
  /** The word that is being read; undefined between words. */
  word: string | undefined;
  quote: '"' | "'" | "";
}

/**
 * The argument vector of a `credential_process` line. Words end at blanks; what is in quotes is one piece; a
 * backslash takes the next blank, quote or backslash as it is
 * (https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html). No shell ever sees the line.
 * @throws {SyntaxError} when a quote stays open, a shell would be needed, or the program's path is not absolute.
 */
export function helperCommand(line: string): readonly [program: string, ...args: string[]] {
  const reading: Reading = { words: [], word: undefined, quote: "" };
  for (let at = 0; at < line.length;) at += take(reading, line[at]!, line[at + 1]);
  if (reading.quote !== "") throw new SyntaxError(`A ${reading.quote} is never closed`);
  endWord(reading);
  const [program, ...args] = reading.words;
  if (program === undefined) throw new SyntaxError("It names no program");
  if (!program.startsWith("/")) {
    throw new SyntaxError(`"${program}" is not an absolute path: hooks have no PATH to look for it in`);
  }
  return [program, ...args];
}

/** Takes one character, or two where a backslash is the first; how many it took. */
function take(reading: Reading, character: string, next: string | undefined): number {
  const { quote } = reading;
  if (character === "\\" && quote !== "'" && next !== undefined && ` \t"'\\`.includes(next)) {
    reading.word = (reading.word ?? "") + next;
    return 2;
  }
  if (character === quote) reading.quote = "";
  else if (quote === "" && (character === '"' || character === "'")) {
    reading.quote = character;
    reading.word ??= "";
  } else if (quote === "" && /\s/.test(character)) endWord(reading);
  else {
    refuseShell(reading, character);
    reading.word = (reading.word ?? "") + character;
  }
  return 1;
}

function refuseShell({ quote, word }: Reading, character: string): void {
  const isHome = character === "~" && quote === "" && word === undefined;
  const isShell = quote === "" ? SHELL_ONLY.test(character) : quote === '"' && EXPANDED.test(character);
  if (!isShell && !isHome) return;
  throw new SyntaxError(
    `It has ${character} in it, which takes a shell, and none is used: name a script that does it`,
  );
}

function endWord(reading: Reading): void {
  if (reading.word !== undefined) reading.words.push(reading.word);
  reading.word = undefined;
}
