import { Buffer } from "node:buffer";
import type { Kept } from "./instance_fields.ts";

/** Characters of one tag at most; what is longer is not an answer of EC2 and is passed on as it comes. */
const TAG_MAX = 65_536;

/** Where the sieve stands: what is kept below the element that is open, innermost last. */
type Below = Kept | undefined;

/**
 * Takes an XML document as it comes, in chunks cut anywhere, and passes on what somebody reads: inside the elements of
 * `parts` only those that are listed there, outside them everything, byte for byte. An answer of EC2 has some ninety
 * elements for an instance, of which a fifth is read; the rest would be parsed and dropped.
 *
 * Dropped elements may hold comments, CDATA and elements of their own name. Bytes that are not XML pass unchanged.
 */
export class XmlSieve {
  readonly #parts: ReadonlyMap<string, Kept>;
  /** What is kept below each open element; undefined: everything, and an element of `parts` begins a part. */
  readonly #open: Below[] = [];
  readonly #out: string[] = [];
  /** What has come and could not be judged yet: the beginning of a tag. */
  #rest = "";
  /** The element that is being dropped, and how many of its name are open. */
  #dropped: { readonly name: string; depth: number } | undefined;
  /** The end of the comment, CDATA section or declaration that is open. */
  #until: string | undefined;
  #gaveUp = false;

  constructor(parts: ReadonlyMap<string, Kept>) {
    this.#parts = parts;
  }

  /** Takes the next bytes. */
  push(chunk: Uint8Array): void {
    // Byte for byte, also where a character of several bytes is cut in two.
    const text = this.#rest +
      Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString("latin1");
    this.#rest = "";
    if (this.#gaveUp) this.#out.push(text);
    else this.#take(text);
  }

  /** What is left of the document. */
  end(): Uint8Array {
    if (this.#dropped === undefined) this.#out.push(this.#rest);
    this.#rest = "";
    return bytesOf(this.#out.join(""));
  }

  #take(text: string): void {
    let from = 0;
    let at = 0;
    while (at < text.length) {
      if (this.#until !== undefined) {
        const end = text.indexOf(this.#until, at);
        if (end === -1) return this.#wait(text, from, Math.max(at, text.length - this.#until.length + 1));
        at = end + this.#until.length;
        this.#until = undefined;
        if (this.#dropped !== undefined) from = at;
        continue;
      }
      const open = text.indexOf("<", at);
      if (open === -1) return this.#wait(text, from, text.length);
      if (this.#dropped === undefined && this.#isDroppedLeaf(text, open)) {
        if (open > from) this.#out.push(text.slice(from, open));
        at = from = LEAF.lastIndex;
        continue;
      }
      const special = specialAt(text, open);
      if (special === "cut") return this.#wait(text, from, open);
      if (special !== undefined) {
        this.#until = special;
        at = open + 2;
        continue;
      }
      const close = tagEnd(text, open);
      if (close === -1) {
        if (text.length - open > TAG_MAX) this.#gaveUp = true;
        return this.#wait(text, from, this.#gaveUp ? text.length : open);
      }
      at = close + 1;
      if (this.#dropped !== undefined) {
        this.#drop(text, open, close);
        from = at;
        continue;
      }
      if (text[open + 1] === "/") {
        this.#open.pop();
        continue;
      }
      const name = nameAt(text, open + 1);
      const isClosed = text[close - 1] === "/";
      const below = this.#below(name);
      if (below === "dropped") {
        this.#out.push(text.slice(from, open));
        from = at;
        if (isClosed) continue;
        this.#dropped = { name, depth: 1 };
        at = from = this.#skip(text, at);
      } else if (!isClosed) this.#open.push(below);
    }
    this.#wait(text, from, text.length);
  }

  /** Whether a whole element of nothing but text begins here that nobody reads: one look instead of one a tag. */
  #isDroppedLeaf(text: string, open: number): boolean {
    const parent = this.#open.at(-1);
    if (parent === undefined || parent === true) return false;
    LEAF.lastIndex = open;
    const name = LEAF.exec(text)?.[1];
    return name !== undefined && !parent.has(name);
  }

  /** What is kept below an element that opens here. */
  #below(name: string): Below | "dropped" {
    const parent = this.#open.at(-1);
    if (parent === undefined) return this.#parts.get(name);
    if (parent === true) return true;
    return parent.get(name) ?? "dropped";
  }

  /** A tag inside the element that is being dropped. */
  #drop(text: string, open: number, close: number): void {
    const dropped = this.#dropped!;
    const isEnd = text[open + 1] === "/";
    if (nameAt(text, open + (isEnd ? 2 : 1)) !== dropped.name) return;
    if (isEnd) dropped.depth--;
    else if (text[close - 1] !== "/") dropped.depth++;
    if (dropped.depth === 0) this.#dropped = undefined;
  }

  /** Most elements are short and hold nothing special, so that one search finds where to go on: behind the end of it. */
  #skip(text: string, at: number): number {
    const { name, depth } = this.#dropped!;
    const end = text.indexOf(`</${name}>`, at);
    if (end === -1 || depth !== 1) return at;
    const inside = text.slice(at, end);
    if (inside.includes("<!") || inside.includes("<?") || inside.includes(`<${name}`)) return at;
    this.#dropped = undefined;
    return end + name.length + 3;
  }

  /** Passes on what is judged and keeps the rest for the next bytes. */
  #wait(text: string, from: number, judged: number): void {
    if (this.#dropped === undefined && judged > from) this.#out.push(text.slice(from, judged));
    this.#rest = text.slice(judged);
  }
}

/** A byte for each character. Answers of EC2 are ASCII, which the encoder takes at once, Buffer a byte at a time. */
function bytesOf(text: string): Uint8Array {
  const bytes = ENCODER.encode(text);
  return bytes.length === text.length ? bytes : Buffer.from(text, "latin1");
}

const ENCODER = new TextEncoder();

/** An element without attributes that holds nothing but text. */
const LEAF = /<([^\s<>\/"'!?]+)>[^<]*<\/\1>/y;

/** What ends the markup at a `<` that is not a tag; `cut`: more bytes are needed to know. */
function specialAt(text: string, open: number): string | undefined {
  const next = text[open + 1];
  if (next === undefined) return "cut";
  if (next === "?") return "?>";
  if (next !== "!") return undefined;
  if (text.startsWith("<!--", open)) return "-->";
  if (text.startsWith("<![CDATA[", open)) return "]]>";
  if ("<!--".startsWith(text.slice(open)) || "<![CDATA[".startsWith(text.slice(open))) return "cut";
  return ">";
}

/** The `>` of a tag; values in quotes may hold one. */
function tagEnd(text: string, open: number): number {
  let close = text.indexOf(">", open);
  while (close !== -1 && isInQuotes(text.slice(open, close))) close = text.indexOf(">", close + 1);
  return close;
}

function isInQuotes(tag: string): boolean {
  if (!tag.includes('"') && !tag.includes("'")) return false;
  let quote = "";
  for (const character of tag) {
    if (quote === "" ? character === '"' || character === "'" : character === quote) {
      quote = quote === "" ? character : "";
    }
  }
  return quote !== "";
}

const NAME_END = /[\s/>]/g;

function nameAt(text: string, start: number): string {
  NAME_END.lastIndex = start;
  return text.slice(start, NAME_END.exec(text)!.index);
}
