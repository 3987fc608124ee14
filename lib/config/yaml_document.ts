import { type Document, parseDocument } from "yaml";
import { withoutEnvironment } from "../base/without_environment.ts";

/** Larger files are not configurations; reading them would only make a hook late. Characters. */
const MAX_LENGTH = 4 * 1024 * 1024;

/** Syntax errors beyond these are echoes of the first. */
const MAX_FAULTS = 10;

/** A place in a text; both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Something that keeps a text from being read at all. */
export interface Fault extends Position {
  readonly message: string;
  readonly hint?: string;
}

/** A YAML document, or why the text is not one. */
export type YamlDocument =
  | {
    readonly kind: "document";
    readonly document: Document.Parsed;
    readonly position: (offset: number) => Position;
  }
  | { readonly kind: "unreadable"; readonly faults: readonly Fault[] };

/** Parses one YAML document; never throws, whatever the text. */
export function parseYaml(text: string): YamlDocument {
  const fault = notText(text);
  if (fault) return { kind: "unreadable", faults: [fault] };
  try {
    return withoutEnvironment(() => parse(text));
  } catch (error) {
    // The YAML library recurses, so brackets nested some thousand deep exhaust the stack.
    if (!(error instanceof RangeError)) throw error;
    return {
      kind: "unreadable",
      faults: [{ line: 1, column: 1, message: "The file is nested too deeply to be read" }],
    };
  }
}

function notText(text: string): Fault | undefined {
  if (text.length > MAX_LENGTH) {
    const message = `The file is larger than ${MAX_LENGTH / 1024 / 1024} MiB: this is not a configuration`;
    return { line: 1, column: 1, message };
  }
  // deno-lint-ignore no-control-regex -- finding control characters is the point
  const control = /[\0-\x08\x0B\x0C\x0E-\x1F\x7F]/.exec(text);
  if (!control) return undefined;
  const lines = text.slice(0, control.index).split("\n");
  const code = control[0].charCodeAt(0).toString(16).padStart(2, "0");
  const message = `Not a text file: found the control character 0x${code}`;
  return { line: lines.length, column: lines.at(-1)!.length + 1, message };
}

function parse(text: string): YamlDocument {
  const position = positions(text);
  // Repeated keys are found where the keys are read, with the line of the first.
  const document = parseDocument(text, { prettyErrors: false, uniqueKeys: false });
  const faults = [...document.errors, ...document.warnings].slice(0, MAX_FAULTS).map((
    { code, message, pos },
  ) => ({
    ...position(pos[0]),
    message: `Not valid YAML: ${message.charAt(0).toLowerCase()}${message.slice(1).replace(/\.$/, "")}`,
    hint: hint(code),
  }));
  return faults.length > 0 ? { kind: "unreadable", faults } : { kind: "document", document, position };
}

/** From offsets to lines and columns. The library's own counter misses lines behind a syntax error. */
function positions(text: string): (offset: number) => Position {
  const starts = [0];
  for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", end + 1)) starts.push(end + 1);
  return (offset) => {
    const place = Math.max(0, Math.min(offset, text.length));
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (starts[middle]! <= place) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: place - starts[low]! + 1 };
  };
}

function hint(code: string): string | undefined {
  if (code === "TAB_AS_INDENT") return "indent with spaces";
  if (code === "MULTIPLE_DOCS") return "remove the line --- and what follows it";
  if (code === "TAG_RESOLVE_FAILED") return "quote a value that begins with '!'";
  return undefined;
}
