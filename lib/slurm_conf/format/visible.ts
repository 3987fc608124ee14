/**
 * A text fit for a terminal: control characters, which a file could use to rewrite what is shown, become their
 * visible pictures (U+2400 ff.), one for one so that columns stay; tabs stay.
 */
export function visible(text: string): string {
  if (/^[\t\x20-\x7e]*$/.test(text)) return text;
  return [...text].map((character) => {
    const code = character.codePointAt(0)!;
    if (code === 9) return character;
    if (code < 32) return String.fromCodePoint(0x2400 + code);
    if (code === 127) return "\u2421";
    // C1 controls, bidirectional overrides and isolates.
    const hidden = (code >= 128 && code < 160) || (code >= 0x202a && code <= 0x202e) ||
      (code >= 0x2066 && code <= 0x2069);
    return hidden ? "\uFFFD" : character;
  }).join("");
}
