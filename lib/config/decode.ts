import { ProblemError } from "../base/problem.ts";

/**
 * The text of a file's bytes.
 * @throws {ProblemError} at the first byte that is not UTF-8.
 */
export function decodeText(bytes: Uint8Array, file: string): string {
  const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  try {
    return strict.decode(bytes);
  } catch {
    const good = new TextDecoder().decode(bytes.subarray(0, validLength(bytes)));
    const lines = good.split("\n");
    const byte = bytes[validLength(bytes)]!.toString(16).padStart(2, "0");
    const message = `The file is not UTF-8: found the byte 0x${byte}`;
    throw new ProblemError([{
      file,
      line: lines.length,
      column: lines.at(-1)!.length + 1,
      message,
      hint: encodingHint(bytes),
    }]);
  }
}

/** How many bytes from the start are whole UTF-8 characters. */
function validLength(bytes: Uint8Array): number {
  let [low, high] = [0, bytes.length];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (isWhole(bytes.subarray(0, middle))) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Whether bytes are UTF-8 but for a character that may be cut off at their end. */
function isWhole(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

function encodingHint(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if ((first === 0xFF && second === 0xFE) || (first === 0xFE && second === 0xFF)) {
    return "it looks like UTF-16: save it as UTF-8";
  }
  return "save it as UTF-8";
}
