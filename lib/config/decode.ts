import { ProblemError } from "../base/problem.ts";

/**
 * The text of a file's bytes.
 * @throws {ProblemError} at the first byte that is not UTF-8.
 */
export function decodeText(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    const before = textBeforeFault(bytes);
    const lines = before.split("\n");
    const fault = bytes[new TextEncoder().encode(before).length]!;
    const message = `The file is not UTF-8: found the byte 0x${fault.toString(16).padStart(2, "0")}`;
    const place = { file, line: lines.length, column: lines.at(-1)!.length + 1 };
    throw new ProblemError([{ ...place, message, hint: encodingHint(bytes) }]);
  }
}

/** All text up to the first character that is not UTF-8, found by bisection. */
function textBeforeFault(bytes: Uint8Array): string {
  let [low, high] = [0, bytes.length];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (decodeStart(bytes.subarray(0, middle)) === undefined) high = middle - 1;
    else low = middle;
  }
  return decodeStart(bytes.subarray(0, low)) ?? "";
}

/** The text of bytes that may end within a character; undefined when they are not UTF-8. */
function decodeStart(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes, { stream: true });
  } catch {
    return undefined;
  }
}

function encodingHint([first, second]: Uint8Array): string {
  const isUtf16 = (first === 0xFF && second === 0xFE) || (first === 0xFE && second === 0xFF);
  return isUtf16 ? "it looks like UTF-16: save it as UTF-8" : "save it as UTF-8";
}
