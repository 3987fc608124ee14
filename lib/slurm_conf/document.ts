/** How a file's bytes became text; {@link SourceFile.text} turns back into the same bytes. */
export type Encoding = "utf-8" | "latin-1";

/** Which of Slurm's parsers reads the file. */
export type FileKind = "slurm.conf" | "gres.conf";

/** One file as read, nothing left out. */
export interface SourceFile {
  /** As given on the command line, or as the Include line resolves to. */
  readonly path: string;
  /** Which parser reads it. */
  readonly kind: FileKind;
  /** How its bytes became text. */
  readonly encoding: Encoding;
  /** Everything, line ends included. */
  readonly text: string;
  /** The path of an earlier file of the document with the same text: most often one file under two names. */
  readonly twin?: string;
  /** Whether a later file of the document has this one for its twin. */
  readonly hasTwin?: boolean;
  /** Offset of the first character of each line; `lineStarts[0]` is 0. */
  readonly lineStarts: readonly number[];
  /** In the order of the text. */
  readonly comments: readonly Comment[];
}

/** A part of a file: offsets into its text in UTF-16 code units, the end not included. */
export interface Span {
  /** The file it is a part of. */
  readonly file: SourceFile;
  /** Offset of the first character. */
  readonly start: number;
  /** Offset behind the last character. */
  readonly end: number;
}

/** A place as people and editors count: from 1, columns in UTF-16 code units. */
export interface Position {
  /** 1 is the first. */
  readonly line: number;
  /** 1 is the first. */
  readonly column: number;
}

/** A `#` and what follows on its line. */
export interface Comment {
  /** Without the `#`. */
  readonly text: string;
  /** Offset of the `#`. */
  readonly start: number;
  /** Offset of the line end behind it. */
  readonly end: number;
}

/** A value as Slurm sees it: continuation lines joined, escapes and quotes taken away. */
export interface Value {
  /** What Slurm gets. */
  readonly text: string;
  /** In the source, with its quotes. */
  readonly span: Span;
  /** Whether it stands in double quotes. */
  readonly quoted: boolean;
  /**
   * Offset in the source of each character of `text`; absent when the text stands in the source as it is, from
   * `span.start` (or the quote there) on.
   */
  readonly offsets?: readonly number[];
}

/** One `key=value`. */
export interface Setting {
  /** As written. */
  readonly key: string;
  /** The key in lower case: Slurm's keys don't differ by case. */
  readonly name: string;
  /** The key alone. */
  readonly keySpan: Span;
  /** Slurm's parser takes `+=`, `-=`, `*=` and `/=` too, and treats them all like `=` in slurm.conf. */
  readonly operator: "=" | "+=" | "-=" | "*=" | "/=";
  /** What it is set to. */
  readonly value: Value;
  /** From the key to the end of the value. */
  readonly span: Span;
}

/** Keys that begin a line of several settings about one thing. */
export const RECORD_TYPES = {
  "slurm.conf": ["NodeName", "PartitionName", "NodeSet", "DownNodes", "FrontendName", "PowerAction"],
  "gres.conf": ["Name", "NodeName"],
} as const;

/** What a record is about, by its first key in Slurm's spelling. */
export type RecordType = typeof RECORD_TYPES[FileKind][number];

/** A plain line: `SlurmctldPort=6817`. */
export interface SettingEntry extends Setting {
  /** Which kind of entry it is. */
  readonly kind: "setting";
}

/** A line such as `NodeName=c[0-9] CPUs=4 State=CLOUD`. */
export interface RecordEntry {
  /** Which kind of entry it is. */
  readonly kind: "record";
  /** The first key, in Slurm's spelling. */
  readonly type: RecordType;
  /** The value of the first key: a hostlist, a partition's name, `DEFAULT`. */
  readonly name: Value;
  /** Whether this line only sets defaults for the lines of its type below it. */
  readonly isDefault: boolean;
  /** All of the line's settings in order, the first key included. */
  readonly settings: readonly Setting[];
  /** What the `DEFAULT` lines above say, by key in lower case. */
  readonly defaults: ReadonlyMap<string, Setting>;
  /** From the first key to the end of the last value. */
  readonly span: Span;
}

/** `Include path`. Its file's entries follow it in {@link Document.entries}. */
export interface IncludeEntry {
  /** Which kind of entry it is. */
  readonly kind: "include";
  /** As written. */
  readonly path: Value;
  /** The path as opened; undefined when it could not be found or read. */
  readonly resolved?: string;
  /** The whole line. */
  readonly span: Span;
}

/** Text that Slurm's parser can't use; slurmctld does not start with it. */
export interface BrokenEntry {
  /** Which kind of entry it is. */
  readonly kind: "broken";
  /** Without the blanks around it. */
  readonly text: string;
  /** In the source. */
  readonly span: Span;
}

/** One logical line (continuations joined), or what is left of it. */
export type Entry = SettingEntry | RecordEntry | IncludeEntry | BrokenEntry;

/** What the parser itself found; lint.ts makes findings of them. */
export interface ParseProblem {
  /** Which rule it belongs to. */
  readonly kind:
    | "unreadable"
    | "binary"
    | "too-large"
    | "include-unreadable"
    | "include-loop"
    | "include-limit"
    | "include-cluster-name"
    | "directory-include"
    | "relative-include"
    | "relative-include-old"
    | "relative-include-new"
    | "unterminated-include"
    | "byte-order-mark"
    | "syntax"
    | "empty-value"
    | "second-setting"
    | "blank-in-value"
    | "continuation-at-end";
  /** What is wrong. */
  readonly span: Span;
  /** What is wrong and the next step, for people. */
  readonly message: string;
}

/** A configuration: one file given and all that it includes. */
export interface Document {
  /** The file given. */
  readonly root: SourceFile;
  /** In the order of first reading, the root first. */
  readonly files: readonly SourceFile[];
  /** Of all files, in the order in which Slurm reads them. */
  readonly entries: readonly Entry[];
  /** In the order in which they were met. */
  readonly problems: readonly ParseProblem[];
}

/** Line and column of an offset. */
export function positionAt(file: SourceFile, offset: number): Position {
  let [low, high] = [0, file.lineStarts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (file.lineStarts[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - file.lineStarts[low]! + 1 };
}

/** The text of a line (counted from 1) without its line end. */
export function lineText(file: SourceFile, line: number): string {
  const text = file.text.slice(file.lineStarts[line - 1], file.lineStarts[line] ?? file.text.length);
  return text.replace(/\r?\n$/, "");
}

/** The part of a value's source behind the characters from `from` up to, not including, `to` of its text. */
export function spanInValue(value: Value, from: number, to: number): Span {
  const { file, start, end } = value.span;
  if (value.offsets === undefined) {
    const first = start + (value.quoted ? 1 : 0);
    return { file, start: first + from, end: first + to };
  }
  const first = value.offsets[from] ?? end;
  return { file, start: first, end: to > from ? value.offsets[to - 1]! + 1 : first };
}

/**
 * A record's setting in force: the line's own, the last where it is repeated, else what the DEFAULT lines above
 * it say. Keys in any case.
 */
export function recordSetting(record: RecordEntry, key: string): Setting | undefined {
  const name = key.toLowerCase();
  const { settings } = record;
  for (let i = settings.length - 1; i >= 0; i--) if (settings[i]!.name === name) return settings[i];
  return record.defaults.get(name);
}
