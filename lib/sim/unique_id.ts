/**
 * Hexadecimal digits that look random, are the same for the same seed, kind and number, and differ between
 * numbers: an instance id must not repeat, and a test must be repeatable.
 */
export function hexDigits(seed: number, kind: string, number: number, length: number): string {
  let digits = "";
  for (let word = 0; digits.length < length; word++) {
    digits += mix(hash(`${kind}/${word}`, seed) ^ Math.imul(number, 0x9e3779b1)).toString(16).padStart(
      8,
      "0",
    );
  }
  return digits.slice(0, length);
}

/** An id as EC2 makes them today: prefix, `-0`, 16 hexadecimal digits. The number is within, so no two are equal. */
export function resourceId(prefix: string, seed: number, number: number): string {
  return `${prefix}-0${hexDigits(seed, prefix, number, 9)}${
    (number % 0x10000000).toString(16).padStart(7, "0")
  }`;
}

/** A request id as AWS makes them: a UUID of version 4. */
export function requestId(seed: number, number: number): string {
  const hex = hexDigits(seed, "request", number, 32);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${
    hex.slice(20)
  }`;
}

function hash(text: string, seed: number): number {
  let h = seed ^ 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h;
}

/** The finalizer of MurmurHash3: every input bit changes about half of the output bits. */
function mix(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
