/** Names that one hostlist may stand for: as many as Slurm has nodes (MAX_SLURM_NODES of src/common/read_config.h). */
const MAX_NAMES = 65_536;
/** Digits of one number, zeros included, so that every number is a safe integer. */
const MAX_DIGITS = 15;

/** `08-11`: numbers written with at least `width` digits. */
export interface NumberRange {
  readonly lo: number;
  hi: number;
  readonly width: number;
}

/** `r[1-3]n[01-16]x`: one literal before each bracket and one behind the last. */
export interface Bracketed {
  readonly literals: readonly string[];
  readonly brackets: readonly (readonly NumberRange[])[];
}

/**
 * The names a hostlist stands for, as `scontrol show hostnames` prints them: order and duplicates kept.
 *
 * Names are separated by commas or blanks; each may hold several bracketed lists of numbers and ranges. Of
 * several brackets the last counts fastest, then the first, the second and so on: with three or more that is
 * Slurm's own order (src/common/hostlist.c), and who maps an index to a name must not assume another.
 *
 * Unlike scontrol: a suffix after a bracket is always taken (scontrol: from 24.11 at the latest, 22.05 refuses
 * it), and what scontrol only guesses at is refused: `c[1`, `c]`, `c[1-]`, `c[ 1]`.
 *
 * @throws {SyntaxError} with the column (also as `cause.column`) when the text is not a hostlist
 * @throws {RangeError} when it stands for more than 65,536 names (before any is made), or a number has more than 15 digits
 */
export function expandHostlist(text: string): string[] {
  const names: string[] = [];
  for (const element of parseHostlist(text)) {
    if (typeof element === "string") names.push(element);
    else expandBracketed(element, names);
  }
  return names;
}

/** The elements of a hostlist as written, split at the commas outside of brackets; empty ones left out. */
export function splitHostlist(text: string): string[] {
  return text.split(/,(?![^[]*\])/).filter((element) => element !== "");
}

/** The elements of a hostlist, plain names as they are. Throws as {@link expandHostlist}. */
export function parseHostlist(text: string): (string | Bracketed)[] {
  const elements = parse(text);
  checkSize(elements);
  return elements;
}

/** How many names a hostlist stands for, duplicates counted, without making them. Throws as {@link expandHostlist}. */
export function countHostlist(text: string): number {
  return checkSize(parse(text));
}

/**
 * The compact form of names in their order, as `scontrol show hostlist` prints them: neighbours with the same
 * prefix share a bracket, numbers fold over the last group of digits only, duplicates stay.
 *
 * Unlike scontrol, digits beyond the 15th are not a number: scontrol turns numbers above 2^64 into another name.
 *
 * @throws {SyntaxError} when a name is empty or holds a separator or a bracket
 */
export function foldHostlist(names: Iterable<string>): string {
  const parts: string[] = [];
  let prefix = "";
  let ranges: NumberRange[] = [];
  const flush = () => {
    if (ranges.length > 0) parts.push(prefix + printRanges(ranges));
    ranges = [];
  };
  for (const name of names) {
    const start = digitsStart(name);
    const width = name.length - start;
    if (width === 0 || width > MAX_DIGITS) {
      flush();
      parts.push(checkName(name, name));
      continue;
    }
    if (ranges.length === 0 || start !== prefix.length || !name.startsWith(prefix)) {
      flush();
      prefix = checkName(name.slice(0, start), name);
    }
    appendNumber(ranges, name, start);
  }
  flush();
  return parts.join(",");
}

function digitsStart(name: string): number {
  let start = name.length;
  while (start > 0 && isDigit(name.charCodeAt(start - 1))) start--;
  return start;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function checkName(part: string, name: string): string {
  let end = 0;
  while (end < part.length && isNameCharacter(part.charCodeAt(end))) end++;
  if (name === "" || end < part.length) {
    throw new SyntaxError(
      `Invalid node name ${JSON.stringify(name)}: expected no comma, blank or bracket in it`,
    );
  }
  return part;
}

/** Extends the last range when the number follows it and would be written with the same zeros, else begins one. */
function appendNumber(ranges: NumberRange[], name: string, start: number): void {
  let number = 0;
  for (let i = start; i < name.length; i++) number = number * 10 + name.charCodeAt(i) - 48;
  const width = name.length - start;
  const last = ranges.at(-1);
  const sameWidth = last?.width === width || (last && last.width < width && name[start] !== "0");
  if (last && sameWidth && number === last.hi + 1) last.hi = number;
  else ranges.push({ lo: number, hi: number, width });
}

function printRanges(ranges: readonly NumberRange[]): string {
  const texts = ranges.map(({ lo, hi, width }) =>
    hi > lo ? `${padNumber(lo, width)}-${padNumber(hi, width)}` : padNumber(lo, width)
  );
  return ranges.length === 1 && ranges[0]!.lo === ranges[0]!.hi ? texts[0]! : `[${texts.join(",")}]`;
}

/** A number with zeros in front, up to a width. */
export function padNumber(number: number, width: number): string {
  return width < 2 ? `${number}` : `${number}`.padStart(width, "0");
}

function expandBracketed({ literals, brackets }: Bracketed, names: string[]): void {
  let heads = [""];
  for (const [i, bracket] of brackets.slice(0, -1).entries()) {
    const inner = heads;
    heads = numbers(bracket).flatMap((number) => inner.map((head) => head + literals[i] + number));
  }
  const tails = numbers(brackets.at(-1)!);
  const [before, behind] = [literals.at(-2)!, literals.at(-1)!];
  for (const head of heads) {
    for (const tail of tails) names.push(head + before + tail + behind);
  }
}

function numbers(ranges: readonly NumberRange[]): string[] {
  const texts: string[] = [];
  for (const { lo, hi, width } of ranges) {
    for (let number = lo; number <= hi; number++) texts.push(padNumber(number, width));
  }
  return texts;
}

function size({ brackets }: Bracketed): number {
  return brackets.reduce(
    (product, ranges) => product * ranges.reduce((sum, { lo, hi }) => sum + hi - lo + 1, 0),
    1,
  );
}

function checkSize(elements: readonly (string | Bracketed)[]): number {
  let total = 0;
  for (const element of elements) total += typeof element === "string" ? 1 : size(element);
  if (total > MAX_NAMES) {
    throw new RangeError(
      `Hostlist stands for ${total} names: at most ${MAX_NAMES} are taken, split it or correct the range`,
    );
  }
  return total;
}

function isNameCharacter(code: number): boolean {
  return code > 32 && code !== 44 && code !== 91 && code !== 93 && code !== 127;
}

function isSeparator(code: number): boolean {
  return code === 44 || code === 32 || code === 9 || code === 10 || code === 13;
}

function parse(text: string): (string | Bracketed)[] {
  const elements: (string | Bracketed)[] = [];
  let at = 0;
  const take = (isWanted: (code: number) => boolean): string => {
    const begin = at;
    while (at < text.length && isWanted(text.charCodeAt(at))) at++;
    return text.slice(begin, at);
  };
  const fail = (expected: string): never => {
    const column = at + 1;
    throw new SyntaxError(`Invalid hostlist ${excerpt(text, at)}: expected ${expected} at column ${column}`, {
      cause: { column },
    });
  };
  const takeNumber = (): string => {
    const begin = at;
    const digits = take(isDigit) || fail("a number");
    if (digits.length <= MAX_DIGITS) return digits;
    const column = begin + 1;
    throw new RangeError(
      `Hostlist ${excerpt(text, begin)}: number at column ${column} has more than ${MAX_DIGITS} digits`,
      { cause: { column } },
    );
  };
  const takeRange = (): NumberRange => {
    const low = takeNumber();
    const [lo, width] = [Number(low), low.length];
    if (text[at] !== "-") return { lo, hi: lo, width };
    const begin = ++at;
    const hi = Number(takeNumber());
    if (hi >= lo) return { lo, hi, width };
    at = begin;
    return fail(`a number not below ${low}`);
  };
  const takeBracket = (): NumberRange[] => {
    const ranges: NumberRange[] = [];
    do {
      at++;
      ranges.push(takeRange());
    } while (text[at] === ",");
    if (text[at] !== "]") fail('a digit, "-", "," or "]"');
    at++;
    return ranges;
  };
  const takeElement = (): string | Bracketed => {
    const name = take(isNameCharacter);
    if (text[at] !== "[") return name;
    const literals = [name];
    const brackets: NumberRange[][] = [];
    while (text[at] === "[") {
      brackets.push(takeBracket());
      literals.push(take(isNameCharacter));
    }
    return { literals, brackets };
  };
  take(isSeparator);
  while (at < text.length) {
    const begin = at;
    elements.push(takeElement());
    if (!take(isSeparator) && (at < text.length || at === begin)) fail('a name, "[" or ","');
  }
  return elements;
}

/** The text in quotes, cut around the place where it goes wrong when it is long. */
function excerpt(text: string, at: number): string {
  const [from, to] = [Math.max(0, at - 40), at + 20];
  return JSON.stringify((from > 0 ? "…" : "") + text.slice(from, to) + (to < text.length ? "…" : ""));
}
