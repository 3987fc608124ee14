import {
  type Comment,
  type Document,
  type Entry,
  type FileKind,
  type IncludeEntry,
  type ParseProblem,
  RECORD_TYPES,
  type RecordEntry,
  type RecordType,
  type Setting,
  type SettingEntry,
  type SourceFile,
  type Span,
} from "./document.ts";
import { directoryOf, fileKind, includePaths } from "./include_path.ts";
import { Cursor } from "./cursor.ts";
import { logicalLines } from "./logical_line.ts";
import { failureName, readFailure } from "../base/read_failure.ts";
import { encode, sourceFile } from "./source_file.ts";

/** Gets a file's bytes; throws what Deno throws (`NotFound`, `PermissionDenied`, `NotCapable`, `IsADirectory`, …). */
export type ReadFile = (path: string) => Uint8Array;

/**
 * Largest file that is parsed. A node definition takes about 200 bytes, so this is some 80,000 nodes on lines of
 * their own, more than Slurm takes (65,536).
 */
export const MAX_FILE_BYTES = 16 * 1024 * 1024;

/** Include lines followed in one configuration; a file may include another twice, and so on, without end. */
export const MAX_INCLUDES = 1_000;

/** A file whose comments are still being gathered. */
type LoadedFile = SourceFile & { comments: Comment[]; hasTwin?: boolean };

interface State {
  readonly read: ReadFile;
  readonly cache: Map<string, LoadedFile>;
  readonly files: LoadedFile[];
  readonly entries: Entry[];
  readonly problems: ParseProblem[];
  /** What DEFAULT lines said so far, by record type. A new map with each DEFAULT line: records keep theirs. */
  readonly defaults: Map<RecordType, ReadonlyMap<string, Setting>>;
  includes: number;
  clusterName: string | undefined;
}

/**
 * Reads a slurm.conf or gres.conf and all that it includes, as Slurm's own parser does
 * (https://github.com/SchedMD/slurm/blob/master/src/common/parse_config.c). Whatever is wrong inside a file, or
 * with an included file, becomes one of the document's problems; text is never lost.
 *
 * @throws what `read` throws for the file itself
 */
export function parseDocument(path: string, read: ReadFile, kind: FileKind = fileKind(path)): Document {
  const state = newState(read);
  const root = load(state, path, kind, undefined);
  parseFile(state, root, [path]);
  return { root, files: state.files, entries: state.entries, problems: state.problems };
}

/** Parses one text that is not a file on disk; its includes are all unreadable. */
export function parseText(text: string | Uint8Array, path = "slurm.conf"): Document {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  return parseDocument(path, (asked) => {
    if (asked === path) return bytes;
    throw new Deno.errors.NotFound(`No such file: "${asked}"`);
  });
}

/** The bytes of a file of a document: those it was read from. */
export function printFile(file: SourceFile): Uint8Array {
  return encode(file.text, file.encoding);
}

function newState(read: ReadFile): State {
  return {
    read,
    cache: new Map(),
    files: [],
    entries: [],
    problems: [],
    defaults: new Map(),
    includes: 0,
    clusterName: undefined,
  };
}

/** Reads and decodes a file once; a file that can't be parsed is kept as an empty text with a problem. */
function load(
  state: State,
  path: string,
  kind: FileKind,
  from: Span | undefined,
): LoadedFile {
  const known = state.cache.get(path);
  if (known !== undefined) return known;
  const bytes = state.read(path);
  const refusal = refuse(bytes);
  const read = sourceFile(path, kind, refusal === undefined ? bytes : new Uint8Array());
  const twin = read.text === "" ? undefined : state.files.find(({ text }) => text === read.text);
  if (twin !== undefined) twin.hasTwin = true;
  const file = twin === undefined ? read : { ...read, twin: twin.path };
  state.cache.set(path, file);
  state.files.push(file);
  if (refusal !== undefined) {
    // Inside the file where we have its text, else at the Include line.
    const span = from ?? { file, start: 0, end: 0 };
    state.problems.push({ kind: refusal.kind, span, message: `${JSON.stringify(path)} ${refusal.message}` });
  }
  return file;
}

function refuse(
  bytes: Uint8Array,
): { readonly kind: "binary" | "too-large"; readonly message: string } | undefined {
  if (bytes.length > MAX_FILE_BYTES) {
    const megabytes = (bytes.length / 1024 / 1024).toFixed(1);
    return {
      kind: "too-large",
      message: `has ${megabytes} MiB: files above ${MAX_FILE_BYTES / 1024 / 1024} MiB are not read`,
    };
  }
  const nul = bytes.indexOf(0);
  if (nul < 0) return undefined;
  const line = countLines(bytes.subarray(0, nul));
  return { kind: "binary", message: `is not text: line ${line} has a NUL byte (offset ${nul})` };
}

function countLines(bytes: Uint8Array): number {
  let lines = 1;
  for (const byte of bytes) if (byte === 10) lines++;
  return lines;
}

function parseFile(state: State, file: LoadedFile, stack: readonly string[]): void {
  // A file included twice has its comments noted once.
  const comments: Comment[] = [];
  for (const line of logicalLines(file, comments)) {
    if (line.unfinished) {
      const span = { file, start: line.start, end: line.end };
      problem(
        state,
        "continuation-at-end",
        span,
        "The file ends after a backslash that announces another line: remove the backslash",
      );
    }
    parseLine(state, new Cursor(file, line), stack);
  }
  if (file.comments.length === 0) file.comments.push(...comments);
}

function parseLine(state: State, cursor: Cursor, stack: readonly string[]): void {
  if (cursor.restIsBlank()) return;
  if (cursor.file.text.startsWith("\uFEFF") && cursor.line.start === 0) {
    const span = { file: cursor.file, start: 0, end: 1 };
    problem(
      state,
      "byte-order-mark",
      span,
      "The file begins with a byte order mark, which Slurm takes for part of the first key: remove it",
    );
    if (cursor.at === 0 && cursor.text.startsWith("\uFEFF")) cursor.at = 1;
    if (cursor.restIsBlank()) return;
  }
  const include = cursor.takeInclude();
  if (include !== undefined) return followInclude(state, cursor, include, stack);
  const setting = cursor.takeSetting();
  if (setting === undefined) return brokenRest(state, cursor);
  const type = recordType(cursor.file.kind, setting.name);
  if (type === undefined) {
    const entry: SettingEntry = { kind: "setting", ...setting };
    if (entry.name === "clustername") state.clusterName = entry.value.text;
    state.entries.push(entry);
  } else {
    state.entries.push(takeRecord(state, cursor, type, setting));
  }
  if (!cursor.restIsBlank()) brokenRest(state, cursor);
}

const RECORD_BY_NAME: Readonly<Record<FileKind, ReadonlyMap<string, RecordType>>> = {
  "slurm.conf": new Map(RECORD_TYPES["slurm.conf"].map((type) => [type.toLowerCase(), type])),
  "gres.conf": new Map(RECORD_TYPES["gres.conf"].map((type) => [type.toLowerCase(), type])),
};

function recordType(kind: FileKind, name: string): RecordType | undefined {
  return RECORD_BY_NAME[kind].get(name);
}

/**
 * Keys that a PartitionName=DEFAULT line does not hand on to the lines below it, in lower case: seen on slurmctld
 * 22.05.8 (those that it knows), 24.11.5 and 26.05.5; all other keys are handed on.
 */
export const NOT_HANDED_ON: ReadonlySet<string> = new Set([
  "suspendtime",
  "powerdownonidle",
  "disablerootjobs",
  "exclusivetopo",
  "exclusiveuser",
  "selecttypeparameters",
]);

/** One for all lines without DEFAULT lines above them. */
const NO_DEFAULTS: ReadonlyMap<string, Setting> = new Map();

function takeRecord(state: State, cursor: Cursor, type: RecordType, first: Setting): RecordEntry {
  const settings = [first];
  for (let next = cursor.takeSetting(); next !== undefined; next = cursor.takeSetting()) settings.push(next);
  const isDefault = first.value.text.toUpperCase() === "DEFAULT" && cursor.file.kind === "slurm.conf";
  const defaults = state.defaults.get(type) ?? NO_DEFAULTS;
  const span = { file: first.span.file, start: first.span.start, end: settings.at(-1)!.span.end };
  if (isDefault) {
    const merged = new Map(defaults);
    for (const setting of settings.slice(1)) {
      if (type !== "PartitionName" || !NOT_HANDED_ON.has(setting.name)) merged.set(setting.name, setting);
    }
    state.defaults.set(type, merged);
  }
  return { kind: "record", type, name: first.value, isDefault, settings, defaults, span };
}

function followInclude(
  state: State,
  cursor: Cursor,
  entry: Omit<IncludeEntry, "resolved">,
  stack: readonly string[],
): void {
  if (cursor.at === cursor.text.length) {
    // The C code looks for the blank behind the path without looking for the end of the line.
    const message = "Nothing follows the path, not even a line end: Slurm reads on into older text. " +
      "End the line, or put a blank before the comment";
    problem(state, "unterminated-include", entry.path.span, message);
  }
  const target = includeTarget(state, cursor.file, entry, stack);
  state.entries.push({ ...entry, resolved: target?.path });
  if (!cursor.restIsBlank()) brokenRest(state, cursor);
  if (target !== undefined) parseFile(state, target, [...stack, target.path]);
}

function includeTarget(
  state: State,
  from: SourceFile,
  entry: Omit<IncludeEntry, "resolved">,
  stack: readonly string[],
): LoadedFile | undefined {
  const { span, text } = entry.path;
  const paths = includePaths(
    text,
    { root: directoryOf(stack[0]!), includer: directoryOf(from.path) },
    state.clusterName,
  );
  if (paths === undefined) {
    const message = "%c stands for ClusterName, which no line above sets: move ClusterName above this line";
    problem(state, "include-cluster-name", span, message);
    return undefined;
  }
  const loop = paths.find((path) => stack.includes(path));
  if (loop !== undefined) {
    const circle = [...stack.slice(stack.indexOf(loop)), loop].map((path) => JSON.stringify(path)).join(
      " → ",
    );
    problem(state, "include-loop", span, `Include loop: ${circle}. Remove this line`);
    return undefined;
  }
  if (++state.includes > MAX_INCLUDES) {
    // One message for all of them.
    if (state.includes === MAX_INCLUDES + 1) {
      const message = `More than ${MAX_INCLUDES} files are included: this and later ones are not read`;
      problem(state, "include-limit", span, message);
    }
    return undefined;
  }
  return firstReadable(state, paths, entry, from.kind);
}

/** Newer releases take the first of the paths, older ones the last: two that differ are worth a word. */
function firstReadable(
  state: State,
  paths: readonly string[],
  entry: Omit<IncludeEntry, "resolved">,
  kind: FileKind,
): LoadedFile | undefined {
  const { span } = entry.path;
  const failures = paths.map((path) =>
    failureOf(() => paths.length === 1 ? load(state, path, kind, span) : state.read(path))
  );
  const used = paths.find((_, index) => failures[index] === undefined);
  if (used !== undefined) {
    if (paths.length > 1) {
      const which = failures[1] !== undefined ? "-new" : failures[0] !== undefined ? "-old" : "";
      const message =
        `A relative path in an included file: newer releases read ${JSON.stringify(paths[0])}, ` +
        `older ones ${JSON.stringify(paths[1])}. Give the absolute path`;
      problem(state, `relative-include${which}`, span, message);
    }
    return load(state, used, kind, span);
  }
  const failure = failures[0];
  const reason = /[*?[]/.test(entry.path.text)
    ? "Slurm expands no patterns, name every file"
    : readFailure(failure);
  const isDirectory = failureName(failure) === "IsADirectory";
  const message = `Can't read the included file ${JSON.stringify(paths[0])}: ${reason}`;
  problem(state, isDirectory ? "directory-include" : "include-unreadable", span, message);
  return undefined;
}

/** What an action throws; undefined when it succeeds. */
function failureOf(action: () => unknown): unknown {
  try {
    action();
    return undefined;
  } catch (failure) {
    return failure;
  }
}

/** What is left of a line that Slurm can't use: one entry, one problem that says the likeliest cause. */
function brokenRest(state: State, cursor: Cursor): void {
  const { span, text } = cursor.takeRest();
  const previous = state.entries.at(-1);
  const begun = previous !== undefined && "span" in previous && previous.span.file === span.file &&
    previous.span.start >= cursor.line.start && previous.kind !== "broken";
  state.entries.push({ kind: "broken", text, span });
  const shown = JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
  const empty = /^([A-Za-z0-9_.]+)\s*[-*+/]?=\s*$/.exec(text);
  if (empty !== null) {
    problem(state, "empty-value", span, `${empty[1]} has no value: give one, or remove the line`);
  } else if (begun && /^[A-Za-z0-9_.]+\s*[-*+/]?=\s*\S/.test(text)) {
    problem(
      state,
      "second-setting",
      span,
      `A second setting on the line: ${shown}. Put it on a line of its own`,
    );
  } else if (begun && previous.kind !== "include") {
    problem(
      state,
      "blank-in-value",
      span,
      `Text after the value: ${shown}. Remove the blank before it, or put the whole value in double quotes`,
    );
  } else if (/^\s*include\s/i.test(text)) {
    problem(state, "syntax", span, "Include must begin in the first column: remove the blanks before it");
  } else {
    problem(state, "syntax", span, `Not a key=value: ${shown}. Comment it out with # or remove it`);
  }
}

function problem(state: State, kind: ParseProblem["kind"], span: Span, message: string): void {
  state.problems.push({ kind, span, message });
}
