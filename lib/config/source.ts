import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import type { Problem } from "../base/problem.ts";
import { renameFormerKeys } from "./former_keys.ts";
import { type Path, pathText } from "./path.ts";
import { kindOf, type Shape, unwrap, wantsText } from "./shape.ts";
import { unknownKeyHint } from "./unknown_key.ts";
import { parseYaml, type Position } from "./yaml_document.ts";

/** Values that aliases may multiply a file to, so that a small file can't eat the memory. */
const MAX_VALUES = 200_000;

/** A piece of the file that a problem is about. */
export interface Place {
  readonly path: Path;
  readonly part: "key" | "value";
  /** Characters into the value, for values that have a grammar of their own. */
  readonly offset?: number;
}

/** A YAML file as plain data in the shape of a schema, and where each piece of it stands. */
export interface Source {
  /** Plain data; pieces of the wrong kind and unknown keys are left out. Undefined when nothing could be read. */
  readonly value: unknown;
  /** Syntax errors, unknown and repeated keys, values of the wrong kind. */
  readonly problems: readonly Problem[];
  /** Those of the problems that are unknown keys, which a reader of other programs' files may forgive. */
  readonly unknownKeys: readonly Problem[];
  /** One sentence for each key that has another name now. */
  readonly formerKeys: readonly string[];
  /** Whether the value at this path, or one around it, is of the wrong kind, which is among the problems. */
  isBad(path: Path): boolean;
  has(path: Path): boolean;
  /** The value as a message shows it, shortened. */
  show(path: Path): string;
  /** A problem at a piece of the file, or at what is nearest around it when it isn't there. */
  problem(place: Place, message: string, hint?: string): Problem;
}

/** A value and its key as they stand in the file. */
interface Entry {
  readonly key: Node | null;
  readonly value: Node | null;
  readonly path: Path;
}

/** All that one reading of a file gathers. */
interface Reading {
  readonly document: Document.Parsed;
  readonly entries: Map<string, Entry>;
  readonly bad: Set<string>;
  /** Nodes that the value being read is part of: an alias of one of them never ends. */
  readonly open: Set<Node>;
  readonly report: (node: Node | null, message: string, hint?: string) => Problem;
  readonly unknownKeys: Problem[];
  /** Schema of the whole file. */
  readonly root: Shape;
  readonly lineOf: (node: Node) => number;
  values: number;
}

/** Reads YAML in the shape of `schema`; never throws, whatever the text. */
export function readSource(text: string, file: string, schema: Shape): Source {
  // Editors don't count the byte order mark as a column.
  const body = text.startsWith("\uFEFF") ? text.slice(1) : text;
  const yaml = parseYaml(body);
  if (yaml.kind === "unreadable") return unreadable(yaml.faults.map((fault) => ({ file, ...fault })));
  const contents = yaml.document.contents as Node | null;
  if (isNothing(contents)) {
    const hint = "slurm-ec2 config init writes one to begin with";
    return unreadable([{ file, line: 1, column: 1, message: "The file is empty", hint }]);
  }
  const problems: Problem[] = [];
  const formerKeys = renameFormerKeys(yaml.document);
  const reading: Reading = {
    document: yaml.document,
    entries: new Map(),
    bad: new Set(),
    open: new Set(),
    report: (node, message, hint) => {
      const problem = { file, ...yaml.position(offsetOf(node)), message, hint };
      problems.push(problem);
      return problem;
    },
    unknownKeys: [],
    root: schema,
    lineOf: (node) => yaml.position(offsetOf(node)).line,
    values: 0,
  };
  const value = readValue(reading, { key: null, value: contents, path: [] }, schema);
  return source(reading, { value, problems, formerKeys, file, text: body, position: yaml.position });
}

interface Result {
  readonly value: unknown;
  readonly problems: readonly Problem[];
  readonly formerKeys: readonly string[];
  readonly file: string;
  readonly text: string;
  readonly position: (offset: number) => Position;
}

function source(
  { entries, bad, unknownKeys }: Reading,
  { value, problems, formerKeys, file, text, position }: Result,
): Source {
  const entryAt = (path: Path) => entries.get(keyOf(path));
  return {
    value,
    problems,
    unknownKeys,
    formerKeys,
    isBad: (path) => [...path.keys(), path.length].some((length) => bad.has(keyOf(path.slice(0, length)))),
    has: (path) => entries.has(keyOf(path)),
    show: (path) => describe(entryAt(path)?.value ?? null),
    problem({ path, part, offset }, message, hint) {
      const inside = offset === undefined ? 0 : offsetInside(entryAt(path)?.value ?? null, offset, text);
      return { file, ...position(startOf(entries, path, part) + inside), message, hint };
    },
  };
}

function unreadable(problems: readonly Problem[]): Source {
  const { file, line, column } = problems[0]!;
  return {
    value: undefined,
    problems,
    unknownKeys: [],
    formerKeys: [],
    isBad: () => true,
    has: () => false,
    show: () => "nothing",
    problem: (_place, message, hint) => ({ file, line, column, message, hint }),
  };
}

function readValue(reading: Reading, entry: Entry, outer: Shape): unknown {
  const shape = unwrap(outer);
  const { value: node, path } = entry;
  reading.entries.set(keyOf(path), entry);
  if (++reading.values > MAX_VALUES) {
    return mismatch(reading, entry, `part of a file of at most ${MAX_VALUES} values`);
  }
  if (isAlias(node)) {
    const target = node.resolve(reading.document);
    if (!target || reading.open.has(target)) {
      return mismatch(reading, entry, "an alias of an anchor before it");
    }
    return readValue(reading, { ...entry, value: target }, shape);
  }
  const kind = kindOf(shape);
  // Only whether it is there matters.
  if (kind === "any") return true;
  if (kind === "map") {
    return isMap(node) ? readMap(reading, node, shape, path) : mismatch(reading, entry, "keys and values");
  }
  if (kind === "list") {
    return isSeq(node) ? readList(reading, node, shape, path) : mismatch(reading, entry, "a list");
  }
  if (node !== null && !isScalar(node)) return mismatch(reading, entry, "a single value");
  if (!wantsText(shape)) return node?.value ?? undefined;
  // What YAML reads as a number may have lost a zero: 24.10 is meant as it is written.
  return typeof node?.value === "string" ? node.value : node?.source ?? "";
}

function readList(reading: Reading, list: YAMLSeq, shape: Shape, path: Path): unknown[] {
  reading.open.add(list);
  const items = list.items.map((item, index) =>
    readValue(reading, { key: null, value: item as Node | null, path: [...path, index] }, shape.item!)
  );
  reading.open.delete(list);
  return items;
}

function readMap(reading: Reading, map: YAMLMap, shape: Shape, path: Path): Record<string, unknown> {
  reading.open.add(map);
  const result: Record<string, unknown> = Object.create(null);
  const seen = new Map<string, Node>();
  for (const pair of map.items as Pair<Node, Node | null>[]) {
    const name = readKey(reading, pair.key, seen, path);
    if (name === undefined) continue;
    const known = shape.entries;
    const inner = !known ? shape.value : Object.hasOwn(known, name) ? known[name] : undefined;
    if (!inner) {
      const hint = unknownKeyHint({ name, path, known: Object.keys(known ?? {}), root: reading.root });
      reading.unknownKeys.push(
        reading.report(pair.key, `Unknown key "${shorten(name)}"${within(path)}`, hint),
      );
      continue;
    }
    const entry = { key: pair.key, value: pair.value, path: [...path, name] };
    reading.entries.set(keyOf(entry.path), entry);
    // A key whose value is commented out counts as absent, so that the schema's default applies.
    if (!known || !isNothing(pair.value)) result[name] = readValue(reading, entry, inner);
  }
  reading.open.delete(map);
  return result;
}

/** The text of a key, unless it is not text or was there before, which is reported. */
function readKey(
  reading: Reading,
  key: Node | null,
  seen: Map<string, Node>,
  path: Path,
): string | undefined {
  if (!isScalar(key)) {
    reading.report(key, `Keys${within(path)} must be plain text, got ${describe(key)}`);
    return undefined;
  }
  const name = typeof key.value === "string" ? key.value : key.source ?? String(key.value);
  const first = seen.get(name);
  if (first) {
    const message = `Key "${shorten(name)}" is given twice${within(path)}, first in line ${
      reading.lineOf(first)
    }`;
    reading.report(key, message);
    return undefined;
  }
  seen.set(name, key);
  return name;
}

function mismatch(reading: Reading, { key, value, path }: Entry, expected: string): undefined {
  reading.bad.add(keyOf(path));
  const subject = path.length === 0 ? "The file" : `Key ${pathText(path)}`;
  reading.report(value ?? key, `${subject} must be ${expected}, got ${describe(value)}`);
}

/** Where a piece begins; for one that isn't there, the key of what is nearest around it. */
function startOf(entries: ReadonlyMap<string, Entry>, path: Path, part: Place["part"]): number {
  for (let length = path.length; length >= 0; length--) {
    const entry = entries.get(keyOf(path.slice(0, length)));
    if (!entry) continue;
    const isItself = length === path.length;
    return offsetOf(part === "value" && isItself ? entry.value ?? entry.key : entry.key ?? entry.value);
  }
  return 0;
}

/** Characters from the start of a scalar to a character of its value; 0 where the file doesn't hold it letter by letter. */
function offsetInside(node: Node | null, offset: number, text: string): number {
  if (!isScalar(node) || typeof node.value !== "string" || !node.range) return 0;
  const quote = node.type === "QUOTE_DOUBLE" || node.type === "QUOTE_SINGLE" ? 1 : 0;
  return text.startsWith(node.value, node.range[0] + quote) ? quote + offset : 0;
}

const keyOf = (path: Path) => JSON.stringify(path);
const offsetOf = (node: Node | null) => node?.range?.[0] ?? 0;
const isNothing = (node: Node | null) => node === null || (isScalar(node) && node.value === null);
const within = (path: Path) => path.length === 0 ? "" : ` in ${pathText(path)}`;
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
