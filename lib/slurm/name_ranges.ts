import { type Bracketed, type NumberRange, padNumber, parseHostlist } from "./hostlist.ts";

/** Digits of one number, so that every number is a safe integer; digits before them count as letters. */
const MAX_DIGITS = 15;

/**
 * Names that differ by their last number only: `head`, a number from `lo` to `hi` written with `length` digits, `tail`.
 * Equal names give equal heads, tails and lengths, however their hostlists are written: `n1[0-3]` is `n[10-13]`.
 */
export interface NameRange {
  /** What stands before the number. */
  readonly head: string;
  /** What stands behind it; holds no digit. */
  readonly tail: string;
  /** Digits of each number, zeros included; 0: `head` alone is the name. */
  readonly length: number;
  /** The first number. */
  readonly lo: number;
  /** The last number, not below the first. */
  readonly hi: number;
}

/**
 * The names of a hostlist as ranges, in its order; ranges may overlap. Only what several brackets in one name
 * multiply to is spelled out, but for the last of them.
 *
 * @throws {SyntaxError} when the text is not a hostlist
 * @throws {RangeError} when it stands for more than 65,536 names
 */
export function nameRanges(text: string): NameRange[] {
  const ranges: NameRange[] = [];
  for (const element of parseHostlist(text)) {
    if (typeof element === "string") ranges.push(rangeOf(element));
    else pushBracketed(element, ranges);
  }
  return ranges;
}

/** One name as a range. */
export function rangeOf(name: string): NameRange {
  const found = /^(.*?)(\d+)(\D*)$/s.exec(name);
  if (found === null) return { head: name, tail: "", length: 0, lo: 0, hi: 0 };
  const [, before, digits, tail] = found;
  const number = digits!.slice(-MAX_DIGITS);
  const head = before! + digits!.slice(0, digits!.length - number.length);
  return { head, tail: tail!, length: number.length, lo: Number(number), hi: Number(number) };
}

/** The name of a range with that number. */
export function nameAt({ head, tail, length }: NameRange, number: number): string {
  return length === 0 ? head : head + padNumber(number, length) + tail;
}

/** How many names a range stands for. */
export function rangeSize({ lo, hi }: NameRange): number {
  return hi - lo + 1;
}

function pushBracketed({ literals, brackets }: Bracketed, ranges: NameRange[]): void {
  let heads = [literals[0]!];
  for (const [i, bracket] of brackets.slice(0, -1).entries()) {
    heads = heads.flatMap((head) => numbersOf(bracket).map((number) => head + number + literals[i + 1]!));
  }
  const [last, tail] = [brackets.at(-1)!, literals.at(-1)!];
  for (const head of heads) {
    if (/\d/.test(tail)) { for (const number of numbersOf(last)) ranges.push(rangeOf(head + number + tail)); }
    else for (const range of last) pushRange(head, range, tail, ranges);
  }
}

function numbersOf(bracket: readonly NumberRange[]): string[] {
  return bracket.flatMap(({ lo, hi, width }) =>
    Array.from({ length: hi - lo + 1 }, (_, i) => padNumber(lo + i, width))
  );
}

/** A range of numbers as one range for each length that they are written with. */
function pushRange(head: string, { lo, hi, width }: NumberRange, tail: string, ranges: NameRange[]): void {
  for (let from = lo; from <= hi;) {
    const length = Math.max(width, `${from}`.length);
    const to = Math.min(hi, 10 ** length - 1);
    const digits = /\d*$/.exec(head)![0];
    const taken = digits.slice(digits.length - Math.min(digits.length, MAX_DIGITS - length));
    const base = Number(taken) * 10 ** length;
    ranges.push({
      head: head.slice(0, head.length - taken.length),
      tail,
      length: taken.length + length,
      lo: base + from,
      hi: base + to,
    });
    from = to + 1;
  }
}
