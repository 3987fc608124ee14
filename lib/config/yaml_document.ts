import { type Document, LineCounter, parseDocument } from "yaml";

/** Larger files are no configuration; reading them would only make a hook late. Characters. */
const MAX_LENGTH = 4 * 1024 * 1024;

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

/** A YAML document, or why the text is none. */
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
    return parse(text);
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
    const message = `The file is larger than ${MAX_LENGTH / 1024 / 1024} MiB: this is no configuration`;
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
  const lines = new LineCounter();
  const position = (offset: number) => {
    const { line, col } = lines.linePos(Math.min(offset, text.length));
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  // Repeated keys are found where the keys are read, with the line of the first.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const faults = [...document.errors, ...document.warnings].map(({ code, message, pos }) => ({
    ...position(pos[0]),
    message: `Not valid YAML: ${message.charAt(0).toLowerCase()}${message.slice(1).replace(/\.$/, "")}`,
    hint: hint(code),
  }));
  return faults.length > 0 ? { kind: "unreadable", faults } : { kind: "document", document, position };
}

function hint(code: string): string | undefined {
  if (code === "TAB_AS_INDENT") return "indent with spaces";
  if (code === "MULTIPLE_DOCS") return "remove the line --- and what follows it";
  if (code === "TAG_RESOLVE_FAILED") return "quote a value that begins with '!'";
  return undefined;
}
