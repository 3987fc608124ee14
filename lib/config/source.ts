import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type YAMLMap,
} from "yaml";
import { didYouMean } from "../base/did_you_mean.ts";
import type { Problem } from "../base/problem.ts";
import { type Path, pathText } from "./path.ts";
import { kindOf, type Shape, unwrap, wantsText } from "./shape.ts";

/** Larger files are no configuration; reading them would only make a hook late. Characters. */
const MAX_LENGTH = 4 * 1024 * 1024;
/** Values that aliases may multiply a file to, so that a small file can't eat the memory. */
const MAX_VALUES = 200_000;

/** Which part of a key and its value a problem is about. */
export type Part = "key" | "value";

/** A YAML file as plain data in the shape of a schema, and where each piece of it stands. */
export interface Source {
  /** Plain data; pieces of the wrong kind and unknown keys are left out. Undefined when nothing could be read. */
  readonly value: unknown;
  /** Syntax errors, unknown and repeated keys, values of the wrong kind. */
  readonly problems: readonly Problem[];
  /** Whether a problem was already found at this path or above it. */
  isBad(path: Path): boolean;
  has(path: Path): boolean;
  /** The value as a message shows it, shortened. */
  show(path: Path): string;
  /** A problem at a piece of the file, `offset` characters into it; at its nearest ancestor when it isn't there. */
  problem(place: Place, message: string, hint?: string): Problem;
}

/** A piece of the file that a problem is about. */
export interface Place {
  readonly path: Path;
  readonly part: Part;
  /** Characters into the value, for values that have a grammar of their own. */
  readonly offset?: number;
}

interface Entry {
  readonly key: Node | null;
  readonly value: Node | null;
}

/** Reads YAML in the shape of `schema`; never throws, whatever the text. */
export function readSource(text: string, file: string, schema: Shape): Source {
  const body = text.startsWith("\uFEFF") ? text.slice(1) : text;
  try {
    return read(body, file, schema);
  } catch (error) {
    // The YAML library recurses, so brackets nested some thousand deep exhaust the stack.
    if (!(error instanceof RangeError)) throw error;
    return unreadable({ file, line: 1, column: 1, message: "The file is nested too deeply to be read" });
  }
}

function unreadable(...problems: readonly Problem[]): Source {
  return {
    value: undefined,
    problems,
    isBad: () => true,
    has: () => false,
    show: () => "nothing",
    problem: (_place, message, hint) => ({ file: problems[0]!.file, line: 1, column: 1, message, hint }),
  };
}

function read(text: string, file: string, schema: Shape): Source {
  const at = (line: number, column: number, message: string, hint?: string): Problem => ({
    file,
    line,
    column,
    message,
    hint,
  });
  if (text.length > MAX_LENGTH) {
    return unreadable(
      at(1, 1, `The file is larger than ${MAX_LENGTH / 1024 / 1024} MiB: this is no configuration`),
    );
  }
  // deno-lint-ignore no-control-regex -- finding control characters is the point
  const control = /[\0-\x08\x0B\x0C\x0E-\x1F\x7F]/.exec(text);
  const lines = new LineCounter();
  const position = (offset: number) => {
    const { line, col } = lines.linePos(Math.min(offset, text.length));
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  if (control) {
    const before = text.slice(0, control.index).split("\n");
    const code = control[0].charCodeAt(0).toString(16).padStart(2, "0");
    return unreadable(
      at(before.length, before.at(-1)!.length + 1, `Not a text file: found the control character 0x${code}`),
    );
  }
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0) {
    const problems = faults.map(({ code, message, pos }) => {
      const { line, column } = position(pos[0]);
      return at(
        line,
        column,
        `Not valid YAML: ${message.charAt(0).toLowerCase()}${message.slice(1)}`,
        yamlHint(code),
      );
    });
    return unreadable(...problems);
  }

  const problems: Problem[] = [];
  const entries = new Map<string, Entry>();
  const bad = new Set<string>();
  const open = new Set<Node>();
  let values = 0;

  const offsetOf = (node: Node | null | undefined) => node?.range?.[0] ?? 0;
  const report = (node: Node | null, message: string, hint?: string) => {
    const { line, column } = position(offsetOf(node));
    problems.push(at(line, column, message, hint));
  };
  const mismatch = (node: Node | null, key: Node | null, path: Path, expected: string): undefined => {
    bad.add(keyOf(path));
    const subject = path.length === 0 ? "The file" : `Key ${pathText(path)}`;
    report(node ?? key, `${subject} must be ${expected}, got ${describe(node)}`);
  };

  const walkEntry = (
    pair: Pair,
    map: YAMLMap,
    shape: Shape,
    path: Path,
    seen: Map<string, Node>,
    result: Record<string, unknown>,
  ) => {
    const key = pair.key as Node | null;
    if (!isScalar(key)) {
      return report(key ?? map, `Keys${inside(path)} must be plain text, got ${describe(key)}`);
    }
    const name = key.source ?? String(key.value);
    const first = seen.get(name);
    if (first) {
      return report(
        key,
        `Key "${shorten(name)}" is given twice${inside(path)}, first in line ${
          position(offsetOf(first)).line
        }`,
      );
    }
    seen.set(name, key);
    const known = shape.entries;
    const entry = known ? (Object.hasOwn(known, name) ? known[name] : undefined) : shape.value;
    if (entry === undefined) {
      return report(
        key,
        `Unknown key "${shorten(name)}"${inside(path)}`,
        unknownKeyHint(name, path, Object.keys(known ?? {})),
      );
    }
    const value = pair.value as Node | null;
    const here = [...path, name];
    entries.set(keyOf(here), { key, value });
    // A key whose value is commented out counts as absent, so that the schema's default applies.
    if (known && (value === null || (isScalar(value) && value.value === null))) return;
    result[name] = walk(value, key, entry, here);
  };

  const walk = (node: Node | null, key: Node | null, outer: Shape, path: Path): unknown => {
    const shape = unwrap(outer);
    if (++values > MAX_VALUES) {
      return mismatch(node, key, path, `part of a file of at most ${MAX_VALUES} values`);
    }
    entries.set(keyOf(path), { key, value: node });
    if (isAlias(node)) {
      const target = node.resolve(document);
      if (!target || open.has(target)) return mismatch(node, key, path, "an alias of an anchor before it");
      return walk(target, key, shape, path);
    }
    const kind = kindOf(shape);
    if (kind === "map") {
      if (!isMap(node)) return mismatch(node, key, path, "keys and values");
      open.add(node);
      const result: Record<string, unknown> = Object.create(null);
      const seen = new Map<string, Node>();
      for (const pair of node.items) walkEntry(pair, node, shape, path, seen, result);
      open.delete(node);
      return result;
    }
    if (kind === "list") {
      if (!isSeq(node)) return mismatch(node, key, path, "a list");
      open.add(node);
      const items = node.items.map((item, index) =>
        walk(item as Node | null, null, shape.item!, [...path, index])
      );
      open.delete(node);
      return items;
    }
    if (node !== null && !isScalar(node)) {
      return mismatch(node, key, path, wantsText(shape) ? "text" : "a single value");
    }
    if (!wantsText(shape)) return node?.value ?? undefined;
    return typeof node?.value === "string" ? node.value : node?.source ?? "";
  };

  const contents = document.contents as Node | null;
  if (contents === null || (isScalar(contents) && contents.value === null)) {
    return unreadable(at(1, 1, "The file is empty", "slurm-ec2 config init writes one to begin with"));
  }
  const value = walk(contents, null, schema, []);
  const find = (path: Path, part: Part): number => {
    for (let length = path.length; length > 0; length--) {
      const entry = entries.get(keyOf(path.slice(0, length)));
      if (!entry) continue;
      // Above the path itself the key says more than the first key inside the value.
      return offsetOf(
        part === "value" && length === path.length ? entry.value ?? entry.key : entry.key ?? entry.value,
      );
    }
    return offsetOf(contents);
  };
  const within = (path: Path, offset: number): number => {
    const value = entries.get(keyOf(path))?.value;
    if (!isScalar(value) || typeof value.value !== "string" || !value.range) return 0;
    const quote = value.type === "QUOTE_DOUBLE" || value.type === "QUOTE_SINGLE" ? 1 : 0;
    // Only where the file holds the value letter by letter can a column be told inside of it.
    const begin = value.range[0] + quote;
    return text.startsWith(value.value, begin) ? quote + offset : 0;
  };
  return {
    value,
    problems,
    isBad: (path) => path.some((_, index) => bad.has(keyOf(path.slice(0, index + 1)))) || bad.has(keyOf([])),
    has: (path) => entries.has(keyOf(path)),
    show: (path) => describe(entries.get(keyOf(path))?.value ?? null),
    problem({ path, part, offset }, message, hint) {
      const { line, column } = position(find(path, part) + (offset === undefined ? 0 : within(path, offset)));
      return at(line, column, message, hint);
    },
  };
}

const keyOf = (path: Path) => path.join("\0");
const inside = (path: Path) => path.length === 0 ? "" : ` in ${pathText(path)}`;
const shorten = (text: string) => text.length > 60 ? `${text.slice(0, 60)}…` : text;

function describe(node: Node | null): string {
  if (isMap(node)) return "keys and values";
  if (isSeq(node)) return node.items.length === 0 ? "an empty list" : "a list";
  if (isAlias(node)) return `"*${shorten(node.source)}"`;
  if (!isScalar(node) || node.value === null) return "nothing";
  return JSON.stringify(
    shorten(typeof node.value === "string" ? node.value : node.source ?? String(node.value)),
  );
}

function yamlHint(code: string): string | undefined {
  if (code === "TAB_AS_INDENT") return "indent with spaces";
  if (code === "MULTIPLE_DOCS") return "remove the line --- and what follows it";
  if (code === "TAG_RESOLVE_FAILED") return "quote a value that begins with '!'";
  return undefined;
}

function unknownKeyHint(name: string, path: Path, known: readonly string[]): string | undefined {
  if (name === "<<") return "merge keys are not read: shared settings go under defaults";
  if (name === "Nodes" && path[0] === "partitions") return "the nodes are those of nodeGroups";
  const guess = didYouMean(name, known);
  if (guess !== undefined) return `did you mean ${guess}?`;
  return known.length <= 20 ? `known: ${known.join(", ")}` : undefined;
}
