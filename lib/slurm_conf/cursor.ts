import type { IncludeEntry, Setting, SourceFile, Span } from "./document.ts";
import { isBlank, type LogicalLine } from "./logical_line.ts";

const INCLUDE = /include[ \t\v\f\r\n]+([^ \t\v\f\r\n]+)/iy;

/** A place in a logical line, moving forward as parts are taken from it. */
export class Cursor {
  /** Where the next part begins. */
  at = 0;

  constructor(readonly file: SourceFile, readonly line: LogicalLine) {}

  /** The line as Slurm's parser gets it. */
  get text(): string {
    return this.line.text;
  }

  /** Whether nothing but blanks is left. */
  restIsBlank(): boolean {
    const { text } = this;
    for (let i = this.at; i < text.length; i++) if (!isBlank(text.charCodeAt(i))) return false;
    return true;
  }

  /** An Include stands in the first column or it is not an Include. */
  takeInclude(): Omit<IncludeEntry, "resolved"> | undefined {
    if (this.at > 1 || !/[iI]/.test(this.text.charAt(this.at))) return undefined;
    INCLUDE.lastIndex = this.at;
    const found = INCLUDE.exec(this.text);
    if (found === null) return undefined;
    this.at = INCLUDE.lastIndex;
    const start = this.at - found[1]!.length;
    const offsets = this.offsetsOf(start, this.at);
    const path = { text: found[1]!, span: this.span(start, this.at), quoted: false };
    return {
      kind: "include",
      path: offsets === undefined ? path : { ...path, offsets },
      span: this.span(found.index, this.at),
    };
  }

  /**
   * Takes what the parser's regular expression takes: blanks, a key of letters, digits, `_` and `.`, blanks, an
   * operator, blanks, then a value in quotes that end the word, or else a word.
   */
  takeSetting(): Setting | undefined {
    const { text } = this;
    const keyStart = skipBlanks(text, this.at);
    let keyEnd = keyStart;
    while (isKeyCharacter(text.charCodeAt(keyEnd))) keyEnd++;
    let equals = skipBlanks(text, keyEnd);
    const sign = "-+*/".includes(text.charAt(equals)) ? text.charAt(equals) : "";
    equals += sign.length;
    if (keyEnd === keyStart || text.charAt(equals) !== "=") return undefined;
    const valueStart = skipBlanks(text, equals + 1);
    const close = text.charAt(valueStart) === '"' ? text.indexOf('"', valueStart + 1) : -1;
    const quoted = close >= 0 && (close + 1 === text.length || isBlank(text.charCodeAt(close + 1)));
    const end = quoted ? close + 1 : skipWord(text, valueStart);
    if (end === valueStart) return undefined;
    this.at = end;
    const [from, until] = quoted ? [valueStart + 1, close] : [valueStart, end];
    const { key, name } = keyNames(text.slice(keyStart, keyEnd));
    const value: Setting["value"] = {
      text: text.slice(from, until),
      span: this.span(valueStart, end),
      quoted,
    };
    const offsets = this.line.offsets === undefined ? undefined : this.offsetsOf(from, until);
    return {
      key,
      name,
      keySpan: this.span(keyStart, keyEnd),
      operator: `${sign}=` as Setting["operator"],
      value: offsets === undefined ? value : { ...value, offsets },
      span: this.span(keyStart, end),
    };
  }

  /** What is left, without the blanks around it. */
  takeRest(): { readonly text: string; readonly span: Span } {
    let [start, end] = [this.at, this.text.length];
    while (start < end && isBlank(this.text.charCodeAt(start))) start++;
    while (end > start && isBlank(this.text.charCodeAt(end - 1))) end--;
    this.at = this.text.length;
    return { text: this.text.slice(start, end), span: this.span(start, end) };
  }

  private span(start: number, end: number): Span {
    const { offsets, start: base } = this.line;
    if (offsets === undefined) return { file: this.file, start: base + start, end: base + end };
    const first = offsets[start] ?? this.line.end;
    return { file: this.file, start: first, end: end > start ? offsets[end - 1]! + 1 : first };
  }

  /** Undefined where the text stands in the source as it is. */
  private offsetsOf(start: number, end: number): readonly number[] | undefined {
    const { offsets } = this.line;
    if (offsets === undefined) return undefined;
    const part = offsets.slice(start, end);
    const isPlain = part.every((offset, i) => offset === part[0]! + i);
    // span.start of a quoted value is its quote, so the text must follow it directly.
    return isPlain && (start === 0 || part.length === 0 || offsets[start - 1] === part[0]! - 1)
      ? undefined
      : part;
  }
}

/** Spellings met so far: a large file has few different keys, each thousands of times. */
const spellings = new Map<string, { readonly key: string; readonly name: string }>();

function keyNames(key: string): { readonly key: string; readonly name: string } {
  const known = spellings.get(key);
  if (known !== undefined) return known;
  const names = { key, name: key.toLowerCase() };
  if (spellings.size < 1_000) spellings.set(key, names);
  return names;
}

function skipBlanks(text: string, at: number): number {
  while (at < text.length && isBlank(text.charCodeAt(at))) at++;
  return at;
}

function skipWord(text: string, at: number): number {
  while (at < text.length && !isBlank(text.charCodeAt(at))) at++;
  return at;
}

/** `[[:alnum:]_.]` of the "C" locale; NaN, behind the end, is not one. */
function isKeyCharacter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57) ||
    code === 95 || code === 46;
}
