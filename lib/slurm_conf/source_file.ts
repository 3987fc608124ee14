import type { Comment, Encoding, FileKind, SourceFile } from "./document.ts";

/** The text of a file and how to get its bytes back. UTF-8 where the bytes are that, else Latin-1. */
export function decode(bytes: Uint8Array): { readonly text: string; readonly encoding: Encoding } {
  try {
    return {
      text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes),
      encoding: "utf-8",
    };
  } catch {
    return { text: latin1(bytes), encoding: "latin-1" };
  }
}

/** The bytes of a text in the encoding it was read with: the inverse of {@link decode}. */
export function encode(text: string, encoding: Encoding): Uint8Array {
  if (encoding === "utf-8") return new TextEncoder().encode(text);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** A file as text with its line starts; comments are the parser's to add. */
export function sourceFile(
  path: string,
  kind: FileKind,
  bytes: Uint8Array,
): SourceFile & { comments: Comment[] } {
  const { text, encoding } = decode(bytes);
  const lineStarts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lineStarts.push(at + 1);
  return { path, kind, encoding, text, lineStarts, comments: [] };
}

/** TextDecoder("latin1") is windows-1252 (https://encoding.spec.whatwg.org/#names-and-labels), which loses bytes. */
function latin1(bytes: Uint8Array): string {
  // Chunks, because a call takes a limited number of arguments.
  const chunks: string[] = [];
  for (let i = 0; i < bytes.length; i += 8192) {
    chunks.push(String.fromCharCode(...bytes.subarray(i, i + 8192)));
  }
  return chunks.join("");
}
